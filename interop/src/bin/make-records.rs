//! `make-records --seed S --count N`: random records to standard output, in all their forms. README.md
//! has the stream.

use mia_interop::in_place::print_json;
use mia_interop::random::Generator;
use mia_interop::stream::put_sized;
use mia_interop::{Result, seed_and_count};
use std::io::{BufWriter, Write, stdout};

fn main() -> Result {
    let (seed, count) = seed_and_count("make-records")?;
    let mut generator = Generator::new(seed);
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    let mut json = Vec::new();
    for _ in 0..count {
        let record = generator.record();
        let archive = record.to_archive()?;
        json.clear();
        print_json(record.class(), &archive, &mut json)?;
        out.write_all(&[record.kind()])?;
        put_sized(&mut out, &record.to_bincode()?)?;
        put_sized(&mut out, &archive)?;
        put_sized(&mut out, &json)?;
    }
    out.flush()?;
    Ok(())
}
