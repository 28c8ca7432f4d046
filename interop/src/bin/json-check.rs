//! `json-check`: what serde_json says to texts from standard input, and how it prints them again.
//! README.md has the stream.

use mia_interop::Result;
use mia_interop::json_texts::put_answer;
use mia_interop::stream::{flush_when_idle, next_sized};
use std::io::{BufReader, BufWriter, Write, stdin, stdout};

const MAX_TEXT: usize = 1 << 30;

fn main() -> Result {
    let mut input = BufReader::with_capacity(1 << 20, stdin().lock());
    let mut out = BufWriter::with_capacity(1 << 16, stdout().lock());
    let mut text = Vec::new();
    while next_sized(&mut input, MAX_TEXT, &mut text)? {
        put_answer(&mut out, &text)?;
        flush_when_idle(&input, &mut out)?;
    }
    out.flush()?;
    Ok(())
}
