//! `judge-archives`: rkyv's verdict on archives from standard input. Input: blocks of a count (u32,
//! little-endian) and that many items, each class (u8: 0 node, 1 edge, 2 embedding), size (u32) and
//! bytes. A block is answered when it is complete, with one byte for each item: 1 accepted, 0
//! refused. Ends at the end of the input.

use mia_interop::Result;
use mia_interop::record::Class;
use std::io::{BufReader, Read, Write, stdin, stdout};
use std::thread;

/// rkyv calls itself for every nested array, and 13 bytes of an archive make one. The stack is
/// enough for an archive of nothing else; its pages exist only once they are used.
const MAX_ARCHIVE: usize = 16 << 20;
const STACK: usize = 1 << 30;

fn read_u32(input: &mut impl Read) -> Result<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// The next block's verdicts; None at the end of the input.
fn judge_block(input: &mut BufReader<impl Read>) -> Result<Option<Vec<u8>>> {
    let mut first = [0; 1];
    if input.read(&mut first)? == 0 {
        return Ok(None);
    }
    let mut rest = [0; 3];
    input.read_exact(&mut rest)?;
    let count = u32::from_le_bytes([first[0], rest[0], rest[1], rest[2]]);
    let mut verdicts = Vec::new();
    let mut archive = Vec::new();
    for _ in 0..count {
        let mut class = [0; 1];
        input.read_exact(&mut class)?;
        let class = Class::of(class[0])?;
        let size = read_u32(input)? as usize;
        if size > MAX_ARCHIVE {
            return Err(format!("an archive of {size} bytes; the limit is {MAX_ARCHIVE}").into());
        }
        archive.resize(size, 0);
        input.read_exact(&mut archive)?;
        verdicts.push(u8::from(class.accepts(&archive)));
    }
    Ok(Some(verdicts))
}

fn judge() -> Result {
    let mut input = BufReader::with_capacity(1 << 20, stdin().lock());
    let mut out = stdout().lock();
    while let Some(verdicts) = judge_block(&mut input)? {
        out.write_all(&verdicts)?;
        out.flush()?;
    }
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
