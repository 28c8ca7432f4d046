//! JSON texts as nobody writes them, though the grammar allows it, and texts that it nearly allows;
//! and what serde_json says to them.

use crate::Result;
use crate::random::Generator;
use crate::stream::put_sized;
use serde_json::Value;
use std::io::Write;

mod numbers;

/// How serde_json prints a text again; None if it refuses it.
pub fn reprint(text: &[u8]) -> Option<String> {
    serde_json::from_slice::<Value>(text).ok().map(|value| value.to_string())
}

/// Writes a verdict (u8: 1 accepted, 0 refused) and the text printed again, empty if refused.
pub fn put_answer(out: &mut impl Write, text: &[u8]) -> Result {
    let answer = reprint(text);
    out.write_all(&[u8::from(answer.is_some())])?;
    put_sized(out, answer.unwrap_or_default().as_bytes())
}

/// A source of odd texts.
pub struct Texts {
    generator: Generator,
}

impl Texts {
    pub fn new(seed: u64) -> Self {
        Texts { generator: Generator::new(seed) }
    }

    pub fn next_text(&mut self) -> Vec<u8> {
        match self.below(20) {
            0..6 => self.tree(),
            6..11 => self.number().into_bytes(),
            11 | 12 => self.soup(NUMBER_PIECES, 12),
            13 | 14 => [b"\"".to_vec(), self.soup(STRING_PIECES, 8), b"\"".to_vec()].concat(),
            15 => self.soup(TOKENS, 9),
            16 => self.nested(),
            _ => {
                let sound =
                    if self.below(3) == 0 { self.number().into_bytes() } else { self.tree() };
                self.damaged(sound)
            }
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.generator.rng.below(bound)
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        self.generator.pick(items)
    }

    /// A few of the pieces, one after the other.
    fn soup(&mut self, pieces: &[&[u8]], most: usize) -> Vec<u8> {
        let count = self.below(most + 1);
        (0..count).flat_map(|_| self.pick(pieces)).copied().collect()
    }

    fn tree(&mut self) -> Vec<u8> {
        let value = self.generator.json();
        let mut text = Vec::new();
        self.write(&value, &mut text);
        text
    }

    fn space(&mut self, to: &mut Vec<u8>) {
        while self.below(6) == 0 {
            let c = self.pick(b" \t\r\n");
            to.push(c);
        }
    }

    fn write(&mut self, value: &Value, to: &mut Vec<u8>) {
        self.space(to);
        match value {
            Value::String(text) => self.write_string(text, to),
            Value::Array(items) => {
                to.push(b'[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        to.push(b',');
                    }
                    self.write(item, to);
                }
                self.space(to);
                to.push(b']');
            }
            Value::Object(map) => self.write_object(map, to),
            Value::Number(_) if self.below(2) == 0 => to.extend(self.number().bytes()),
            plain => to.extend(plain.to_string().bytes()),
        }
        self.space(to);
    }

    /// Members in any order and some of them twice: the last one counts.
    fn write_object(&mut self, map: &serde_json::Map<String, Value>, to: &mut Vec<u8>) {
        let scalar = Value::from(self.below(10));
        let mut members: Vec<(&String, &Value)> = map.iter().collect();
        for (key, _) in map {
            if self.below(12) == 0 {
                members.push((key, &scalar));
            }
        }
        self.generator.rng.shuffle(&mut members);
        to.push(b'{');
        for (i, (key, value)) in members.into_iter().enumerate() {
            if i > 0 {
                to.push(b',');
            }
            self.space(to);
            self.write_string(key, to);
            self.space(to);
            to.push(b':');
            self.write(value, to);
        }
        self.space(to);
        to.push(b'}');
    }

    /// Some characters escaped that need not be, and those that must in any way they may.
    fn write_string(&mut self, text: &str, to: &mut Vec<u8>) {
        to.push(b'"');
        for c in text.chars() {
            let must = matches!(c, '"' | '\\' | '\0'..'\x20');
            if !must && self.below(10) > 0 {
                to.extend(c.encode_utf8(&mut [0; 4]).bytes());
            } else {
                self.write_escaped(c, to);
            }
        }
        to.push(b'"');
    }

