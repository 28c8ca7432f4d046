//! An open database: sled's handle, the tree ids, and whether it can still be trusted.
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{OnceLock, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use fs2::FileExt;
use sled::IVec;

use super::conf;
use crate::abi::{status, Slice};
use crate::fail::{fail, Fail};

pub struct Database {
    sled: sled::Db,
    pub path: PathBuf,
    pub is_durable: bool,
    trees: RwLock<Trees>,
    /// Why only close is left: sled panicked, or a commit failed half-way.
    fault: OnceLock<String>,
}

/// How long close waits for sled's threads.
const LONGEST_END: Duration = Duration::from_secs(1);

/// Tree ids are places in `slots`, which only grows.
#[derive(Default)]
struct Trees {
    slots: Vec<Slot>,
    by_name: BTreeMap<IVec, u32>,
}

struct Slot {
    name: Box<[u8]>,
    /// None: not created yet, or the creation was undone.
    tree: Option<sled::Tree>,
}

impl Database {
    pub fn open(path: &Path, cache_bytes: u64, is_durable: bool) -> Result<Self, Fail> {
        let conf = conf::read(path)?;
        let config = sled::Config::new()
            .path(path)
            .cache_capacity(cache_bytes)
            .segment_size(conf.segment_size)
            .use_compression(conf.is_compressed)
            .flush_every_ms(None);
        let sled = config.open()?;
        let mut trees = Trees::default();
        let mut names = sled.tree_names();
        names.sort();
        for name in names {
            let tree = sled.open_tree(&name)?;
            let id = trees.add(&name);
            trees.slots[id as usize].tree = Some(tree);
        }
        let path = path.to_owned();
        Ok(Database { sled, path, is_durable, trees: RwLock::new(trees), fault: OnceLock::new() })
    }

    /// The first reason stays.
    pub fn give_up(&self, why: &str) {
        let _ = self.fault.set(why.to_owned());
    }

    pub fn check_alive(&self) -> Result<(), Fail> {
        match self.fault.get() {
            None => Ok(()),
            Some(why) => fail(
                status::INTERNAL,
                format!(
                    "unusable since an earlier call failed ({why}): close it and open it again"
                ),
            ),
        }
    }

    /// The tree behind an id, as others than its creator see it.
    pub fn tree(&self, id: u32) -> Result<sled::Tree, Fail> {
        let trees = self.read_trees();
        match trees.slots.get(id as usize) {
            Some(Slot { tree: Some(tree), .. }) => Ok(tree.clone()),
            Some(_) => fail(
                status::INVALID,
                format!("tree id {id} stands for no tree: its creation was undone"),
            ),
            None => fail(status::INVALID, format!("tree id {id} was never given out")),
        }
    }

    /// The id of a name, and whether the tree exists.
    pub fn find_tree(&self, name: &[u8]) -> Option<(u32, bool)> {
        let trees = self.read_trees();
        let id = *trees.by_name.get(name)?;
        Some((id, trees.slots[id as usize].tree.is_some()))
    }

    /// An id for a name that has none.
    pub fn reserve_tree(&self, name: &[u8]) -> u32 {
        self.write_trees().add(name)
    }

    /// Makes the tree of a reserved id; it is everybody's from now on.
    pub fn create_tree(&self, id: u32) -> Result<(), Fail> {
        let slot = &mut self.write_trees().slots[id as usize];
        slot.tree = Some(self.sled.open_tree(&slot.name)?);
        Ok(())
    }

    pub fn size_on_disk(&self) -> Result<u64, Fail> {
        Ok(self.sled.size_on_disk()?)
    }

    /// Returns when every commit so far is on disk.
    pub fn flush(&self) -> Result<(), Fail> {
        self.sled.flush()?;
        Ok(())
    }

    /// The first name above `after` whose tree exists or is the caller's own. It lives as long as
    /// the database.
    pub fn next_name(&self, after: Option<&[u8]>, is_own: impl Fn(u32) -> bool) -> Option<Slice> {
        let trees = self.read_trees();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut names = trees.by_name.range::<[u8], _>((from, Bound::Unbounded));
        let id = names.find_map(|(_, id)| {
            (trees.slots[*id as usize].tree.is_some() || is_own(*id)).then_some(*id)
        })?;
        Some(Slice::from(&*trees.slots[id as usize].name))
    }

    // A panic while the lock is held leaves the list whole: single assignments only.
    fn read_trees(&self) -> RwLockReadGuard<'_, Trees> {
        self.trees.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn write_trees(&self) -> RwLockWriteGuard<'_, Trees> {
        self.trees.write().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Waits until nobody holds the lock of the database in `path`: sled's threads can keep the file open
/// for some milliseconds after the last handle is gone, and opening it again would fail.
pub fn wait_until_free(path: &Path) {
    let Ok(file) = std::fs::File::open(path.join("db")) else { return };
    let deadline = Instant::now() + LONGEST_END;
    while FileExt::try_lock_shared(&file).is_err() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
}

impl Trees {
    fn add(&mut self, name: &[u8]) -> u32 {
        let id = self.slots.len() as u32;
        self.slots.push(Slot { name: name.into(), tree: None });
        self.by_name.insert(name.into(), id);
        id
    }
}
