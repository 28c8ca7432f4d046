//! Random records that reach the edges of both formats: lengths around every change of a length's
//! spelling, all planes of Unicode, extreme integers, any bit pattern of a float, maps of every
//! shape, and JSON that is nested, has no object at its root or has keys of NULs only.

use crate::fields::{for_each_kind, for_each_struct};
use crate::models::{self, Embedding, FeedbackType, Node};
use crate::record::Record;
use crate::rng::Rng;
use serde_json::{Map, Number, Value};

/// Arrays and objects that are open at the deepest place of a random value.
const MAX_DEPTH: usize = 127;
const MAX_STRING: usize = 70_000;
const MAX_ENTRIES: usize = 2_000;

/// Values of one JSON text, about: keeps random trees from growing without end.
const VALUES_PER_TEXT: usize = 60;

pub struct Generator {
    pub(crate) rng: Rng,
    values_left: usize,
}

impl Generator {
    pub fn new(seed: u64) -> Self {
        Generator { rng: Rng::new(seed), values_left: 0 }
    }

    pub fn record(&mut self) -> Record {
        match self.rng.below(10) {
            0 | 1 => Record::Edge(self.make()),
            2 => Record::Embedding(self.make()),
            _ => Record::Node(self.make()),
        }
    }

    fn make<T: Random>(&mut self) -> T {
        T::random(self)
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.rng.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.rng.below(items.len())]
    }

    /// rkyv holds up to 8 bytes inline and spells lengths differently from 64 on, bincode from 251.
    fn string_size(&mut self) -> usize {
        if self.one_in(20_000) {
            return self.rng.between(1_000, MAX_STRING);
        }
        match self.rng.below(100) {
            0..58 => self.rng.between(0, 9),
            58..68 => self.rng.between(15, 17),
            68..76 => self.rng.between(63, 65),
            76..82 => self.rng.between(127, 129),
            82..86 => self.rng.between(191, 193),
            86..90 => self.rng.between(249, 257),
            _ => self.rng.between(10, 60),
        }
    }

    fn letter(&mut self) -> char {
        char::from(self.pick(b"abcdefghijklmnopqrstuvwxyz"))
    }

    fn char(&mut self) -> char {
        let code = match self.rng.below(8) {
            0 => self.rng.between(0, 0x1f),
            1 => self.pick(&[0x22, 0x2f, 0x5c, 0x7f, 0x2028, 0xfeff, 0xffff, 0x10_ffff]),
            2 => self.rng.between(0x80, 0x7ff),
            3 => self.rng.between(0x800, 0xffff),
            4 => self.rng.between(0x1_0000, 0x10_ffff),
            _ => self.rng.between(0x20, 0x7e),
        };
        // Surrogates are no characters.
        char::from_u32(code as u32).unwrap_or('\u{fffd}')
    }

    /// Text of exactly this many bytes.
    fn string_of(&mut self, size: usize) -> String {
        let mut text = String::with_capacity(size);
        let is_ascii = self.one_in(2);
        while text.len() < size {
            let c = if is_ascii { self.letter() } else { self.char() };
            text.push(if text.len() + c.len_utf8() <= size { c } else { self.letter() });
        }
        text
    }

    /// The bits of a number whose width is random, too: varints have four widths.
    pub(crate) fn bits(&mut self) -> u64 {
        self.rng.next_u64() >> self.rng.below(64)
    }

    pub(crate) fn double(&mut self) -> f64 {
        const NOTED: [f64; 13] = [
            0.0,
            -0.0,
            1.0,
            5.0,
            0.95,
            1e15,
            1e16,
            1e17,
            1e-5,
            5e-324,
            f64::MIN_POSITIVE,
            f64::MAX,
            f64::MIN,
        ];
        let number = match self.rng.below(6) {
            0 => self.pick(&NOTED),
            1 => f64::from(f32::from_bits(self.rng.next_u64() as u32)),
            2 => self.rng.below(1_000_000) as f64 / 1_000.0,
            3 => 2f64.powi(self.rng.between(0, 2_000) as i32 - 1_000),
            4 => f64::from_bits(self.rng.next_u64() & !(0x7ff << 52)), // subnormal
            _ => f64::from_bits(self.rng.next_u64()),
        };
        if number.is_finite() { number } else { 0.5 }
    }

    fn scalar(&mut self) -> Value {
        match self.rng.below(8) {
            0 => Value::Null,
            1 => Value::Bool(self.one_in(2)),
            2 => Value::from(self.make::<i64>()),
            3 => Value::from(self.make::<u64>()),
            4 | 5 => Number::from_f64(self.double()).map_or(Value::Null, Value::Number),
            _ => Value::String(self.make()),
        }
    }

    fn key(&mut self) -> String {
        match self.rng.below(40) {
            0 => "\0".repeat(self.rng.between(1, 4)),
            1..10 => self.pick(&["tags", "source", "confidence", "importance", "n"]).to_owned(),
            10..25 => format!("key{}", self.rng.below(100)),
            _ => self.make(),
        }
    }

    /// Every key of NULs only has the same hash: looking for a place visits all of the others.
    fn colliding_object(&mut self) -> Map<String, Value> {
        let most = if self.one_in(10) { 250 } else { 40 };
        let count = self.rng.between(2, most);
        (1..=count).map(|n| ("\0".repeat(n), self.scalar())).collect()
    }

    fn object(&mut self, count: usize, depth: usize) -> Map<String, Value> {
        (0..count).map(|_| (self.key(), self.value(depth))).collect()
    }

    /// A value in which at most `depth` arrays and objects are open at a time.
    fn value(&mut self, depth: usize) -> Value {
        if depth == 0 || self.values_left == 0 {
            return self.scalar();
        }
        self.values_left -= 1;
        match self.rng.below(12) {
            0 => {
                let count = self.rng.between(0, 5);
                Value::Array((0..count).map(|_| self.value(depth - 1)).collect())
            }
            1 => {
                let count = self.rng.between(0, 5);
                Value::Object(self.object(count, depth - 1))
            }
            _ => self.scalar(),
        }
    }

    /// Metadata's usual root.
    fn root_object(&mut self) -> Map<String, Value> {
        if self.one_in(3_000) {
            let count = self.rng.between(100, MAX_ENTRIES);
            return (0..count).map(|n| (format!("{n:x}"), self.scalar())).collect();
        }
        if self.one_in(100) {
            return self.colliding_object();
        }
        let count = match self.rng.below(10) {
            0..4 => self.rng.between(0, 3),
            4..8 => self.rng.between(0, 10),
            _ => self.rng.between(0, 40),
        };
        self.object(count, 6)
    }

    /// A JSON text's value.
    pub(crate) fn json(&mut self) -> Value {
        self.values_left = VALUES_PER_TEXT;
        match self.rng.below(60) {
            0 => self.chain(),
            1..9 => self.value(4),
            _ => Value::Object(self.root_object()),
        }
    }

    /// One array or object in the other, each with a neighbour now and then.
    fn chain(&mut self) -> Value {
        let mut value = self.scalar();
        let depth = if self.one_in(4) { MAX_DEPTH } else { self.rng.between(1, MAX_DEPTH) };
        for _ in 0..depth {
            value = if self.one_in(2) {
                let mut items = vec![value];
                if self.one_in(4) {
                    items.push(self.scalar());
                }
                Value::Array(items)
            } else {
                let neighbours = self.rng.below(2);
                let mut entries = self.object(neighbours, 0);
                entries.insert(self.key(), value);
                Value::Object(entries)
            };
        }
        value
    }
}

