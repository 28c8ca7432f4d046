//! Typed databases, as libmia makes them (../docs/typed-format.md), read without libmia: the archives
//! where they lie in the file.

use crate::in_place::print_json;
use crate::mdbx::{Access, Env, Table};
use crate::record::Class;
use crate::{Result, hex};
use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};
use std::io::{self, Write};
use std::path::Path;

const LAYOUT: u32 = 1;
const FORMAT: &[u8] = b"rkyv-0.8";

/// Bytes of a layer's number, with which the keys of table mia_long begin.
const LAYER: usize = 8;

/// A typed database in one read transaction.
pub struct Typed {
    env: Env,
    /// Keys of this many bytes are longer than that: they go on in a layer of mia_long.
    key_limit: usize,
}

/// What is called with every key and value; the key is whole, the value where it lies.
type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> Result + 'a;

fn number(bytes: &[u8]) -> Result<usize> {
    let bytes = bytes.try_into().map_err(|_| format!("{} bytes instead of 8", bytes.len()))?;
    Ok(usize::try_from(u64::from_le_bytes(bytes))?)
}

impl Typed {
    /// Refuses what is not a typed database of the layout that this reads.
    pub fn open(path: &Path) -> Result<Typed> {
        let mut env = Env::open(path, Access::Read)?;
        env.begin(Access::Read)?;
        let meta = env.table(b"mia_meta")?;
        let fetch = |key: &str| -> Result<&[u8]> {
            Ok(env.get(meta, key.as_bytes())?.ok_or(format!("mia_meta has no {key}"))?)
        };
        if fetch("layout")? != LAYOUT.to_le_bytes() {
            return Err(format!("its layout is not {LAYOUT}").into());
        }
        let format = fetch("format")?;
        if format != FORMAT {
            let [is, wanted] = [format, FORMAT].map(String::from_utf8_lossy);
            return Err(format!("its format is {is}; only {wanted} holds archives").into());
        }
        let key_limit = number(fetch("raw.key_limit")?)?;
        Ok(Typed { env, key_limit })
    }

    /// Every record of a class, in the order of the keys. A table that is not there is empty.
    pub fn visit(&self, class: Class, visit: &mut Visit) -> Result {
        match self.env.find_table(class.tree().as_bytes())? {
            Some(table) => self.visit_table(table, &[], &mut Vec::new(), visit),
            None => Ok(()),
        }
    }

    /// The pairs whose keys begin with the layer's number, or all; `known` is of the whole key what
    /// stands in front of them.
    fn visit_table(
        &self,
        table: Table,
        layer: &[u8],
        known: &mut Vec<u8>,
        visit: &mut Visit,
    ) -> Result {
        let size = known.len();
        for pair in self.env.pairs_from(table, layer)? {
            let (key, value) = pair?;
            let Some(rest) = key.strip_prefix(layer) else { break };
            known.extend_from_slice(rest);
            if key.len() < self.key_limit {
                visit(known, value)?;
            } else if value.len() == LAYER {
                self.visit_table(self.env.table(b"mia_long")?, value, known, visit)?;
            } else {
                return Err(format!("key {}: no number of a layer", hex(known)).into());
            }
            known.truncate(size);
        }
        Ok(())
    }

    /// The lines of `mia dump --json` for all records. Returns how many values are no archives of
    /// their table: their lines have `problem` instead of `record`.
    pub fn print(&self, out: &mut impl Write) -> Result<u64> {
        let mut problems = 0;
        let mut line = Vec::new();
        for class in [Class::Edge, Class::Embedding, Class::Node] {
            self.visit(class, &mut |key, value| {
                line.clear();
                print_head(class.tree(), key, &mut line)?;
                let size = line.len();
                line.extend_from_slice(b",\"record\":");
                if let Err(why) = print_json(class, value, &mut line) {
                    problems += 1;
                    line.truncate(size);
                    line.extend_from_slice(b",\"problem\":");
                    serde_json::to_writer(&mut line, &why.to_string())?;
                }
                line.extend_from_slice(b"}\n");
                Ok(out.write_all(&line)?)
            })?;
        }
        Ok(problems)
    }
}

fn print_head(tree: &str, key: &[u8], to: &mut Vec<u8>) -> Result {
    write!(to, "{{\"tree\":\"{tree}\",")?;
    match std::str::from_utf8(key) {
        Ok(text) => {
            to.extend_from_slice(b"\"key\":");
            text.serialize(&mut Serializer::with_formatter(to, LikeJansson))?;
        }
        Err(_) => write!(to, "\"key_hex\":\"{}\"", hex(key))?,
    }
    Ok(())
}

/// The tool prints names and keys with Jansson, whose control characters have capital digits.
struct LikeJansson;

impl Formatter for LikeJansson {
    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        c: CharEscape,
    ) -> io::Result<()> {
        match c {
            CharEscape::AsciiControl(byte) => write!(to, "\\u{byte:04X}"),
            other => CompactFormatter.write_char_escape(to, other),
        }
    }
}
