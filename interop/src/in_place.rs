//! Archives as JSON, read where they lie: nothing is deserialized first, and no map is looked up,
//! for a lookup in a damaged map that rkyv accepted may leave the archive.

use crate::archives::{
    ArchivedEdgeId, ArchivedEmbedding, ArchivedEmbeddingId, ArchivedFeedbackType, ArchivedNode,
    ArchivedNodeId, ArchivedRkyvMetadata, ArchivedRkyvValue,
};
use crate::fields::{for_each_kind, for_each_struct};
use crate::{Result, archives, record::Class};
use rkyv::option::ArchivedOption;
use rkyv::rancor::Error;
use rkyv::rend::unaligned::{i64_ule, u64_ule};
use rkyv::string::ArchivedString;
use rkyv::vec::ArchivedVec;
use serde_json::{Map, Number, Value, json};

/// An archived value as JSON.
trait ToJson {
    fn to_json(&self) -> Value;
}

impl ToJson for ArchivedString {
    fn to_json(&self) -> Value {
        Value::from(self.as_str())
    }
}

macro_rules! numbers_to_json {
    ($($name:ty)*) => {
        $(impl ToJson for $name {
            fn to_json(&self) -> Value {
                Value::from(self.to_native())
            }
        })*
    };
}
numbers_to_json! { i64_ule u64_ule }

macro_rules! ids_to_json {
    ($($name:ty)*) => {
        $(impl ToJson for $name {
            fn to_json(&self) -> Value {
                self.0.to_json()
            }
        })*
    };
}
ids_to_json! { ArchivedNodeId ArchivedEdgeId ArchivedEmbeddingId }

impl<T: ToJson> ToJson for ArchivedOption<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }
}

impl<T: ToJson> ToJson for ArchivedVec<T> {
    fn to_json(&self) -> Value {
        self.iter().map(T::to_json).collect()
    }
}

impl ToJson for ArchivedRkyvValue {
    fn to_json(&self) -> Value {
        match self {
            ArchivedRkyvValue::Null => Value::Null,
            ArchivedRkyvValue::Bool(b) => Value::Bool(*b),
            ArchivedRkyvValue::Number(f) => {
                Number::from_f64(f.to_native()).map_or(Value::Null, Value::Number)
            }
            ArchivedRkyvValue::String(s) => s.to_json(),
            ArchivedRkyvValue::Array(items) => items.to_json(),
            ArchivedRkyvValue::Object(map) => {
                map.iter().map(|(k, v)| (k.as_str().to_owned(), v.to_json())).collect()
            }
            ArchivedRkyvValue::Int(i) => i.to_json(),
            ArchivedRkyvValue::UInt(u) => u.to_json(),
        }
    }
}

/// Keys of NULs only are one NUL longer than they were; one NUL alone is a root that is no object.
impl ToJson for ArchivedRkyvMetadata {
    fn to_json(&self) -> Value {
        let mut object = Map::new();
        for (key, value) in self.data.iter() {
            let key = key.as_str();
            if key == "\0" && self.data.len() == 1 {
                return value.to_json();
            }
            let only_nuls = key.len() > 1 && key.bytes().all(|b| b == 0);
            object.insert(key[usize::from(only_nuls)..].to_owned(), value.to_json());
        }
        Value::Object(object)
    }
}

impl ToJson for ArchivedFeedbackType {
    fn to_json(&self) -> Value {
        Value::from(match self {
            ArchivedFeedbackType::Correction => "Correction",
            ArchivedFeedbackType::Approval => "Approval",
            ArchivedFeedbackType::Rejection => "Rejection",
            ArchivedFeedbackType::Neutral => "Neutral",
        })
    }
}

macro_rules! structs_to_json {
    ($($name:ident { $($field:ident),* })*) => {
        $(impl ToJson for rkyv::Archived<archives::$name> {
            fn to_json(&self) -> Value {
                json!({ $(stringify!($field): self.$field.to_json()),* })
            }
        })*
    };
}
for_each_struct!(structs_to_json);

macro_rules! kinds_to_json {
    ($($kind:ident)*) => {
        impl ToJson for ArchivedNode {
            fn to_json(&self) -> Value {
                match self {
                    $(ArchivedNode::$kind(n) => json!({ stringify!($kind): n.to_json() }),)*
                }
            }
        }
    };
}
for_each_kind!(kinds_to_json);

/// The numbers of a vector as the bits of their floats: JSON has no NaN.
impl ToJson for ArchivedEmbedding {
    fn to_json(&self) -> Value {
        let bits: Vec<u32> = self.vector.iter().map(|f| f.to_native().to_bits()).collect();
        json!({ "id": self.id.to_json(), "vector_bits": bits, "model": self.model.to_json() })
    }
}

/// The record in these bytes, which may lie at any address, with its keys in order.
pub fn json_of(class: Class, bytes: &[u8]) -> Result<Value> {
    Ok(match class {
        Class::Node => rkyv::access::<ArchivedNode, Error>(bytes)?.to_json(),
        Class::Edge => rkyv::access::<rkyv::Archived<archives::Edge>, Error>(bytes)?.to_json(),
        Class::Embedding => rkyv::access::<ArchivedEmbedding, Error>(bytes)?.to_json(),
    })
}
