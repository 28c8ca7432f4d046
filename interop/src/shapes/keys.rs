//! Keys of every length at which folding a long key into libmdbx's limit changes its shape. L is
//! the limit: 2022 with pages of 4 KiB, 4070 with 8 KiB.

use super::Making;
use crate::Result;
use std::collections::BTreeSet;

fn lengths() -> BTreeSet<usize> {
    let mut lengths = BTreeSet::from([1, 2, 7, 8, 9, 255, 256, 2021, 2022, 2023, 2024, 100_000]);
    for limit in [2022usize, 4070] {
        for around in [limit, 2 * limit - 8, 3 * limit - 16, 3 * limit] {
            lengths.extend(around - 1..=around + 1);
        }
    }
    lengths
}

pub fn fill(m: &mut Making) -> Result {
    let lengths = lengths();
    let mut keys: BTreeSet<Vec<u8>> = BTreeSet::from([vec![]]);
    for &size in &lengths {
        // One is a prefix of the next at every boundary.
        keys.insert(vec![b'p'; size]);
        keys.insert(vec![0x00; size]);
        keys.insert(vec![0xff; size]);
        keys.insert(m.rng.bytes(size));
        // The same first size bytes, then one more byte or many: shared layers.
        for tail in [&b"\x00"[..], b"\x01", b"\xff", b"tail", b"tail of a good length"] {
            keys.insert([&vec![b'p'; size], tail].concat());
        }
        // Different only in the last byte.
        for last in [0x00, 0x7f, 0xff] {
            keys.insert([vec![b's'; size - 1], vec![last]].concat());
        }
    }
    insert_shuffled(m, b"keys", &keys)?;

    // Neighbours with deep shared prefixes, a few bytes apart.
    let mut deep = BTreeSet::new();
    for _ in 0..400 {
        let stem = 500 * m.rng.between(0, 20);
        let tail = m.rng.between(0, 12);
        deep.insert([vec![b'd'; stem], m.rng.bytes(tail)].concat());
    }
    insert_shuffled(m, b"deep", &deep)?;

    // One long key alone, and short ones beside the pointer it needs.
    let alone = m.db().open_tree("alone")?;
    alone.insert(vec![b'a'; 3000], "alone")?;
    let beside = m.db().open_tree("beside")?;
    for size in [2020, 2021, 2022, 2023] {
        beside.insert(vec![b'a'; size], format!("{size}").as_bytes())?;
    }
    Ok(())
}

fn insert_shuffled(m: &mut Making, tree: &[u8], keys: &BTreeSet<Vec<u8>>) -> Result {
    let tree = m.db().open_tree(tree)?;
    let mut order: Vec<&Vec<u8>> = keys.iter().collect();
    m.rng.shuffle(&mut order);
    for key in order {
        let size = m.rng.between(0, 200);
        tree.insert(key, m.rng.bytes(size))?;
    }
    Ok(())
}
