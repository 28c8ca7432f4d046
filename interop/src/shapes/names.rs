//! Tree names are any bytes to sled: these are the ones that a table of libmdbx, or an escaping
//! rule, could trip over.

use super::Making;
use crate::Result;
use std::collections::BTreeSet;

const PLAIN: &[&[u8]] = &[
    b"",
    b"\0",
    b"a\0b",
    b"nodes\0",
    b"\xff",
    b"\xff\xfe\x80nodes",
    b"\xc3\x28", // an overlong start: not UTF-8
    "Gespr\u{e4}che \u{65e5}\u{672c} \u{1f600}".as_bytes(),
    b" ",
    b"a b",
    b"a/b",
    b"../up",
    b".",
    b"nodes",
    b"Nodes",
    b"node",
    b"mia_meta",
    b"mia_long",
    b"mia_",
    b"mia",
    b"idx_prop",
    b"idx_",
    b"vec_x",
    b"vec_",
    b"%",
    b"%%",
    b"%41",
    b"A",
    b"%#1",
    b"%#2",
    b"%#",
    b"#1",
    b"%00",
    b"%mia_meta",
    b"%6d",
    b"@MAIN",
    b"\x7f",
    b"~",
    b"__sled__default ",
];

pub fn fill(m: &mut Making) -> Result {
    let mut names: BTreeSet<Vec<u8>> = PLAIN.iter().map(|n| n.to_vec()).collect();
    // 200 bytes is the longest name kept as it is; 1000 the longest escaped one.
    for size in [199, 200, 201, 332, 333, 334, 999, 1000, 1001, 5000] {
        names.insert(vec![b'n'; size]);
        names.insert(m.rng.bytes(size));
    }
    // Long names that differ in their last byte only.
    for last in [0x00, 0x01, 0xff] {
        names.insert([vec![b'x'; 4999], vec![last]].concat());
    }
    let mut order: Vec<Vec<u8>> = names.into_iter().collect();
    m.rng.shuffle(&mut order);
    for (i, name) in order.iter().enumerate() {
        let tree = m.db().open_tree(name)?;
        for j in 0..m.rng.between(1, 30) {
            tree.insert(format!("key{j}"), format!("tree {i}, pair {j}").into_bytes())?;
        }
    }
    m.db().insert("in the default tree", "1")?;
    m.db().insert("", "the empty key of the default tree")?;
    Ok(())
}
