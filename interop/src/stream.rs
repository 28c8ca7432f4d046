//! The binary streams between these programs and the tests: bytes behind their size, and numbers, all
//! little-endian.

use crate::Result;
use std::io::{BufReader, Read, Write};

/// Writes how many bytes there are, as a u32, and the bytes.
pub fn put_sized(out: &mut impl Write, bytes: &[u8]) -> Result {
    out.write_all(&u32::try_from(bytes.len())?.to_le_bytes())?;
    out.write_all(bytes)?;
    Ok(())
}

/// One byte; None at the end of the input.
pub fn next_byte(input: &mut impl Read) -> Result<Option<u8>> {
    let mut byte = [0];
    Ok((input.read(&mut byte)? == 1).then_some(byte[0]))
}

/// Reads what `put_sized` writes; the first byte of the size was read already.
fn read_sized_from(first: u8, input: &mut impl Read, limit: usize, bytes: &mut Vec<u8>) -> Result {
    let mut rest = [0; 3];
    input.read_exact(&mut rest)?;
    let size = u32::from_le_bytes([first, rest[0], rest[1], rest[2]]) as usize;
    if size > limit {
        return Err(format!("{size} bytes; the limit is {limit}").into());
    }
    bytes.resize(size, 0);
    Ok(input.read_exact(bytes)?)
}

/// Reads what `put_sized` writes.
pub fn read_sized(input: &mut impl Read, limit: usize, bytes: &mut Vec<u8>) -> Result {
    let mut first = [0];
    input.read_exact(&mut first)?;
    read_sized_from(first[0], input, limit, bytes)
}

/// Reads what `put_sized` writes; false at the end of the input.
pub fn next_sized(input: &mut impl Read, limit: usize, bytes: &mut Vec<u8>) -> Result<bool> {
    match next_byte(input)? {
        Some(first) => read_sized_from(first, input, limit, bytes).map(|()| true),
        None => Ok(false),
    }
}

/// Flushes the answers when everything that was asked so far is answered: whoever asks may send many
/// questions before reading, or wait for each answer.
pub fn flush_when_idle(input: &BufReader<impl Read>, out: &mut impl Write) -> Result {
    if input.buffer().is_empty() {
        out.flush()?;
    }
    Ok(())
}
