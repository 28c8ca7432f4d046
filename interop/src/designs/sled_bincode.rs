//! What MIA has: sled, whose values are bincode.

use super::{Batch, Store, missing, weight_of_model};
use crate::{Result, models};
use std::path::Path;

pub struct Sled {
    db: sled::Db,
    nodes: sled::Tree,
}

impl Sled {
    pub fn create(dir: &Path) -> Result<Sled> {
        let db = sled::open(dir)?;
        let nodes = db.open_tree("nodes")?;
        Ok(Sled { db, nodes })
    }
}

fn read(value: &[u8]) -> Result<u64> {
    weight_of_model(&models::decode(value)?.0)
}

impl Store for Sled {
    /// A batch of sled's for several, which is as near to a transaction as MIA would come.
    fn put(&mut self, batch: &Batch) -> Result {
        let mut changes = sled::Batch::default();
        for node in &batch.models {
            changes.insert(node.id(), models::encode(node)?);
        }
        self.nodes.apply_batch(changes)?;
        self.db.flush()?;
        Ok(())
    }

    fn get(&mut self, ids: &[String]) -> Result<u64> {
        ids.iter().try_fold(0u64, |sum, id| {
            let value = self.nodes.get(id)?.ok_or_else(|| missing(id))?;
            Ok(sum.wrapping_add(read(&value)?))
        })
    }

    fn scan(&mut self) -> Result<u64> {
        self.nodes.iter().values().try_fold(0u64, |sum, value| Ok(sum.wrapping_add(read(&value?)?)))
    }
}
