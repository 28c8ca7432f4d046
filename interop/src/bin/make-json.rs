//! `make-json --seed S --count N`: odd JSON texts, and what serde_json says to each, to standard
//! output. README.md has the stream.

use mia_interop::json_texts::{Texts, put_answer};
use mia_interop::stream::put_sized;
use mia_interop::{Result, seed_and_count};
use std::io::{BufWriter, Write, stdout};

fn main() -> Result {
    let (seed, count) = seed_and_count("make-json")?;
    let mut texts = Texts::new(seed);
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    for _ in 0..count {
        let text = texts.next_text();
        put_sized(&mut out, &text)?;
        put_answer(&mut out, &text)?;
    }
    out.flush()?;
    Ok(())
}
