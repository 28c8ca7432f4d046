//! The same over LMDB, from which libmdbx comes, by the crate that most use it through.

use super::{Batch, Reading, Store, missing};
use crate::Result;
use heed::types::{Bytes, Str};
use heed::{Database, Env, EnvOpenOptions, WithTls};
use rkyv::rancor::Error;
use std::path::Path;

/// LMDB's map does not grow by itself.
const MAX_SIZE: usize = 1 << 36;

pub struct Heed {
    env: Env<WithTls>,
    nodes: Database<Str, Bytes>,
}

impl Heed {
    pub fn create(dir: &Path) -> Result<Heed> {
        // SAFETY: nobody else opens or changes the directory that was just made.
        let env = unsafe { EnvOpenOptions::new().map_size(MAX_SIZE).max_dbs(4).open(dir)? };
        let mut txn = env.write_txn()?;
        let nodes = env.create_database(&mut txn, Some("nodes"))?;
        txn.commit()?;
        Ok(Heed { env, nodes })
    }
}

impl Store for Heed {
    fn put(&mut self, batch: &Batch) -> Result {
        let mut txn = self.env.write_txn()?;
        for (id, node) in batch.archives() {
            self.nodes.put(&mut txn, id, &rkyv::to_bytes::<Error>(node)?)?;
        }
        Ok(txn.commit()?)
    }

    fn get(&mut self, ids: &[String]) -> Result<u64> {
        let txn = self.env.read_txn()?;
        ids.iter().try_fold(0u64, |sum, id| {
            let value = self.nodes.get(&txn, id)?.ok_or_else(|| missing(id))?;
            Ok(sum.wrapping_add(Reading::Checked.weight(value)?))
        })
    }

    fn scan(&mut self) -> Result<u64> {
        let txn = self.env.read_txn()?;
        let mut sum = 0u64;
        for pair in self.nodes.iter(&txn)? {
            sum = sum.wrapping_add(Reading::Checked.weight(pair?.1)?);
        }
        Ok(sum)
    }
}
