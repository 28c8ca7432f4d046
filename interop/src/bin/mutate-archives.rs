//! `mutate-archives --seed S --count N`: damaged archives and rkyv's verdict on each, to standard
//! output. README.md has the stream.

use mia_interop::mutate::Mutator;
use mia_interop::random::Generator;
use mia_interop::stream::put_sized;
use mia_interop::{Result, seed_and_count};
use std::io::{BufWriter, Write, stdout};

/// Archives that are made of one record: making the record takes longer than damaging it.
const MUTATIONS_PER_RECORD: u64 = 10;

fn main() -> Result {
    let (seed, mut left) = seed_and_count("mutate-archives")?;
    let mut generator = Generator::new(seed);
    let mut mutator = Mutator::new(!seed);
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    while left > 0 {
        let record = generator.record();
        let archive = record.to_archive()?;
        for _ in 0..left.min(MUTATIONS_PER_RECORD) {
            let (class, bytes) = mutator.mutate(record.class(), &archive);
            out.write_all(&[class as u8, u8::from(class.accepts(bytes))])?;
            put_sized(&mut out, bytes)?;
        }
        left = left.saturating_sub(MUTATIONS_PER_RECORD);
    }
    out.flush()?;
    Ok(())
}
