//! `sled-digest DIR`: the content of a sled database as the real sled shows it, one line a pair:
//! `hex(tree) hex(key) sha256hex(value)`, trees by their bytes, then keys by theirs. The database is
//! opened from a private copy, because sled changes every directory it opens.

use mia_interop::{Result, hex, sled_dir::PrivateCopy};
use sha2::{Digest, Sha256};
use std::io::{BufWriter, Write};
use std::path::Path;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir] = arguments.as_slice() else {
        return Err("usage: sled-digest DIR".into());
    };
    let copy = PrivateCopy::make(Path::new(dir))?;
    let db = copy.open()?;
    let mut names = db.tree_names();
    names.sort();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for name in names {
        let tree = db.open_tree(&name)?;
        let mut previous: Option<sled::IVec> = None;
        for pair in tree.iter() {
            let (key, value) = pair?;
            if previous.as_ref().is_some_and(|p| *p >= key) {
                return Err(format!("sled's own order is broken at key {}", hex(&key)).into());
            }
            writeln!(out, "{} {} {}", hex(&name), hex(&key), hex(&Sha256::digest(&value)))?;
            previous = Some(key);
        }
    }
    out.flush()?;
    Ok(())
}
