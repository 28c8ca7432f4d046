//! `sled-scan DIR`: the real sled opens a private copy of a database and iterates over every tree;
//! prints the seconds of both, and what it saw. The peer of bench_sled.

use mia_interop::{Result, sled_dir::PrivateCopy};
use std::path::Path;
use std::time::Instant;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir] = arguments.as_slice() else {
        return Err("usage: sled-scan DIR".into());
    };
    let copy = PrivateCopy::make(Path::new(dir))?;
    let start = Instant::now();
    let db = copy.open()?;
    let opened = start.elapsed();
    let (mut pairs, mut bytes) = (0u64, 0u64);
    for name in db.tree_names() {
        for pair in db.open_tree(&name)?.iter() {
            let (key, value) = pair?;
            pairs += 1;
            bytes += (key.len() + value.len()) as u64;
        }
    }
    let all = start.elapsed();
    println!(
        "open {:.3} scan {:.3} total {:.3} pairs {pairs} bytes {bytes}",
        opened.as_secs_f64(),
        (all - opened).as_secs_f64(),
        all.as_secs_f64()
    );
    Ok(())
}
