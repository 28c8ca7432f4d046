//! `read-archives DB`: the records of a typed database that libmia wrote, by libmdbx and rkyv alone, in
//! the lines of `mia dump --json DB`. Exit code 1 if a value is no archive; its line says why.

use mia_interop::Result;
use mia_interop::typed::Typed;
use std::io::{BufWriter, Write, stdout};
use std::path::Path;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path] = arguments.as_slice() else {
        return Err("usage: read-archives DB".into());
    };
    let typed = Typed::open(Path::new(path)).map_err(|e| format!("{path}: {e}"))?;
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    let problems = typed.print(&mut out)?;
    out.flush()?;
    match problems {
        0 => Ok(()),
        n => Err(format!("{path}: {n} values are no archives: see `problem`").into()),
    }
}