/// A type of which the generator makes random values.
trait Random {
    fn random(g: &mut Generator) -> Self;
}

impl Random for String {
    fn random(g: &mut Generator) -> Self {
        let size = g.string_size();
        g.string_of(size)
    }
}

impl Random for i64 {
    fn random(g: &mut Generator) -> Self {
        match g.rng.below(4) {
            0 => g.pick(&[0, 1, -1, 125, -126, i64::MAX, i64::MIN, i64::MIN + 1]),
            1 => g.bits() as i64,
            2 => !(g.bits() as i64),
            _ => 1_697_500_000_000 + g.rng.below(1 << 32) as i64,
        }
    }
}

impl Random for u64 {
    fn random(g: &mut Generator) -> Self {
        const NOTED: [u64; 10] = [
            0,
            250,
            251,
            0xffff,
            0x1_0000,
            0xffff_ffff,
            0x1_0000_0000,
            i64::MAX as u64,
            i64::MAX as u64 + 1,
            u64::MAX,
        ];
        if g.one_in(3) { g.pick(&NOTED) } else { g.bits() }
    }
}

impl Random for Value {
    fn random(g: &mut Generator) -> Self {
        g.json()
    }
}

impl<T: Random> Random for Option<T> {
    fn random(g: &mut Generator) -> Self {
        if g.one_in(2) { Some(g.make()) } else { None }
    }
}

impl<T: Random> Random for Vec<T> {
    fn random(g: &mut Generator) -> Self {
        let count = if g.one_in(500) { g.rng.between(250, 260) } else { g.rng.below(4) };
        (0..count).map(|_| g.make()).collect()
    }
}

/// Any bit pattern, NaNs that signal and their payloads among them.
impl Random for f32 {
    fn random(g: &mut Generator) -> Self {
        let bits = g.rng.next_u64() as u32;
        match g.rng.below(10) {
            0 => f32::from_bits(bits | 0x7f80_0000),
            1 => f32::from_bits(bits & 0x807f_ffff),
            _ => f32::from_bits(bits),
        }
    }
}

impl Random for FeedbackType {
    fn random(g: &mut Generator) -> Self {
        match g.rng.below(4) {
            0 => FeedbackType::Correction,
            1 => FeedbackType::Approval,
            2 => FeedbackType::Rejection,
            _ => FeedbackType::Neutral,
        }
    }
}

macro_rules! random_structs {
    ($($name:ident { $($field:ident),* })*) => {
        $(impl Random for models::$name {
            fn random(g: &mut Generator) -> Self {
                models::$name { $($field: g.make()),* }
            }
        })*
    };
}
for_each_struct!(random_structs);

macro_rules! random_kinds {
    ($($kind:ident)*) => {
        impl Random for Node {
            fn random(g: &mut Generator) -> Self {
                const KINDS: &[fn(&mut Generator) -> Node] = &[$(|g| Node::$kind(g.make())),*];
                g.pick(KINDS)(g)
            }
        }
    };
}
for_each_kind!(random_kinds);

impl Random for Embedding {
    fn random(g: &mut Generator) -> Self {
        let count = if g.one_in(20) { 384 } else { g.rng.below(24) };
        Embedding { id: g.make(), vector: (0..count).map(|_| g.make()).collect(), model: g.make() }
    }
}
