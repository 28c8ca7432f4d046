//! `hold-lock DIR SECONDS`: opens a sled database with the real sled, prints `ready`, and keeps it
//! open: what a running application does to a migration that comes too early.

use mia_interop::{Result, sled_dir};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, seconds] = arguments.as_slice() else {
        return Err("usage: hold-lock DIR SECONDS".into());
    };
    let dir = Path::new(dir);
    let time = Duration::from_secs_f64(seconds.parse()?);
    let db = sled_dir::open(dir, sled_dir::Parameters::read(dir)?)?;
    println!("ready");
    std::io::stdout().flush()?;
    std::thread::sleep(time);
    drop(db);
    Ok(())
}
