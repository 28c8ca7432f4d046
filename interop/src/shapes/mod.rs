//! The shapes of databases that `make-sled` makes. Each is a function over an open, fresh database;
//! `SHAPES` is the list of them.

mod bulk;
mod history;
mod keys;
mod names;
mod records;
mod values;

use crate::rng::Rng;
use crate::{Result, sled_dir};
use sled_dir::Parameters;
use std::path::Path;

/// What the user may change about a shape.
#[derive(Clone, Copy, Default)]
pub struct Settings {
    pub megabytes: Option<usize>,
    pub segment_size: Option<usize>,
    pub compression_factor: Option<i32>,
}

/// A database under construction. A shape may close and reopen it: sled writes its snapshot file
/// only while opening.
pub struct Making<'a> {
    dir: &'a Path,
    parameters: Parameters,
    db: Option<sled::Db>,
    pub rng: Rng,
    pub settings: Settings,
}

impl Making<'_> {
    pub fn db(&self) -> &sled::Db {
        self.db.as_ref().expect("open between calls")
    }

    pub fn reopen(&mut self) -> Result {
        self.db().flush()?;
        self.db = None;
        self.db = Some(sled_dir::open(self.dir, self.parameters)?);
        Ok(())
    }
}

pub struct Shape {
    pub name: &'static str,
    pub text: &'static str,
    pub segment_size: usize,
    pub compression_factor: Option<i32>,
    fill: fn(&mut Making) -> Result,
}

const fn plain(name: &'static str, text: &'static str, fill: fn(&mut Making) -> Result) -> Shape {
    let segment_size = Parameters::DEFAULT.segment_size;
    Shape { name, text, segment_size, compression_factor: None, fill }
}

pub const SHAPES: &[Shape] = &[
    plain("empty", "a fresh database: only the default tree, no pair", |_| Ok(())),
    plain("names", "tree names: empty, NUL, not UTF-8, reserved ones, 5000 bytes", names::fill),
    plain("keys", "keys: empty, 100 KB, around every length where folding changes", keys::fill),
    plain("values", "values from 0 bytes to 20 MB, around every page and blob limit", values::fill),
    plain("trees200", "200 trees, some of them empty", bulk::fill_trees),
    plain("large", "--megabytes of records (64) in three trees", bulk::fill_large),
    plain("mixed", "random trees, keys and values", bulk::fill_mixed),
    plain(
        "records",
        "MIA's records of all kinds, its index trees, a tree of somebody else",
        records::fill,
    ),
    plain("odd", "records that MIA's reader lets pass or stumbles over", records::fill_odd),
    plain("deletes", "a history of overwrites, removals, dropped trees, reopens", history::fill),
    Shape {
        segment_size: 64 * 1024,
        ..plain("segments", "mixed with --segment-size (65536)", bulk::fill_mixed)
    },
    Shape {
        compression_factor: Some(5),
        ..plain("compressed", "mixed with zstd at --compress FACTOR (5)", bulk::fill_compressible)
    },
];

/// Makes a database of this shape in `dir`, which must not exist.
pub fn make(shape: &Shape, seed: u64, dir: &Path, settings: Settings) -> Result {
    if dir.exists() {
        return Err(format!("{}: exists already; name a new directory", dir.display()).into());
    }
    let factor = settings.compression_factor.or(shape.compression_factor);
    let parameters = Parameters {
        segment_size: settings.segment_size.unwrap_or(shape.segment_size),
        use_compression: factor.is_some(),
        compression_factor: factor.unwrap_or(Parameters::DEFAULT.compression_factor),
    };
    let db = Some(sled_dir::open(dir, parameters)?);
    let mut making = Making { dir, parameters, db, rng: Rng::new(seed), settings };
    (shape.fill)(&mut making)?;
    making.db().flush()?;
    Ok(())
}
