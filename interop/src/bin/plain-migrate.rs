//! `plain-migrate SLED MDBX`: the typed migration that a competent user would write by hand with the
//! libraries, as the benchmark's peer: every record of MIA's three trees is decoded by bincode, archived
//! by rkyv and put with `mdbx_put`, every other tree but MIA's indexes is put as it is; 10,000 pairs a
//! transaction, one durable sync at the end. It verifies nothing, makes no indexes, folds no long keys
//! and cannot resume. Prints the seconds as one line of JSON.

use mia_interop::mdbx::{Access, Env};
use mia_interop::record::{Class, Record};
use mia_interop::{Result, sled_dir};
use std::path::Path;
use std::time::Instant;

const BATCH: u64 = 10_000;
const INDEXES: [&[u8]; 3] = [b"graph_incoming", b"graph_outgoing", b"structural_index"];

fn copy(db: &sled::Db, target: &mut Env) -> Result<u64> {
    let mut records = 0;
    target.begin(Access::Write)?;
    for name in db.tree_names() {
        if INDEXES.contains(&&name[..]) {
            continue;
        }
        let class = Class::ALL.into_iter().find(|class| class.tree().as_bytes() == &name[..]);
        let tree = db.open_tree(&name)?;
        let mut dbi = target.create_table(&name)?;
        for pair in tree.iter() {
            let (key, value) = pair?;
            match class {
                Some(class) => {
                    let archive = Record::from_bincode(class, &value)?.0.into_archive()?;
                    target.put(dbi, &key, &archive)?;
                }
                None => target.put(dbi, &key, &value)?,
            }
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

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, path] = arguments.as_slice() else {
        return Err("usage: plain-migrate SLED MDBX".into());
    };
    if Path::new(path).exists() {
        return Err(format!("{path}: exists already; name a new directory").into());
    }
    let start = Instant::now();
    let source = Path::new(source);
    let db = sled_dir::open(source, sled_dir::Parameters::read(source)?)?;
    let mut target = Env::open(Path::new(path), Access::Write)?;
    let records = copy(&db, &mut target)?;
    drop(target);
    drop(db);
    let seconds = start.elapsed().as_secs_f64();
    println!("{}", serde_json::json!({"records": records, "seconds": seconds}));
    Ok(())
}