    fn write_escaped(&mut self, c: char, to: &mut Vec<u8>) {
        const NAMED: [(char, u8); 8] = [
            ('"', b'"'),
            ('\\', b'\\'),
            ('/', b'/'),
            ('\x08', b'b'),
            ('\x0c', b'f'),
            ('\n', b'n'),
            ('\r', b'r'),
            ('\t', b't'),
        ];
        let name = NAMED.iter().find(|(named, _)| *named == c);
        if let Some((_, name)) = name.filter(|_| self.below(2) == 0) {
            to.extend([b'\\', *name]);
            return;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let escape = if self.below(2) == 0 {
                format!("\\u{unit:04x}")
            } else {
                format!("\\u{unit:04X}")
            };
            to.extend(escape.bytes());
        }
    }

    /// Arrays and objects around the deepest level that is allowed, and far beyond.
    fn nested(&mut self) -> Vec<u8> {
        let depth = match self.below(20) {
            0 => 5_000,
            1..4 => self.generator.rng.between(1, 130),
            _ => self.generator.rng.between(125, 129),
        };
        let is_object: Vec<bool> = (0..depth).map(|_| self.below(2) == 0).collect();
        let mut text: Vec<u8> = is_object
            .iter()
            .flat_map(|o| if *o { b"{\"a\":".as_slice() } else { b"[" })
            .copied()
            .collect();
        if self.below(2) == 0 || is_object.last() == Some(&true) {
            text.push(b'1');
        }
        if self.below(10) > 0 {
            text.extend(is_object.iter().rev().map(|o| if *o { b'}' } else { b']' }));
        }
        text
    }

    /// One change, seldom a few.
    fn damaged(&mut self, mut text: Vec<u8>) -> Vec<u8> {
        const BYTES: &[u8] =
            b"\"\\{}[]:,0123456789.eE+-untrfalse/ \t\n\0\x01\x0b\x1f\x7f\x80\xbf\xc0\xed\xf4\xff";
        let changes = if self.below(5) == 0 { 3 } else { 1 };
        for _ in 0..changes {
            let at = self.below(text.len() + 1);
            let size = self.below(4).min(text.len() - at);
            match self.below(6) {
                0 => drop(text.drain(at..at + size)),
                1 => text.truncate(at),
                2 if at < text.len() => text[at] = self.pick(BYTES),
                3 if at < text.len() => text[at] ^= 1 << self.below(8),
                4 => {
                    let again = text[at..at + size].to_vec();
                    text.splice(at..at, again);
                }
                _ => text.insert(at, self.pick(BYTES)),
            }
        }
        text
    }
}

const NUMBER_PIECES: &[&[u8]] = &[
    b"0", b"1", b"9", b"00", b"12", b"-", b"+", b".", b"e", b"E", b"e-", b"e+", b"0.0", b"1e5",
    b"400",
];

const STRING_PIECES: &[&[u8]] = &[
    b"a",
    b"\\",
    b"\\\\",
    b"\"",
    b"\\\"",
    b"\\/",
    b"\\u",
    b"\\n",
    b"\\x41",
    b"\\u00",
    b"\\u0000",
    b"\\u+041",
    b"\\uD83D",
    b"\\uDE00",
    b"\\uD83D\\uDE00",
    b"\\uDBFF\\uDFFF",
    b"\\ud800\\u0041",
    b"\\uFFFF",
    b"\\U0041",
    b"\0",
    b"\x1f",
    b"\x7f",
    b"\n",
    b"\xc3\xa9",
    b"\xc3",
    b"\xa9",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xef\xbf\xbf",
    b"\xf0\x9f\x98\x80",
    b"\xf4\x90\x80\x80",
    b"\xff",
];

const TOKENS: &[&[u8]] = &[
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b"1",
    b"\"a\"",
    b"\"\"",
    b"true",
    b"false",
    b"null",
    b"tru",
    b"nul",
    b"True",
    b"nan",
    b"NaN",
    b"Infinity",
    b" ",
    b"\n",
    b"\t",
    b"\r",
    b"\x0b",
    b"\x0c",
    b"\xc2\xa0",
    b"\xef\xbb\xbf",
    b"'",
    b"//",
    b"/**/",
    b"-",
    b"[]",
    b"{}",
    b"[1]",
    b"{\"a\":1}",
];
