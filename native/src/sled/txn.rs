//! Transactions. READ: single pairs as they are now (sled has no snapshots), kept alive. WRITE: one
//! overlay a tree, handed to sled as a whole by commit.
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional};
use sled::IVec;

use super::cursor::Cursor;
use super::database::Database;
use super::overlay::Overlay;
use crate::abi::{status, Slice};
use crate::fail::{fail, Fail};

pub struct Txn {
    pub db: Arc<Database>,
    held: Held,
    /// None: a READ transaction. Cursors share the overlays; all of it belongs to one thread at a
    /// time.
    writes: Option<BTreeMap<u32, Changes>>,
}

#[derive(Clone)]
struct Changes {
    is_new: bool,
    overlay: Rc<RefCell<Overlay>>,
}

impl Txn {
    pub fn new(db: Arc<Database>, is_write: bool) -> Self {
        Txn { db, held: Held::default(), writes: is_write.then(BTreeMap::new) }
    }

    /// The id of a tree; None: there is none.
    pub fn find_tree(&mut self, name: &[u8], create: bool) -> Result<Option<u32>, Fail> {
        let found = self.db.find_tree(name);
        if let Some((id, exists)) = found {
            if exists || self.changes(id).is_some() {
                return Ok(Some(id));
            }
        }
        if !create {
            return Ok(None);
        }
        let Some(writes) = &mut self.writes else { return Err(read_only()) };
        let id = found.map_or_else(|| self.db.reserve_tree(name), |(id, _)| id);
        let overlay = Rc::new(RefCell::new(Overlay::new(None)));
        writes.insert(id, Changes { is_new: true, overlay });
        Ok(Some(id))
    }

    pub fn next_name(&self, after: Option<&[u8]>) -> Option<Slice> {
        self.db.next_name(after, |id| self.changes(id).is_some())
    }

    /// The value of a key. It lives until the next write, in a READ transaction until its end.
    pub fn get(&mut self, id: u32, key: &[u8]) -> Result<Option<Slice>, Fail> {
        let value = match self.changes(id) {
            Some(changes) => changes.overlay.borrow().get(key)?,
            None => self.db.tree(id)?.get(key)?,
        };
        Ok(value.map(|value| Slice::from(self.held.keep(value))))
    }

    pub fn put(&mut self, id: u32, key: &[u8], value: &[u8], flags: u32) -> Result<(), Fail> {
        // Copied before the values that were given out go: the caller may pass one of them.
        let (key, value) = (IVec::from(key), IVec::from(value));
        self.overlay(id)?.borrow_mut().put(key, value, flags)?;
        self.held.drop_all();
        Ok(())
    }

    /// False: the key was not there.
    pub fn remove(&mut self, id: u32, key: &[u8]) -> Result<bool, Fail> {
        let was_there = self.overlay(id)?.borrow_mut().remove(IVec::from(key))?;
        if was_there {
            self.held.drop_all();
        }
        Ok(was_there)
    }

    pub fn clear(&mut self, id: u32) -> Result<(), Fail> {
        self.overlay(id)?.borrow_mut().clear();
        self.held.drop_all();
        Ok(())
    }

    pub fn count(&mut self, id: u32, key: Option<&[u8]>) -> Result<u64, Fail> {
        if let Some(key) = key {
            return Ok(u64::from(self.get(id, key)?.is_some()));
        }
        let mut cursor = self.cursor(id)?;
        let mut pairs = 0;
        while cursor.advance()?.is_some() {
            pairs += 1;
        }
        Ok(pairs)
    }

    pub fn cursor(&mut self, id: u32) -> Result<Cursor, Fail> {
        Ok(match self.writes {
            Some(_) => Cursor::over_writes(self.overlay(id)?),
            None => Cursor::over_tree(self.db.tree(id)?),
        })
    }

    /// Ends the transaction: all of it is visible and, if the database is durable, on disk. Failures
    /// while reading change nothing; later ones leave a database that can only be closed.
    pub fn commit(self) -> Result<(), Fail> {
        let mut created = Vec::new();
        let mut batches = Vec::new();
        for (id, changes) in self.writes.unwrap_or_default() {
            let batch = changes.overlay.replace(Overlay::new(None)).into_batch()?;
            if changes.is_new {
                created.push(id);
            }
            batches.extend(batch.map(|batch| (id, batch)));
        }
        if created.is_empty() && batches.is_empty() {
            return Ok(());
        }
        write(&self.db, &created, batches).inspect_err(|e| self.db.give_up(&e.text))
    }

    fn changes(&self, id: u32) -> Option<&Changes> {
        self.writes.as_ref()?.get(&id)
    }

    fn overlay(&mut self, id: u32) -> Result<Rc<RefCell<Overlay>>, Fail> {
        let Some(writes) = &mut self.writes else { return Err(read_only()) };
        if let Some(changes) = writes.get(&id) {
            return Ok(changes.overlay.clone());
        }
        let overlay = Rc::new(RefCell::new(Overlay::new(Some(self.db.tree(id)?))));
        writes.insert(id, Changes { is_new: false, overlay: overlay.clone() });
        Ok(overlay)
    }
}

/// sled makes trees one by one: a crash between here and the batch leaves them empty.
fn write(db: &Database, created: &[u32], batches: Vec<(u32, sled::Batch)>) -> Result<(), Fail> {
    for id in created {
        db.create_tree(*id)?;
    }
    let mut trees = Vec::with_capacity(batches.len());
    let mut changes = Vec::with_capacity(batches.len());
    for (id, batch) in batches {
        trees.push(db.tree(id)?);
        changes.push(batch);
    }
    match changes.len() {
        0 => {}
        1 => trees[0].apply_batch(changes.remove(0))?, // two times faster: reads no old values
        _ => apply_together(&trees, &changes)?,
    }
    if db.is_durable {
        db.flush()?;
    }
    Ok(())
}

fn apply_together(trees: &[sled::Tree], changes: &[sled::Batch]) -> Result<(), Fail> {
    let done = trees.transaction(|views| {
        for (view, batch) in views.iter().zip(changes) {
            view.apply_batch(batch)?;
        }
        Ok::<(), ConflictableTransactionError<()>>(())
    });
    match done {
        Ok(()) => Ok(()),
        Err(TransactionError::Storage(e)) => Err(e.into()),
        Err(TransactionError::Abort(())) => {
            fail(status::INTERNAL, "sled aborted a commit by itself")
        }
    }
}

fn read_only() -> Fail {
    Fail { status: status::READONLY, code: 0, text: "this is a READ transaction".into() }
}

/// Values that were given out. Short ones lie in the IVec itself, so an IVec that is held must not
/// move: a full block is left alone and a new one begun.
#[derive(Default)]
struct Held(Vec<Vec<IVec>>);

impl Held {
    const LEAST_BLOCK: usize = 16;
    const MOST_BLOCK: usize = 4096;

    fn keep(&mut self, value: IVec) -> &[u8] {
        let room = self.0.last().map_or(0, Vec::capacity);
        if self.0.last().is_none_or(|block| block.len() == room) {
            self.0.push(Vec::with_capacity((room * 2).clamp(Self::LEAST_BLOCK, Self::MOST_BLOCK)));
        }
        let last = self.0.len() - 1;
        let block = &mut self.0[last];
        block.push(value);
        &block[block.len() - 1]
    }

    fn drop_all(&mut self) {
        self.0.clear();
    }
}
