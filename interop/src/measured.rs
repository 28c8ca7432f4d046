//! What the benchmarks of the records measure in Rust, written as one who knows the crates would:
//! buffers are kept, values are moved, errors have no text.

use crate::Result;
use crate::archives::{
    self, ArchivedEdge, ArchivedEmbedding, ArchivedMessage, ArchivedNode, ArchivedRkyvValue,
};
use crate::convert::Convert;
use crate::models;
use crate::record::{Class, Record};
use bincode::config::standard;
use rkyv::api::high::to_bytes_in;
use rkyv::rancor::Failure;
use rkyv::util::AlignedVec;
use std::hint::black_box;

/// A record in both formats.
pub struct Item {
    pub kind: u8,
    pub class: Class,
    pub bincode: Vec<u8>,
    pub archive: Vec<u8>,
}

impl Item {
    pub fn new(record: &Record) -> Result<Item> {
        let (bincode, archive) = (record.to_bincode()?, record.to_archive()?);
        Ok(Item { kind: record.kind(), class: record.class(), bincode, archive })
    }
}

/// Buffers that one operation leaves to the next.
#[derive(Default)]
pub struct Buffers {
    archive: AlignedVec,
    bincode: Vec<u8>,
}

/// The numbers are those of the protocol of `bench-models`.
pub const OPERATIONS: [fn(&Item, &mut Buffers) -> Result<u64>; 6] =
    [transcode, transcode_back, check, read_fields, look_up, multiply];

/// bincode to an archive: its size.
fn transcode(item: &Item, buffers: &mut Buffers) -> Result<u64> {
    let mut to = std::mem::take(&mut buffers.archive);
    to.clear();
    buffers.archive = match item.class {
        Class::Node => {
            let node: models::Node = models::decode(&item.bincode)?.0;
            to_bytes_in::<_, Failure>(&Convert::<archives::Node>::convert(node), to)?
        }
        Class::Edge => {
            let edge: models::Edge = models::decode(&item.bincode)?.0;
            to_bytes_in::<_, Failure>(&Convert::<archives::Edge>::convert(edge), to)?
        }
        Class::Embedding => {
            let embedding = models::decode_embedding(&item.bincode)?.0;
            to_bytes_in::<_, Failure>(&Convert::<archives::Embedding>::convert(embedding), to)?
        }
    };
    Ok(buffers.archive.len() as u64)
}

/// An archive, checked, to bincode: its size.
fn transcode_back(item: &Item, buffers: &mut Buffers) -> Result<u64> {
    let to = &mut buffers.bincode;
    to.clear();
    let size = match item.class {
        Class::Node => {
            let node = rkyv::from_bytes::<archives::Node, Failure>(&item.archive)?;
            let node: models::Node = node.convert();
            bincode::serde::encode_into_std_write(node, to, standard())?
        }
        Class::Edge => {
            let edge = rkyv::from_bytes::<archives::Edge, Failure>(&item.archive)?;
            let edge: models::Edge = edge.convert();
            bincode::serde::encode_into_std_write(edge, to, standard())?
        }
        Class::Embedding => {
            let embedding = rkyv::from_bytes::<archives::Embedding, Failure>(&item.archive)?;
            let embedding: models::Embedding = embedding.convert();
            bincode::encode_into_std_write(embedding, to, standard())?
        }
    };
    Ok(size as u64)
}

/// rkyv's validator: the archive's size.
fn check(item: &Item, _: &mut Buffers) -> Result<u64> {
    let archive = item.archive.as_slice();
    match item.class {
        Class::Node => _ = black_box(rkyv::access::<ArchivedNode, Failure>(archive)?),
        Class::Edge => _ = black_box(rkyv::access::<ArchivedEdge, Failure>(archive)?),
        Class::Embedding => _ = black_box(rkyv::access::<ArchivedEmbedding, Failure>(archive)?),
    }
    Ok(archive.len() as u64)
}

fn message(item: &Item) -> Result<&ArchivedMessage> {
    // SAFETY: the archive was made by rkyv from a node.
    match unsafe { rkyv::access_unchecked::<ArchivedNode>(&item.archive) } {
        ArchivedNode::Message(message) => Ok(message),
        _ => Err("no message".into()),
    }
}

/// Two fields of a message: both sizes and the first byte of each.
fn read_fields(item: &Item, _: &mut Buffers) -> Result<u64> {
    let message = message(item)?;
    let (sender, text) = (message.sender.as_bytes(), message.text_content.as_bytes());
    Ok((sender.len() + text.len()) as u64 + u64::from(sender[0]) + u64::from(text[0]))
}

/// An integer of a message's metadata.
fn look_up(item: &Item, _: &mut Buffers) -> Result<u64> {
    match message(item)?.metadata.data.get("importance") {
        Some(ArchivedRkyvValue::Int(n)) => Ok(n.to_native() as u64),
        _ => Err("no importance".into()),
    }
}

/// The dot product of a vector and itself, in eight sums that the compiler may keep side by side.
fn multiply(item: &Item, _: &mut Buffers) -> Result<u64> {
    // SAFETY: the archive was made by rkyv from an embedding.
    let embedding = unsafe { rkyv::access_unchecked::<ArchivedEmbedding>(&item.archive) };
    let vector = embedding.vector.as_slice();
    let mut sums = [0f32; 16]; // side by side, as libmia has them: the rounding must be the same
    for (a, b) in vector.chunks_exact(16).zip(black_box(vector).chunks_exact(16)) {
        for i in 0..16 {
            sums[i] += a[i].to_native() * b[i].to_native();
        }
    }
    let all: [f32; 4] =
        std::array::from_fn(|i| (sums[i] + sums[4 + i]) + (sums[8 + i] + sums[12 + i]));
    Ok(u64::from(((all[0] + all[1]) + (all[2] + all[3])).to_bits()))
}
