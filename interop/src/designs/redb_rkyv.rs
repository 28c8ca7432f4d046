//! The same over redb: an engine in Rust alone, with no memory map and a cache of its own.

use super::{Batch, Reading, Store, missing};
use crate::Result;
use redb::{Database, ReadableTable, TableDefinition};
use rkyv::rancor::Error;
use std::path::Path;

const NODES: TableDefinition<&str, &[u8]> = TableDefinition::new("nodes");

pub struct Redb {
    db: Database,
}

impl Redb {
    pub fn create(dir: &Path) -> Result<Redb> {
        Ok(Redb { db: Database::create(dir.join("db"))? })
    }
}

impl Store for Redb {
    fn put(&mut self, batch: &Batch) -> Result {
        let txn = self.db.begin_write()?;
        let mut nodes = txn.open_table(NODES)?;
        for (id, node) in batch.archives() {
            nodes.insert(id, &rkyv::to_bytes::<Error>(node)?[..])?;
        }
        drop(nodes);
        Ok(txn.commit()?)
    }

    fn get(&mut self, ids: &[String]) -> Result<u64> {
        let nodes = self.db.begin_read()?.open_table(NODES)?;
        ids.iter().try_fold(0u64, |sum, id| {
            let value = nodes.get(id.as_str())?.ok_or_else(|| missing(id))?;
            Ok(sum.wrapping_add(Reading::Checked.weight(value.value())?))
        })
    }

    fn scan(&mut self) -> Result<u64> {
        let nodes = self.db.begin_read()?.open_table(NODES)?;
        let mut sum = 0u64;
        for pair in nodes.iter()? {
            sum = sum.wrapping_add(Reading::Checked.weight(pair?.1.value())?);
        }
        Ok(sum)
    }
}
