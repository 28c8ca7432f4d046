//! `certified-sled SEED DIR`: a database with a random history, closed and opened again several
//! times, in which every value proves itself, so that what is salvaged from its ruins can be judged
//! without knowing the history. DIR.stale gets the snapshot of an earlier time.
//!
//! A value is: u64 FNV-1a of what follows and of the key; u64 the number of the write; u8 the size
//! of the tree's name; the name; anything. Numbers are little-endian.

use mia_interop::{Result, rng::Rng};
use std::path::Path;
use std::time::Duration;

const TREES: &[&[u8]] = &[b"nodes", b"edges", b"", b"a tree\xff", b"dropped"];

fn fnv(parts: &[&[u8]]) -> u64 {
    parts.iter().copied().flatten().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn certified(tree: &[u8], key: &[u8], number: u64, filler: &[u8]) -> Vec<u8> {
    let mut rest = number.to_le_bytes().to_vec();
    rest.push(tree.len() as u8);
    rest.extend_from_slice(tree);
    rest.extend_from_slice(filler);
    [fnv(&[&rest, key]).to_le_bytes().as_slice(), &rest].concat()
}

struct Writer {
    rng: Rng,
    number: u64,
    keys: usize,
    largest: usize,
}

impl Writer {
    fn key(&mut self) -> Vec<u8> {
        let n = self.rng.below(self.keys);
        match self.rng.below(8) {
            0 => format!("a long common beginning of many keys {n:05}").into_bytes(),
            1 => (n as u16).to_be_bytes().to_vec(),
            _ => format!("{n:05}").into_bytes(),
        }
    }

    fn step(&mut self, db: &sled::Db) -> sled::Result<()> {
        let name = TREES[self.rng.below(TREES.len())];
        let tree = db.open_tree(name)?;
        let key = self.key();
        match self.rng.below(1000) {
            0..=1 => drop(db.drop_tree(b"dropped")?),
            2..=250 => drop(tree.remove(key)?),
            251..=260 => {
                for key in tree.range(key..).keys().take(40) {
                    tree.remove(key?)?;
                }
            }
            _ => {
                let size = if self.rng.below(50) == 0 { self.largest } else { 60 };
                let filler = {
                    let size = self.rng.below(size + 1);
                    self.rng.bytes(size)
                };
                self.number += 1;
                tree.insert(&key, certified(name, &key, self.number, &filler))?;
            }
        }
        Ok(())
    }
}

fn keep_snapshot(dir: &Path) -> Result {
    let stale = dir.with_extension("stale");
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("snap.") {
            std::fs::create_dir_all(&stale)?;
            std::fs::copy(entry.path(), stale.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn main() -> Result {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [seed, dir] = words.as_slice() else {
        return Err("usage: certified-sled SEED DIR".into());
    };
    let (seed, dir) = (seed.parse()?, Path::new(dir));
    let mut rng = Rng::new(seed);
    let segment_size = [512, 1024, 4096, 16_384, 65_536, 524_288][rng.below(6)];
    let use_compression = rng.below(4) == 0;
    let largest = [200, 3_000, 40_000][rng.below(3)];
    let steps = if segment_size < 4096 { 150 } else { 1200 };
    let cycles = rng.between(2, 4);
    let mut writer = Writer { keys: rng.between(20, 2000), rng, number: 0, largest };
    for cycle in 0..cycles {
        let db = sled::Config::new()
            .path(dir)
            .segment_size(segment_size)
            .use_compression(use_compression)
            .cache_capacity(1 << 20)
            .open()?;
        if cycle == 1 {
            keep_snapshot(dir)?;
        }
        for _ in 0..steps {
            match writer.step(&db) {
                Err(sled::Error::CollectionNotFound(_)) => (),
                answer => answer?,
            }
        }
        db.flush()?;
        drop(db);
        std::thread::sleep(Duration::from_millis(30)); // sled gives its lock back a little later
    }
    println!("segments of {segment_size}, compression {use_compression}, {cycles} cycles");
    Ok(())
}
