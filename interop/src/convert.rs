//! From MIA's own models to those of the archives, field by field.

use crate::fields::{for_each_kind, for_each_struct};
use crate::{archives, models};
use serde_json::Value;

/// The same value as the type that archives have for it.
pub trait Convert<T> {
    fn convert(&self) -> T;
}

macro_rules! convert_by_clone {
    ($($name:ty)*) => {
        $(impl Convert<$name> for $name {
            fn convert(&self) -> $name {
                self.clone()
            }
        })*
    };
}
convert_by_clone! { String i64 u64 }

macro_rules! convert_ids {
    ($($name:ident)*) => {
        $(impl Convert<archives::$name> for String {
            fn convert(&self) -> archives::$name {
                archives::$name(self.clone())
            }
        })*
    };
}
convert_ids! { NodeId EdgeId EmbeddingId }

impl<A: Convert<B>, B> Convert<Option<B>> for Option<A> {
    fn convert(&self) -> Option<B> {
        self.as_ref().map(A::convert)
    }
}

impl<A: Convert<B>, B> Convert<Vec<B>> for Vec<A> {
    fn convert(&self) -> Vec<B> {
        self.iter().map(A::convert).collect()
    }
}

impl Convert<archives::RkyvMetadata> for Value {
    fn convert(&self) -> archives::RkyvMetadata {
        self.into()
    }
}

impl Convert<archives::RkyvValue> for Value {
    fn convert(&self) -> archives::RkyvValue {
        self.into()
    }
}

impl Convert<archives::FeedbackType> for models::FeedbackType {
    fn convert(&self) -> archives::FeedbackType {
        match self {
            models::FeedbackType::Correction => archives::FeedbackType::Correction,
            models::FeedbackType::Approval => archives::FeedbackType::Approval,
            models::FeedbackType::Rejection => archives::FeedbackType::Rejection,
            models::FeedbackType::Neutral => archives::FeedbackType::Neutral,
        }
    }
}

macro_rules! convert_structs {
    ($($name:ident { $($field:ident),* })*) => {
        $(impl Convert<archives::$name> for models::$name {
            fn convert(&self) -> archives::$name {
                archives::$name { $($field: self.$field.convert()),* }
            }
        })*
    };
}
for_each_struct!(convert_structs);

macro_rules! convert_kinds {
    ($($kind:ident)*) => {
        impl Convert<archives::Node> for models::Node {
            fn convert(&self) -> archives::Node {
                match self {
                    $(models::Node::$kind(n) => archives::Node::$kind(n.convert()),)*
                }
            }
        }
    };
}
for_each_kind!(convert_kinds);

impl Convert<archives::Embedding> for models::Embedding {
    fn convert(&self) -> archives::Embedding {
        archives::Embedding {
            id: self.id.convert(),
            vector: self.vector.clone(),
            model: self.model.clone(),
        }
    }
}
