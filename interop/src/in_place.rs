//! Archives as JSON, read where they lie: nothing is deserialized first, and no map is looked up,
//! for a lookup in a damaged map that rkyv accepted may leave the archive.
//!
//! The text is that of `mia dump --json`: no white space, fields in stored order, the keys of JSON
//! objects in ascending byte order, strings and numbers as serde_json spells them.

use crate::archives::{
    ArchivedEdge, ArchivedEdgeId, ArchivedEmbedding, ArchivedEmbeddingId, ArchivedFeedbackType,
    ArchivedNode, ArchivedNodeId, ArchivedRkyvMetadata, ArchivedRkyvValue,
};
use crate::fields::{for_each_kind, for_each_struct};
use crate::{Result, archives, record::Class};
use rkyv::option::ArchivedOption;
use rkyv::rancor::BoxedError;
use rkyv::rend::unaligned::{f32_ule, i64_ule, u64_ule};
use rkyv::string::ArchivedString;
use rkyv::vec::ArchivedVec;
use serde::Serialize;

/// An archived value that can be printed as JSON.
trait Print {
    fn print(&self, to: &mut Vec<u8>);
}

/// Text, numbers and the like: writing them to memory cannot fail.
fn print_plain(value: impl Serialize, to: &mut Vec<u8>) {
    serde_json::to_writer(to, &value).expect("plain values have a text");
}

fn print_array<T>(
    items: impl Iterator<Item = T>,
    to: &mut Vec<u8>,
    print: impl Fn(T, &mut Vec<u8>),
) {
    to.push(b'[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            to.push(b',');
        }
        print(item, to);
    }
    to.push(b']');
}

fn print_object(mut entries: Vec<(&str, &ArchivedRkyvValue)>, to: &mut Vec<u8>) {
    entries.sort_unstable_by_key(|(key, _)| *key);
    to.push(b'{');
    for (i, (key, value)) in entries.into_iter().enumerate() {
        if i > 0 {
            to.push(b',');
        }
        print_plain(key, to);
        to.push(b':');
        value.print(to);
    }
    to.push(b'}');
}

impl Print for ArchivedString {
    fn print(&self, to: &mut Vec<u8>) {
        print_plain(self.as_str(), to);
    }
}

macro_rules! print_numbers {
    ($($name:ty)*) => {
        $(impl Print for $name {
            fn print(&self, to: &mut Vec<u8>) {
                print_plain(self.to_native(), to);
            }
        })*
    };
}
print_numbers! { i64_ule u64_ule }

macro_rules! print_ids {
    ($($name:ty)*) => {
        $(impl Print for $name {
            fn print(&self, to: &mut Vec<u8>) {
                self.0.print(to);
            }
        })*
    };
}
print_ids! { ArchivedNodeId ArchivedEdgeId ArchivedEmbeddingId }

impl<T: Print> Print for ArchivedOption<T> {
    fn print(&self, to: &mut Vec<u8>) {
        match self {
            ArchivedOption::None => to.extend_from_slice(b"null"),
            ArchivedOption::Some(value) => value.print(to),
        }
    }
}

impl<T: Print> Print for ArchivedVec<T> {
    fn print(&self, to: &mut Vec<u8>) {
        print_array(self.iter(), to, T::print);
    }
}

impl Print for ArchivedRkyvValue {
    fn print(&self, to: &mut Vec<u8>) {
        match self {
            ArchivedRkyvValue::Null => to.extend_from_slice(b"null"),
            ArchivedRkyvValue::Bool(b) => print_plain(b, to),
            // Not finite: null, as serde_json has it.
            ArchivedRkyvValue::Number(f) => print_plain(f.to_native(), to),
            ArchivedRkyvValue::String(s) => s.print(to),
            ArchivedRkyvValue::Array(items) => items.print(to),
            ArchivedRkyvValue::Object(map) => {
                print_object(map.iter().map(|(k, v)| (k.as_str(), v)).collect(), to);
            }
            ArchivedRkyvValue::Int(i) => i.print(to),
            ArchivedRkyvValue::UInt(u) => u.print(to),
        }
    }
}

/// Keys of NULs only are one NUL longer than they were; one NUL alone is a root that is no object.
impl Print for ArchivedRkyvMetadata {
    fn print(&self, to: &mut Vec<u8>) {
        let mut entries = Vec::with_capacity(self.data.len());
        for (key, value) in self.data.iter() {
            let key = key.as_str();
            if key == "\0" && self.data.len() == 1 {
                return value.print(to);
            }
            let only_nuls = key.len() > 1 && key.bytes().all(|b| b == 0);
            entries.push((&key[usize::from(only_nuls)..], value));
        }
        print_object(entries, to);
    }
}

impl Print for ArchivedFeedbackType {
    fn print(&self, to: &mut Vec<u8>) {
        let name = match self {
            ArchivedFeedbackType::Correction => "Correction",
            ArchivedFeedbackType::Approval => "Approval",
            ArchivedFeedbackType::Rejection => "Rejection",
            ArchivedFeedbackType::Neutral => "Neutral",
        };
        print_plain(name, to);
    }
}

macro_rules! print_structs {
    ($($name:ident { $first:ident $(, $field:ident)* })*) => {
        $(impl Print for rkyv::Archived<archives::$name> {
            fn print(&self, to: &mut Vec<u8>) {
                to.extend_from_slice(concat!("{\"", stringify!($first), "\":").as_bytes());
                self.$first.print(to);
                $(
                    to.extend_from_slice(concat!(",\"", stringify!($field), "\":").as_bytes());
                    self.$field.print(to);
                )*
                to.push(b'}');
            }
        })*
    };
}
for_each_struct!(print_structs);

macro_rules! print_kinds {
    ($($kind:ident)*) => {
        impl Print for ArchivedNode {
            fn print(&self, to: &mut Vec<u8>) {
                match self {
                    $(ArchivedNode::$kind(node) => {
                        to.extend_from_slice(concat!("{\"", stringify!($kind), "\":").as_bytes());
                        node.print(to);
                        to.push(b'}');
                    })*
                }
            }
        }
    };
}
for_each_kind!(print_kinds);

/// JSON has no NaN and no infinity: a vector that holds one is printed as the bits of its floats.
fn print_vector(vector: &ArchivedVec<f32_ule>, to: &mut Vec<u8>) {
    if vector.iter().all(|f| f.to_native().is_finite()) {
        to.extend_from_slice(b"\"vector\":");
        print_array(vector.iter(), to, |f, to| print_plain(f64::from(f.to_native()), to));
    } else {
        to.extend_from_slice(b"\"vector_bits\":");
        print_array(vector.iter(), to, |f, to| print_plain(f.to_native().to_bits(), to));
    }
}

impl Print for ArchivedEmbedding {
    fn print(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(b"{\"id\":");
        self.id.print(to);
        to.push(b',');
        print_vector(&self.vector, to);
        to.extend_from_slice(b",\"model\":");
        self.model.print(to);
        to.push(b'}');
    }
}

/// Appends the record in these bytes, which may lie at any address.
pub fn print_json(class: Class, archive: &[u8], to: &mut Vec<u8>) -> Result {
    match class {
        Class::Node => rkyv::access::<ArchivedNode, BoxedError>(archive)?.print(to),
        Class::Edge => rkyv::access::<ArchivedEdge, BoxedError>(archive)?.print(to),
        Class::Embedding => rkyv::access::<ArchivedEmbedding, BoxedError>(archive)?.print(to),
    }
    Ok(())
}
