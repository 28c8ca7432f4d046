//! Values of every size at which a page, an overflow page or one of sled's blobs begins.

use super::Making;
use crate::Result;

const SIZES: &[usize] = &[
    0, 1, 2, 7, 8, 240, 241, 250, 251, 252, 2000, 2022, 2028, 2029, 4056, 4075, 4076, 4077, 4096,
    8171, 8172, 8173, 8192, 32_767, 32_768, 65_515, 65_516, 65_517, 65_535, 65_536, 131_000,
    131_019, 131_020, 131_021, 524_287, 524_288, 1_048_576, 4_194_304,
];

pub fn fill(m: &mut Making) -> Result {
    let tree = m.db().open_tree("sizes")?;
    let mut sizes = SIZES.to_vec();
    m.rng.shuffle(&mut sizes);
    for size in sizes {
        tree.insert(format!("value of {size:08}"), m.rng.bytes(size))?;
    }
    let empty = m.db().open_tree("empty values")?;
    for i in 0..100 {
        empty.insert(format!("{i:03}"), b"")?;
    }
    let many = m.db().open_tree("many sizes")?;
    for i in 0..3000 {
        let size = m.rng.between(0, 6000);
        many.insert(format!("{i:05}"), m.rng.bytes(size))?;
    }
    let big = m.db().open_tree("20 MB")?;
    big.insert("before", "small")?;
    big.insert("large", m.rng.bytes(20_000_000))?;
    big.insert("zeros", vec![0; 20 << 20])?;
    big.insert("\u{7f}behind", "small")?;
    Ok(())
}
