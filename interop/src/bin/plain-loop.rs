//! `plain-loop SLED MDBX [--verify]`: the migration that a competent user would write by hand, as
//! the benchmark's peer: every tree of sled becomes a table, pair by pair with `mdbx_put`, 10,000
//! pairs a transaction, one durable sync at the end; `--verify` then reads both sides again. Prints
//! the seconds as one line of JSON. It folds no long keys, escapes no names and cannot resume.

use mia_interop::mdbx::{Access, Env};
use mia_interop::{Result, hex, sled_dir};
use std::path::Path;
use std::time::Instant;

const BATCH: u64 = 10_000;

fn copy(db: &sled::Db, target: &mut Env) -> Result<u64> {
    let mut records = 0;
    target.begin(Access::Write)?;
    for name in db.tree_names() {
        let tree = db.open_tree(&name)?;
        let mut dbi = target.create_table(&name)?;
        for pair in tree.iter() {
            let (key, value) = pair?;
            target.put(dbi, &key, &value)?;
            records += 1;
            if records % BATCH == 0 {
                target.commit()?;
                target.begin(Access::Write)?;
                dbi = target.table(&name)?;
            }
        }
    }
    target.commit()?;
    target.sync()?;
    Ok(records)
}

fn verify(db: &sled::Db, target: &mut Env) -> Result {
    target.begin(Access::Read)?;
    for name in db.tree_names() {
        let tree = db.open_tree(&name)?;
        let dbi = target.table(&name)?;
        let mut records = 0;
        for pair in tree.iter() {
            let (key, value) = pair?;
            if target.get(dbi, &key)? != Some(&value[..]) {
                return Err(format!("tree {}: key {} differs", hex(&name), hex(&key)).into());
            }
            records += 1;
        }
        if target.entries(dbi)? != records {
            return Err(format!("tree {}: the target has other keys too", hex(&name)).into());
        }
    }
    target.commit()
}

fn main() -> Result {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let with_verify =
        arguments.iter().position(|a| a == "--verify").map(|i| arguments.remove(i)).is_some();
    let [source, path] = arguments.as_slice() else {
        return Err("usage: plain-loop SLED MDBX [--verify]".into());
    };
    if Path::new(path).exists() {
        return Err(format!("{path}: exists already; name a new directory").into());
    }
    let start = Instant::now();
    let source = Path::new(source);
    let db = sled_dir::open(source, sled_dir::Parameters::read(source)?)?;
    let mut target = Env::open(Path::new(path), Access::Write)?;
    let records = copy(&db, &mut target)?;
    let copied = start.elapsed().as_secs_f64();
    if with_verify {
        verify(&db, &mut target)?;
    }
    drop(target);
    drop(db);
    let seconds = start.elapsed().as_secs_f64();
    let verified = if with_verify { seconds - copied } else { 0.0 };
    println!(
        "{}",
        serde_json::json!({"records": records, "seconds": seconds, "copy_seconds": copied, "verify_seconds": verified})
    );
    Ok(())
}
