//! A record of any class in all its forms, and rkyv's verdict on bytes that claim to be one.

use crate::Result;
use crate::archives::{self, ArchivedEdge, ArchivedEmbedding, ArchivedNode};
use crate::convert::Convert;
use crate::models;
use rkyv::rancor::{BoxedError, Error, Failure, Source};
use std::panic::catch_unwind;

/// What a table holds. The numbers are those that the programs of this crate read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Node = 0,
    Edge = 1,
    Embedding = 2,
}

impl Class {
    pub const ALL: [Class; 3] = [Class::Node, Class::Edge, Class::Embedding];

    pub fn of(number: u8) -> Result<Class> {
        let class = Class::ALL.get(usize::from(number));
        class.copied().ok_or(format!("class {number}: 0 node, 1 edge, 2 embedding").into())
    }

    /// Size of the archive's root object, which lies at the archive's end.
    pub fn root_size(self) -> usize {
        match self {
            Class::Node => size_of::<ArchivedNode>(),
            Class::Edge => size_of::<ArchivedEdge>(),
            Class::Embedding => size_of::<ArchivedEmbedding>(),
        }
    }

    /// The tree, and the table, that holds these records.
    pub fn tree(self) -> &'static str {
        match self {
            Class::Node => "nodes",
            Class::Edge => "edges",
            Class::Embedding => "embeddings",
        }
    }

    /// rkyv's outcome with errors of type E.
    fn access<E: Source>(self, bytes: &[u8]) -> std::result::Result<(), E> {
        match self {
            Class::Node => rkyv::access::<ArchivedNode, E>(bytes).map(|_| ()),
            Class::Edge => rkyv::access::<ArchivedEdge, E>(bytes).map(|_| ()),
            Class::Embedding => rkyv::access::<ArchivedEmbedding, E>(bytes).map(|_| ()),
        }
    }

    /// Would rkyv hand out a reference into these bytes? A panic is a refusal. It recurses once for
    /// every nested array and object: call it where the stack is large enough for the deepest archive
    /// of that size.
    pub fn accepts(self, bytes: &[u8]) -> bool {
        catch_unwind(|| self.access::<Failure>(bytes).is_ok()).unwrap_or(false)
    }

    /// As `accepts`, slower, with the reason of a refusal.
    pub fn check(self, bytes: &[u8]) -> std::result::Result<(), String> {
        match catch_unwind(|| self.access::<BoxedError>(bytes)) {
            Ok(outcome) => outcome.map_err(|e| e.to_string()),
            Err(_) => Err("rkyv panics".to_owned()),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    Node(models::Node),
    Edge(models::Edge),
    Embedding(models::Embedding),
}

impl Record {
    pub fn class(&self) -> Class {
        match self {
            Record::Node(_) => Class::Node,
            Record::Edge(_) => Class::Edge,
            Record::Embedding(_) => Class::Embedding,
        }
    }

    /// The number of C's `enum mia_kind`.
    pub fn kind(&self) -> u8 {
        match self {
            Record::Node(node) => node.kind(),
            Record::Edge(_) => 100,
            Record::Embedding(_) => 101,
        }
    }

    /// The key under which it is stored.
    pub fn id(&self) -> &str {
        match self {
            Record::Node(node) => node.id(),
            Record::Edge(edge) => &edge.id,
            Record::Embedding(embedding) => &embedding.id,
        }
    }

    /// The record and how many of the bytes it took.
    pub fn from_bincode(class: Class, bytes: &[u8]) -> Result<(Record, usize)> {
        Ok(match class {
            Class::Node => {
                let (node, used) = models::decode(bytes)?;
                (Record::Node(node), used)
            }
            Class::Edge => {
                let (edge, used) = models::decode(bytes)?;
                (Record::Edge(edge), used)
            }
            Class::Embedding => {
                let (embedding, used) = models::decode_embedding(bytes)?;
                (Record::Embedding(embedding), used)
            }
        })
    }

    pub fn to_bincode(&self) -> Result<Vec<u8>> {
        Ok(match self {
            Record::Node(node) => models::encode(node)?,
            Record::Edge(edge) => models::encode(edge)?,
            Record::Embedding(embedding) => models::encode_embedding(embedding)?,
        })
    }

    pub fn to_archive(&self) -> Result<Vec<u8>> {
        self.clone().into_archive()
    }

    pub fn into_archive(self) -> Result<Vec<u8>> {
        let bytes = match self {
            Record::Node(node) => {
                let node: archives::Node = node.convert();
                rkyv::to_bytes::<Error>(&node)?
            }
            Record::Edge(edge) => {
                let edge: archives::Edge = edge.convert();
                rkyv::to_bytes::<Error>(&edge)?
            }
            Record::Embedding(embedding) => {
                let embedding: archives::Embedding = embedding.convert();
                rkyv::to_bytes::<Error>(&embedding)?
            }
        };
        Ok(bytes.into_vec())
    }
}
