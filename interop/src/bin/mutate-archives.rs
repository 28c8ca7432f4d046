//! `mutate-archives SEED COUNT`: damaged archives and rkyv's verdict on each, to standard output:
//! class (u8: 0 node, 1 edge, 2 embedding), verdict (u8: 1 accepted, 0 refused), size (u32,
//! little-endian) and bytes.

use mia_interop::mutate::mutate;
use mia_interop::random::Generator;
use mia_interop::record::Class;
use mia_interop::rng::Rng;
use mia_interop::{Result, put_sized};
use std::io::{BufWriter, Write, stdout};

/// Archives that are made of one record: making the record takes longer than damaging it.
const MUTATIONS_PER_RECORD: u64 = 10;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, count] = arguments.as_slice() else {
        return Err("usage: mutate-archives SEED COUNT".into());
    };
    let (seed, count): (u64, u64) = (seed.parse()?, count.parse()?);
    let mut generator = Generator::new(seed);
    let mut rng = Rng::new(!seed);
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    let mut class = Class::Node;
    let mut sound = Vec::new();
    let mut bytes = Vec::new();
    for n in 0..count {
        if n % MUTATIONS_PER_RECORD == 0 {
            let record = generator.record();
            class = record.class();
            sound = record.to_archive()?;
        }
        bytes.clone_from(&sound);
        mutate(&mut rng, class, &mut bytes);
        // Now and then an archive lies in the wrong table.
        let claimed = if rng.below(100) == 0 { Class::ALL[rng.below(3)] } else { class };
        out.write_all(&[claimed as u8, u8::from(claimed.accepts(&bytes))])?;
        put_sized(&mut out, &bytes)?;
    }
    out.flush()?;
    Ok(())
}
