//! Many records: many trees, much data, random data, compressible data.

use super::Making;
use crate::Result;
use crate::rng::Rng;

pub fn fill_trees(m: &mut Making) -> Result {
    for i in 0..200 {
        let tree = m.db().open_tree(format!("tree {i:03}"))?;
        // Every fourth stays empty; every fifth of these once held pairs.
        if i % 4 != 0 {
            for j in 0..m.rng.between(1, 200) {
                tree.insert(format!("{j}"), format!("{i}/{j}").as_bytes())?;
            }
        } else if i % 20 == 0 {
            tree.insert("once", "there")?;
            tree.clear()?;
        }
    }
    Ok(())
}

/// Records of about 1 KB in batches, until their keys and values are as long as was asked for.
pub fn fill_large(m: &mut Making) -> Result {
    let total = m.settings.megabytes.unwrap_or(64) * 1_000_000;
    let trees =
        [m.db().open_tree("nodes")?, m.db().open_tree("edges")?, m.db().open_tree("embeddings")?];
    let mut written = 0;
    let mut record = 0u64;
    while written < total {
        let mut batch = sled::Batch::default();
        let tree = &trees[m.rng.below(trees.len())];
        for _ in 0..500 {
            let key = format!("record_{:016x}_{record}", m.rng.next_u64());
            let size = if m.rng.below(100) == 0 {
                m.rng.between(4_000, 60_000)
            } else {
                m.rng.between(100, 1_600)
            };
            written += key.len() + size;
            record += 1;
            batch.insert(key.into_bytes(), m.rng.bytes(size));
        }
        tree.apply_batch(batch)?;
    }
    Ok(())
}

pub fn fill_mixed(m: &mut Making) -> Result {
    fill_random(m, |rng, size| rng.bytes(size))
}

pub fn fill_compressible(m: &mut Making) -> Result {
    fill_random(m, |rng, size| {
        const WORDS: [&[u8]; 5] = [b"storage ", b"message ", b"the ", b"entity ", b"of "];
        let mut text = Vec::new();
        while text.len() < size {
            text.extend_from_slice(WORDS[rng.below(WORDS.len())]);
        }
        text.truncate(size);
        text
    })
}

fn fill_random(m: &mut Making, value: fn(&mut Rng, usize) -> Vec<u8>) -> Result {
    for i in 0..m.rng.between(3, 8) {
        let name_size = m.rng.between(1, 40);
        let name =
            if i % 2 == 0 { m.rng.bytes(name_size) } else { format!("tree{i}").into_bytes() };
        let tree = m.db().open_tree(name)?;
        for _ in 0..m.rng.between(0, 4000) {
            let key_size = match m.rng.below(200) {
                0 => m.rng.between(1000, 5000),
                1..=20 => m.rng.between(0, 3),
                _ => m.rng.between(4, 60),
            };
            let value_size = match m.rng.below(200) {
                0 => m.rng.between(10_000, 300_000),
                1..=20 => m.rng.between(1_000, 5_000),
                _ => m.rng.between(0, 400),
            };
            let key = m.rng.bytes(key_size);
            let bytes = value(&mut m.rng, value_size);
            tree.insert(key, bytes)?;
            if m.rng.below(10) == 0 {
                tree.pop_min()?;
            }
        }
    }
    Ok(())
}
