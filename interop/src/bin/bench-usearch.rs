//! `bench-usearch`: the peer of the vector graph's benchmark, usearch as its crate gives it: its own
//! cosine, its own SIMD package, one thread. README.md has the stream.

use mia_interop::Result;
use mia_interop::stream::next_byte;
use std::io::{BufReader, Read, Write, stdin, stdout};
use std::time::Instant;
use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

/// What both sides are told alike.
struct Shape {
    dimension: usize,
    points: usize,
    queries: usize,
    neighbours: usize,
    width_add: usize,
    width: usize,
    k: usize,
}

fn read_number(input: &mut impl Read) -> Result<usize> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes) as usize)
}

fn read_vectors(input: &mut impl Read, count: usize, dimension: usize) -> Result<Vec<f32>> {
    let mut bytes = vec![0; 4 * count * dimension];
    input.read_exact(&mut bytes)?;
    let float = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    Ok(bytes.chunks_exact(4).map(float).collect())
}

fn add(shape: &Shape, vectors: &[f32]) -> Result<Index> {
    let index = Index::new(&IndexOptions {
        dimensions: shape.dimension,
        metric: MetricKind::Cos,
        quantization: ScalarKind::F32,
        connectivity: shape.neighbours,
        expansion_add: shape.width_add,
        expansion_search: shape.width,
        multi: false,
    })?;
    index.reserve(shape.points)?;
    for (vector, key) in vectors.chunks_exact(shape.dimension).zip(1..) {
        index.add(key, vector)?;
    }
    Ok(index)
}

/// Nanoseconds, and the keys of the hits, k for each query: 0 where there are fewer.
fn search(shape: &Shape, index: &Index, queries: &[f32]) -> Result<(u64, Vec<u64>)> {
    let mut keys = Vec::with_capacity(shape.queries * shape.k);
    let mut nanoseconds = 0;
    for query in queries.chunks_exact(shape.dimension) {
        let start = Instant::now();
        let matches = index.search(query, shape.k)?;
        nanoseconds += start.elapsed().as_nanos() as u64;
        keys.extend((0..shape.k).map(|i| matches.keys.get(i).copied().unwrap_or(0)));
    }
    Ok((nanoseconds, keys))
}

fn main() -> Result {
    let mut input = BufReader::new(stdin().lock());
    let mut out = stdout().lock();
    let mut number = || read_number(&mut input);
    let shape = Shape {
        dimension: number()?,
        points: number()?,
        queries: number()?,
        neighbours: number()?,
        width_add: number()?,
        width: number()?,
        k: number()?,
    };
    let vectors = read_vectors(&mut input, shape.points, shape.dimension)?;
    let queries = read_vectors(&mut input, shape.queries, shape.dimension)?;
    let mut index = None;
    while let Some(operation) = next_byte(&mut input)? {
        match (operation, &index) {
            (b'a', _) => {
                drop(index.take());
                let start = Instant::now();
                index = Some(add(&shape, &vectors)?);
                let nanoseconds = start.elapsed().as_nanos() as u64;
                out.write_all(&nanoseconds.to_le_bytes())?;
            }
            (b's', Some(index)) => {
                let (nanoseconds, keys) = search(&shape, index, &queries)?;
                out.write_all(&nanoseconds.to_le_bytes())?;
                for key in keys {
                    out.write_all(&key.to_le_bytes())?;
                }
            }
            _ => return Err("no such operation, or none before `a`".into()),
        }
        out.flush()?;
    }
    Ok(())
}
