//! From MIA's own models to those of the archives and back, field by field. Texts and lists are
//! moved, not copied.

use crate::archives::{self, RkyvMetadata, RkyvValue};
use crate::fields::{for_each_kind, for_each_struct};
use crate::models;
use serde_json::Value;

/// The same value as the type that the other side has for it.
pub trait Convert<T> {
    fn convert(self) -> T;
}

macro_rules! convert_as_it_is {
    ($($name:ty)*) => {
        $(impl Convert<$name> for $name {
            fn convert(self) -> $name {
                self
            }
        })*
    };
}
convert_as_it_is! { String i64 u64 Vec<f32> }

macro_rules! convert_ids {
    ($($name:ident)*) => {
        $(impl Convert<archives::$name> for String {
            fn convert(self) -> archives::$name {
                archives::$name(self)
            }
        }

        impl Convert<String> for archives::$name {
            fn convert(self) -> String {
                self.0
            }
        })*
    };
}
convert_ids! { NodeId EdgeId EmbeddingId }

impl<A: Convert<B>, B> Convert<Option<B>> for Option<A> {
    fn convert(self) -> Option<B> {
        self.map(A::convert)
    }
}

impl<A: Convert<B>, B> Convert<Vec<B>> for Vec<A> {
    fn convert(self) -> Vec<B> {
        self.into_iter().map(A::convert).collect()
    }
}

impl Convert<RkyvValue> for Value {
    fn convert(self) -> RkyvValue {
        match self {
            Value::String(s) => RkyvValue::String(s),
            Value::Array(a) => RkyvValue::Array(a.convert()),
            Value::Object(o) => {
                RkyvValue::Object(o.into_iter().map(|(k, v)| (k, v.convert())).collect())
            }
            scalar => RkyvValue::from(&scalar),
        }
    }
}

impl Convert<Value> for RkyvValue {
    fn convert(self) -> Value {
        match self {
            RkyvValue::String(s) => Value::String(s),
            RkyvValue::Array(a) => Value::Array(a.convert()),
            RkyvValue::Object(o) => {
                Value::Object(o.into_iter().map(|(k, v)| (k, v.convert())).collect())
            }
            scalar => Value::from(&scalar),
        }
    }
}

/// Roots that are no object, and keys of U+0000 only, are left to the conversion by reference.
fn is_plain<'a>(mut keys: impl Iterator<Item = &'a String>) -> bool {
    keys.all(|key| !key.starts_with('\0'))
}

impl Convert<RkyvMetadata> for Value {
    fn convert(self) -> RkyvMetadata {
        match self {
            Value::Object(o) if is_plain(o.keys()) => {
                RkyvMetadata { data: o.into_iter().map(|(k, v)| (k, v.convert())).collect() }
            }
            other => RkyvMetadata::from(&other),
        }
    }
}

impl Convert<Value> for RkyvMetadata {
    fn convert(self) -> Value {
        if !is_plain(self.data.keys()) {
            return Value::from(&self);
        }
        Value::Object(self.data.into_iter().map(|(k, v)| (k, v.convert())).collect())
    }
}

macro_rules! convert_enum {
    ($name:ident { $($variant:ident)* }, $from:ident, $to:ident) => {
        impl Convert<$to::$name> for $from::$name {
            fn convert(self) -> $to::$name {
                match self {
                    $($from::$name::$variant => $to::$name::$variant,)*
                }
            }
        }
    };
}
convert_enum! { FeedbackType { Correction Approval Rejection Neutral }, models, archives }
convert_enum! { FeedbackType { Correction Approval Rejection Neutral }, archives, models }

macro_rules! convert_struct {
    ($name:ident { $($field:ident),* }, $from:ident, $to:ident) => {
        impl Convert<$to::$name> for $from::$name {
            fn convert(self) -> $to::$name {
                $to::$name { $($field: self.$field.convert()),* }
            }
        }
    };
}

macro_rules! convert_structs {
    ($($name:ident $fields:tt)*) => {
        $(convert_struct! { $name $fields, models, archives }
        convert_struct! { $name $fields, archives, models })*
    };
}
for_each_struct!(convert_structs);
convert_structs! { Embedding { id, vector, model } }

macro_rules! convert_kinds {
    ($($kind:ident)*) => {
        impl Convert<archives::Node> for models::Node {
            fn convert(self) -> archives::Node {
                match self {
                    $(models::Node::$kind(n) => archives::Node::$kind(n.convert()),)*
                }
            }
        }

        impl Convert<models::Node> for archives::Node {
            fn convert(self) -> models::Node {
                match self {
                    $(archives::Node::$kind(n) => models::Node::$kind(n.convert()),)*
                }
            }
        }
    };
}
for_each_kind!(convert_kinds);
