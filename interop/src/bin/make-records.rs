//! `make-records SEED COUNT`: random records to standard output, each as bincode and as rkyv write
//! it: class (u8: 0 node, 1 edge, 2 embedding), size (u32, little-endian) and bytes of the bincode
//! value, size and bytes of the archive.

use mia_interop::random::Generator;
use mia_interop::{Result, put_sized};
use std::io::{BufWriter, Write, stdout};

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, count] = arguments.as_slice() else {
        return Err("usage: make-records SEED COUNT".into());
    };
    let mut generator = Generator::new(seed.parse()?);
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    for _ in 0..count.parse::<u64>()? {
        let record = generator.record();
        out.write_all(&[record.class() as u8])?;
        put_sized(&mut out, &record.to_bincode()?)?;
        put_sized(&mut out, &record.to_archive()?)?;
    }
    out.flush()?;
    Ok(())
}
