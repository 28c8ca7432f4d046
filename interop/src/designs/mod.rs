//! Stores of nodes as one would write them plainly with the libraries, each design in its file: the
//! peers of libmia's store. None of them has an index, a layout's mark or a check of what is put.

mod heed_rkyv;
mod mdbx_rkyv;
mod redb_rkyv;
mod sled_bincode;

use crate::archives::{self, ArchivedNode};
use crate::convert::Convert;
use crate::{Result, models};
use rkyv::rancor::Failure;
use std::path::Path;

pub use heed_rkyv::Heed;
pub use mdbx_rkyv::Mdbx;
pub use redb_rkyv::Redb;
pub use sled_bincode::Sled;

/// Records as a design's callers have them, in whichever of the two forms it takes.
pub struct Batch {
    models: Vec<models::Node>,
    archives: Vec<archives::Node>,
}

impl Batch {
    pub fn of(models: Vec<models::Node>) -> Batch {
        let archives = models.iter().cloned().map(Convert::convert).collect();
        Batch { models, archives }
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.models.iter().map(models::Node::id)
    }

    /// Each with its id.
    fn archives(&self) -> impl Iterator<Item = (&str, &archives::Node)> {
        self.ids().zip(&self.archives)
    }
}

/// How much of a message is looked at, and the sum that every design must come to.
fn weight(timestamp: i64, text: &str) -> u64 {
    (timestamp as u64).wrapping_add(text.len() as u64)
}

fn weight_of_model(node: &models::Node) -> Result<u64> {
    match node {
        models::Node::Message(m) => Ok(weight(m.timestamp, &m.text_content)),
        _ => Err("no message".into()),
    }
}

fn weight_of_archive(node: &ArchivedNode) -> Result<u64> {
    match node {
        ArchivedNode::Message(m) => Ok(weight(m.timestamp.to_native(), &m.text_content)),
        _ => Err("no message".into()),
    }
}

fn weight_of_owned(node: &archives::Node) -> Result<u64> {
    match node {
        archives::Node::Message(m) => Ok(weight(m.timestamp, &m.text_content)),
        _ => Err("no message".into()),
    }
}

/// How an archive is read.
#[derive(Clone, Copy)]
pub enum Reading {
    /// rkyv's check, then where it lies.
    Checked,
    /// Where it lies.
    Unchecked,
    /// rkyv's check, then a copy of all of it, as a store returns that has no views.
    Owned,
}

impl Reading {
    fn weight(self, archive: &[u8]) -> Result<u64> {
        match self {
            Reading::Checked => weight_of_archive(rkyv::access::<ArchivedNode, Failure>(archive)?),
            // SAFETY: the archive was made by rkyv from a node.
            Reading::Unchecked => {
                weight_of_archive(unsafe { rkyv::access_unchecked::<ArchivedNode>(archive) })
            }
            Reading::Owned => {
                weight_of_owned(&rkyv::from_bytes::<archives::Node, Failure>(archive)?)
            }
        }
    }
}

/// A database of messages under their ids.
pub trait Store {
    /// All of them in one transaction, on the disk when it returns.
    fn put(&mut self, batch: &Batch) -> Result;
    /// The sum of the weights of the messages with these ids, all of which are there, read in one
    /// transaction.
    fn get(&mut self, ids: &[String]) -> Result<u64>;
    /// The sum of the weights of all messages.
    fn scan(&mut self) -> Result<u64>;
}

/// The designs, by the numbers and names that the benchmark knows them by.
pub const DESIGNS: [&str; 6] = [
    "sled + bincode",
    "libmdbx + rkyv, checked",
    "libmdbx + rkyv, unchecked",
    "libmdbx + rkyv, owned",
    "heed (LMDB) + rkyv, checked",
    "redb + rkyv, checked",
];

/// A new database of the design in `dir`, which is made.
pub fn create(design: usize, dir: &Path) -> Result<Box<dyn Store>> {
    std::fs::create_dir(dir)?;
    Ok(match design {
        0 => Box::new(Sled::create(dir)?),
        1 => Box::new(Mdbx::create(dir, Reading::Checked)?),
        2 => Box::new(Mdbx::create(dir, Reading::Unchecked)?),
        3 => Box::new(Mdbx::create(dir, Reading::Owned)?),
        4 => Box::new(Heed::create(dir)?),
        5 => Box::new(Redb::create(dir)?),
        _ => return Err(format!("no design {design}").into()),
    })
}

fn missing(id: &str) -> Box<dyn std::error::Error> {
    format!("{id} is not there").into()
}
