//! What a WRITE transaction changed in one tree.
use std::collections::BTreeMap;
use std::ops::Bound;

use sled::IVec;

use super::merge;
use super::stream::{Stream, Way};
use crate::abi::{status, PUT_APPEND, PUT_INSERT_ONLY};
use crate::fail::{fail, Fail};

pub struct Overlay {
    /// What is below; None: the tree is new, or was cleared.
    base: Option<sled::Tree>,
    /// The tree that a clear hides.
    hidden: Option<sled::Tree>,
    /// None: the key is removed.
    writes: BTreeMap<IVec, Option<IVec>>,
    /// The last key of all, once somebody asked; for a bulk load that appends.
    last: Option<Option<IVec>>,
}

impl Overlay {
    /// base None: a tree that the transaction makes.
    pub fn new(base: Option<sled::Tree>) -> Self {
        let last = if base.is_none() { Some(None) } else { None };
        Overlay { base, hidden: None, writes: BTreeMap::new(), last }
    }

    pub fn base(&self) -> Option<&sled::Tree> {
        self.base.as_ref()
    }

    pub fn get(&self, key: &[u8]) -> Result<Option<IVec>, Fail> {
        match (self.writes.get(key), &self.base) {
            (Some(own), _) => Ok(own.clone()),
            (None, Some(tree)) => Ok(tree.get(key)?),
            (None, None) => Ok(None),
        }
    }

    /// The own write that comes first when going from a key in one direction.
    pub fn first(&self, way: Way, from: Bound<&[u8]>) -> Option<(&IVec, &Option<IVec>)> {
        match way {
            Way::Up => self.writes.range::<[u8], _>((from, Bound::Unbounded)).next(),
            Way::Down => self.writes.range::<[u8], _>((Bound::Unbounded, from)).next_back(),
        }
    }

    pub fn put(&mut self, key: IVec, value: IVec, flags: u32) -> Result<(), Fail> {
        if flags & PUT_APPEND != 0 && self.last_key()?.is_some_and(|last| key <= *last) {
            return fail(
                status::INVALID,
                "append: the key is not above the last key of the tree; put it without MIA_PUT_APPEND",
            );
        }
        if flags & PUT_INSERT_ONLY != 0 && self.get(&key)?.is_some() {
            return fail(status::INVALID, "insert: the key is there already");
        }
        if let Some(last) = &mut self.last {
            if last.as_ref().is_none_or(|last| key > *last) {
                *last = Some(key.clone());
            }
        }
        self.writes.insert(key, Some(value));
        Ok(())
    }

    /// False: the key was not there.
    pub fn remove(&mut self, key: IVec) -> Result<bool, Fail> {
        if self.get(&key)?.is_none() {
            return Ok(false);
        }
        if self.last.as_ref().is_some_and(|last| last.as_ref() == Some(&key)) {
            self.last = None;
        }
        match self.base {
            Some(_) => self.writes.insert(key, None),
            None => self.writes.remove(&key),
        };
        Ok(true)
    }

    pub fn clear(&mut self) {
        self.hidden = self.hidden.take().or(self.base.take());
        self.writes.clear();
        self.last = Some(None);
    }

    fn last_key(&mut self) -> Result<Option<&IVec>, Fail> {
        if self.last.is_none() {
            let mut below = self.base.as_ref().map(|t| Stream::new(t, Way::Down, Bound::Unbounded));
            let pair = merge::step(&mut below, Some(self), Way::Down, Bound::Unbounded)?;
            self.last = Some(pair.map(|(key, _)| key));
        }
        Ok(self.last.as_ref().and_then(Option::as_ref))
    }

    /// All changes as sled takes them; None: there are none.
    pub fn into_batch(self) -> Result<Option<sled::Batch>, Fail> {
        let mut batch = sled::Batch::default();
        let mut is_empty = self.writes.is_empty();
        if let Some(tree) = self.hidden {
            for key in tree.iter().keys() {
                let key = key?;
                if !self.writes.contains_key(&key) {
                    batch.remove(key);
                    is_empty = false;
                }
            }
        }
        for (key, value) in self.writes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        Ok((!is_empty).then_some(batch))
    }
}
