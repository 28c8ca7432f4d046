//! What MIA's plan for its successor was: libmdbx, whose values are archives.

use super::{Batch, Reading, Store, missing};
use crate::Result;
use crate::mdbx::{Access, Env, Table};
use rkyv::rancor::Error;
use std::path::Path;

pub struct Mdbx {
    env: Env,
    nodes: Table,
    reading: Reading,
}

impl Mdbx {
    pub fn create(dir: &Path, reading: Reading) -> Result<Mdbx> {
        let mut env = Env::open_durable(dir)?;
        env.begin(Access::Write)?;
        let nodes = env.create_table(b"nodes")?;
        env.commit()?;
        Ok(Mdbx { env, nodes, reading })
    }
}

impl Store for Mdbx {
    fn put(&mut self, batch: &Batch) -> Result {
        self.env.begin(Access::Write)?;
        for (id, node) in batch.archives() {
            self.env.put(self.nodes, id.as_bytes(), &rkyv::to_bytes::<Error>(node)?)?;
        }
        self.env.commit()
    }

    fn get(&mut self, ids: &[String]) -> Result<u64> {
        self.env.begin(Access::Read)?;
        let mut sum = 0u64;
        for id in ids {
            let value = self.env.get(self.nodes, id.as_bytes())?.ok_or_else(|| missing(id))?;
            sum = sum.wrapping_add(self.reading.weight(value)?);
        }
        self.env.commit()?;
        Ok(sum)
    }

    fn scan(&mut self) -> Result<u64> {
        self.env.begin(Access::Read)?;
        let mut sum = 0u64;
        for pair in self.env.pairs_from(self.nodes, b"")? {
            sum = sum.wrapping_add(self.reading.weight(pair?.1)?);
        }
        self.env.commit()?;
        Ok(sum)
    }
}
