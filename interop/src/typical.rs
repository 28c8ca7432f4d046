//! Records such as MIA writes, for benchmarks: what a field holds follows from its name and type.
//! The same records in every run.

use crate::fields::{for_each_kind, for_each_struct};
use crate::models::{self, Edge, Embedding, FeedbackType, Node};
use crate::record::Record;
use crate::rng::Rng;
use serde_json::{Map, Value, json};

/// How much there is of everything.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Bytes of a long text, about.
    pub text: usize,
    /// What long texts repeat.
    pub words: &'static str,
    /// Entries of a list, keys of a metadata object, floats of a vector.
    pub list: usize,
    pub keys: usize,
    pub floats: usize,
}

const ENGLISH: &str = "the parser reads each record once and keeps what it borrowed; ";
const JAPANESE: &str = "記録を一度だけ読み、借りたものはそのまま残す。";

pub const TYPICAL: Shape = Shape { text: 180, words: ENGLISH, list: 3, keys: 3, floats: 384 };
pub const LARGE: Shape =
    Shape { text: 20_000, words: ENGLISH, list: 1_000, keys: 40, floats: 4_096 };
pub const JAPANESE_TEXT: Shape = Shape { text: 2_000, words: JAPANESE, ..TYPICAL };

pub struct Maker {
    rng: Rng,
    shape: Shape,
}

impl Maker {
    pub fn new(shape: Shape) -> Self {
        Maker { rng: Rng::new(1), shape }
    }

    fn make<T: Typical>(&mut self, field: &str) -> T {
        T::typical(self, field)
    }

    fn hex(&mut self, digits: usize) -> String {
        let mut text = String::new();
        while text.len() < digits {
            text += &format!("{:016x}", self.rng.next_u64());
        }
        text.truncate(digits);
        text
    }

    fn long_text(&mut self) -> String {
        let mut text = self.hex(8);
        while text.len() < self.shape.text {
            text += self.shape.words;
        }
        text
    }

    /// What stands under the n-th key of an object.
    fn entry(&mut self, n: usize) -> Value {
        match n % 8 {
            0 => json!(self.rng.below(100) as f64 / 100.0),
            1 => json!(self.rng.between(1, 10)),
            2 => json!("conversation"),
            3 => json!(["rust", "storage", "notes"]),
            4 => json!({"lang": "en", "tokens": self.rng.below(4_000)}),
            5 => json!(self.rng.below(2) == 0),
            6 => json!(f64::from(self.rng.below(1_000) as f32 / 1_000.0)),
            _ => json!(self.hex(32)),
        }
    }
}

/// A type of which fields are.
trait Typical {
    fn typical(maker: &mut Maker, field: &str) -> Self;
}

impl Typical for String {
    fn typical(m: &mut Maker, field: &str) -> Self {
        match field {
            _ if field.ends_with("id") || field.ends_with("_node") => {
                format!("message_{}", m.hex(32))
            }
            _ if field.ends_with("text") || field.ends_with("content") => m.long_text(),
            "transcript" | "speaker_diarization" | "description" => m.long_text(),
            "user_comment" | "correction" => "that is not what I asked for".to_owned(),
            "title" | "label" | "name" | "filename" => format!("Notes on storage {}", m.hex(4)),
            "sha256" | "content_hash" => m.hex(64),
            "sender" | "format" => "user".to_owned(),
            _ if field.ends_with("path") || field.ends_with("url") => {
                format!("https://example.org/archive/2025/10/{}.html", m.hex(12))
            }
            _ => "category/storage".to_owned(),
        }
    }
}

impl Typical for i64 {
    fn typical(m: &mut Maker, _: &str) -> Self {
        1_697_500_000_000 + m.rng.below(1 << 32) as i64
    }
}

impl Typical for u64 {
    fn typical(m: &mut Maker, _: &str) -> Self {
        m.rng.below(1 << 24) as u64
    }
}

impl Typical for f32 {
    fn typical(m: &mut Maker, _: &str) -> Self {
        m.rng.below(2_000_000) as f32 / 1e6 - 1.0
    }
}

impl Typical for FeedbackType {
    fn typical(_: &mut Maker, _: &str) -> Self {
        FeedbackType::Correction
    }
}

/// One key is there in every object: readers look it up.
impl Typical for Value {
    fn typical(m: &mut Maker, _: &str) -> Self {
        let mut object = Map::new();
        for n in 0..m.shape.keys {
            let key = match n {
                0 => "confidence".to_owned(),
                1 => "importance".to_owned(),
                2 => "source".to_owned(),
                _ => format!("attribute_{n}"),
            };
            object.insert(key, m.entry(n));
        }
        Value::Object(object)
    }
}

impl<T: Typical> Typical for Option<T> {
    fn typical(m: &mut Maker, field: &str) -> Self {
        Some(m.make(field))
    }
}

impl<T: Typical> Typical for Vec<T> {
    fn typical(m: &mut Maker, field: &str) -> Self {
        let count = if field == "vector" { m.shape.floats } else { m.shape.list };
        (0..count).map(|_| m.make(field.trim_end_matches('s'))).collect()
    }
}

macro_rules! typical_structs {
    ($($name:ident { $($field:ident),* })*) => {
        $(impl Typical for models::$name {
            fn typical(m: &mut Maker, _: &str) -> Self {
                models::$name { $($field: m.make(stringify!($field))),* }
            }
        })*
    };
}
for_each_struct!(typical_structs);
typical_structs! { Embedding { id, vector, model } }

type Make = fn(&mut Maker) -> Record;

macro_rules! typical_kinds {
    ($($kind:ident)*) => {
        /// All kinds of record by name.
        pub const KINDS: &[(&str, Make)] = &[
            $((stringify!($kind), |m| Record::Node(Node::$kind(m.make("")))),)*
            ("Edge", |m| Record::Edge(m.make::<Edge>(""))),
            ("Embedding", |m| Record::Embedding(m.make::<Embedding>(""))),
        ];
    };
}
for_each_kind!(typical_kinds);
