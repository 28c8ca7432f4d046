//! `judge-archives`: rkyv's verdict on archives from standard input, a line each: `accepted`, or
//! `refused: ` and why. README.md has the stream.

use mia_interop::Result;
use mia_interop::record::Class;
use mia_interop::stream::{flush_when_idle, next_byte, read_sized};
use std::io::{BufReader, BufWriter, Write, stdin, stdout};
use std::thread;

/// rkyv calls itself for every nested array, and 13 bytes of an archive make one. The stack is
/// enough for an archive of nothing else; its pages exist only once they are used.
const MAX_ARCHIVE: usize = 16 << 20;
const STACK: usize = 1 << 30;

fn judge() -> Result {
    let mut input = BufReader::with_capacity(1 << 20, stdin().lock());
    let mut out = BufWriter::new(stdout().lock());
    let mut archive = Vec::new();
    while let Some(number) = next_byte(&mut input)? {
        let class = Class::of(number)?;
        read_sized(&mut input, MAX_ARCHIVE, &mut archive)?;
        match class.check(&archive) {
            Ok(()) => writeln!(out, "accepted")?,
            Err(why) => writeln!(out, "refused: {}", why.replace('\n', " "))?,
        }
        flush_when_idle(&input, &mut out)?;
    }
    out.flush()?;
    Ok(())
}

fn main() -> Result {
    // An error of the thread leaves it as text: the type of this crate's errors cannot.
    let judge =
        thread::Builder::new().stack_size(STACK).spawn(|| judge().map_err(|e| e.to_string()))?;
    match judge.join() {
        Ok(outcome) => Ok(outcome?),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}
