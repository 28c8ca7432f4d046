//! `make-app DIR`: the database of docs/leaving-sled.md, as some application might have made it with
//! sled: two trees, a counter kept by a merge operator, a name that is no word, and a long key.

use mia_interop::Result;

fn add(_key: &[u8], old: Option<&[u8]>, more: &[u8]) -> Option<Vec<u8>> {
    let number = |bytes: &[u8]| u64::from_be_bytes(bytes.try_into().unwrap_or_default());
    Some((old.map_or(0, number) + number(more)).to_be_bytes().to_vec())
}

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir] = arguments.as_slice() else {
        return Err("usage: make-app DIR".into());
    };
    let db = sled::open(dir)?;
    let users = db.open_tree("users")?;
    for name in ["alice", "bob", "carol"] {
        users.insert(name, format!(r#"{{"name":"{name}"}}"#).as_bytes())?;
    }
    let orders = db.open_tree("orders")?;
    for i in 0..3000u32 {
        let name = ["alice", "bob", "carol"][i as usize % 3];
        let day = format!("2024-{:02}-{:02}", i / 250 % 12 + 1, i % 28 + 1);
        orders.insert(format!("{name}/{day}/{i:04}"), format!("order {i}").as_bytes())?;
    }
    let stats = db.open_tree("stats")?;
    stats.set_merge_operator(add);
    for _ in 0..100 {
        stats.merge("visits", 1u64.to_be_bytes())?;
    }
    db.open_tree("größe")?.insert("a".repeat(5000), "under a key of 5,000 bytes")?;
    db.flush()?;
    Ok(())
}
