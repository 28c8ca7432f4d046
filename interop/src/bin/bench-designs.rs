//! `bench-designs`: the peers of the stores' benchmark: the designs of `designs`, with the same
//! messages as libmia's store. README.md has the stream.

use mia_interop::designs::{Batch, DESIGNS, Store, create};
use mia_interop::stream::{next_byte, put_sized, read_sized};
use mia_interop::{Result, models};
use std::io::{BufReader, Read, Write, stdin, stdout};
use std::path::PathBuf;
use std::time::Instant;

const LARGEST: usize = 1 << 20;
const LOAD: usize = 10_000;

fn read_number(input: &mut impl Read) -> Result<usize> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes) as usize)
}

fn read_batch(input: &mut impl Read, count: usize) -> Result<Batch> {
    let mut bytes = Vec::new();
    let nodes = (0..count).map(|_| {
        read_sized(input, LARGEST, &mut bytes)?;
        Ok(models::decode(&bytes)?.0)
    });
    Ok(Batch::of(nodes.collect::<Result<_>>()?))
}

struct Bench {
    stores: Vec<Box<dyn Store>>,
    /// What is got, in this order: as the other side has them, so that neither looks for its ids.
    ids: Vec<String>,
}

impl Bench {
    /// New databases of all designs below the folder that the input names, all with its messages.
    fn set_up(input: &mut impl Read) -> Result<Bench> {
        let mut folder = Vec::new();
        read_sized(input, LARGEST, &mut folder)?;
        let folder = PathBuf::from(String::from_utf8(folder)?);
        let store = |design| create(design, &folder.join(format!("design-{design}")));
        let mut stores = (0..DESIGNS.len()).map(store).collect::<Result<Vec<_>>>()?;
        let count = read_number(input)?;
        let mut ids = Vec::with_capacity(count);
        while ids.len() < count {
            let batch = read_batch(input, LOAD.min(count - ids.len()))?;
            for store in &mut stores {
                store.put(&batch)?;
            }
            ids.extend(batch.ids().map(str::to_owned));
        }
        let ids = (0..count).map(|_| Ok(ids.get(read_number(input)?).ok_or("no message")?.clone()));
        let ids = ids.collect::<Result<_>>()?;
        Ok(Bench { stores, ids })
    }

    /// Nanoseconds, and the sum of what was read.
    fn run(&mut self, operation: u8, design: usize, input: &mut impl Read) -> Result<[u64; 2]> {
        let store = self.stores.get_mut(design).ok_or("no such design")?;
        let mut batches = Vec::new();
        if operation == b'p' {
            let (transactions, each) = (read_number(input)?, read_number(input)?);
            for _ in 0..transactions {
                batches.push(read_batch(input, each)?);
            }
        }
        let start = Instant::now();
        let sum = match operation {
            b'g' => store.get(&self.ids)?,
            b's' => store.scan()?,
            b'p' => batches.iter().try_for_each(|batch| store.put(batch)).map(|()| 0)?,
            _ => return Err("no such operation".into()),
        };
        Ok([start.elapsed().as_nanos() as u64, sum])
    }
}

fn main() -> Result {
    let mut input = BufReader::new(stdin().lock());
    let mut out = stdout().lock();
    let mut bench = Bench::set_up(&mut input)?;
    out.write_all(&u32::try_from(DESIGNS.len())?.to_le_bytes())?;
    for name in DESIGNS {
        put_sized(&mut out, name.as_bytes())?;
    }
    out.flush()?;
    while let Some(operation) = next_byte(&mut input)? {
        let design = read_number(&mut input)?;
        for number in bench.run(operation, design, &mut input)? {
            out.write_all(&number.to_le_bytes())?;
        }
        out.flush()?;
    }
    Ok(())
}
