//! `mutate-archives SEED COUNT`: damaged archives and rkyv's verdict on each, to standard output:
//! class (u8: 0 node, 1 edge, 2 embedding), verdict (u8: 1 accepted, 0 refused), size (u32,
//! little-endian) and bytes.

use mia_interop::mutate::Mutator;
use mia_interop::random::Generator;
use mia_interop::{Result, put_sized};
use std::io::{BufWriter, Write, stdout};

/// Archives that are made of one record: making the record takes longer than damaging it.
const MUTATIONS_PER_RECORD: u64 = 10;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, count] = arguments.as_slice() else {
        return Err("usage: mutate-archives SEED COUNT".into());
    };
    let (seed, mut left): (u64, u64) = (seed.parse()?, count.parse()?);
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
