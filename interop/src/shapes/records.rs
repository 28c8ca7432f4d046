//! Databases of MIA's own records: what a typed migration is for, and what it must cope with.

use super::Making;
use crate::Result;
use crate::random::Generator;
use crate::record::Class;
use std::collections::BTreeSet;

const RECORDS: usize = 4_000;

/// The sets of MIA's index trees: how many, then texts.
fn set_of(ids: &[&str]) -> Result<Vec<u8>> {
    Ok(bincode::encode_to_vec(ids, bincode::config::standard())?)
}

/// Random records of all kinds under their ids, some of them longer than libmdbx's keys; MIA's index
/// trees; a tree that MIA does not know.
pub fn fill(making: &mut Making) -> Result {
    let mut generator = Generator::new(making.rng.next_u64());
    let mut taken = BTreeSet::new();
    for class in Class::ALL {
        making.db().open_tree(class.tree())?;
    }
    for _ in 0..RECORDS {
        let record = generator.record();
        let tree = making.db().open_tree(record.class().tree())?;
        if !record.id().is_empty() && taken.insert((record.class().tree(), record.id().to_owned()))
        {
            tree.insert(record.id(), record.to_bincode()?)?;
        }
    }
    let index = making.db().open_tree("structural_index")?;
    index.insert("prop:chat_id:chat_1", set_of(&["msg_1", "msg_2"])?)?;
    making.db().open_tree("graph_outgoing")?.insert("in:msg_1", set_of(&["edge_1"])?)?;
    making.db().open_tree("graph_incoming")?;
    let notes = making.db().open_tree("notes")?;
    notes.insert(b"\x00\xff", b"not MIA's".as_slice())?;
    notes.insert(vec![b'n'; 5_000], b"".as_slice())?;
    Ok(())
}

fn edge(id: &str, metadata: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in [id, "msg_1", "ent_1", "MENTIONS"] {
        bytes.push(text.len() as u8);
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.push(14); // created_at: zigzag of 7
    bytes.push(metadata.len() as u8);
    bytes.extend_from_slice(metadata.as_bytes());
    bytes
}

/// One of each thing that MIA's own reader lets pass or stumbles over, all in the tree of edges:
/// keys say what to expect.
pub fn fill_odd(making: &mut Making) -> Result {
    for class in Class::ALL {
        making.db().open_tree(class.tree())?;
    }
    let edges = making.db().open_tree("edges")?;
    let put = |key: &str, value: Vec<u8>| edges.insert(key, value);
    put("good", edge("good", r#"{"a":1}"#))?;
    put("good,long-id".repeat(200).as_str(), {
        let id = "good,long-id".repeat(200);
        let mut bytes = vec![251];
        bytes.extend_from_slice(&(id.len() as u16).to_le_bytes());
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(&edge("x", "{}")[2..]);
        bytes
    })?;
    put("key", edge("another", "{}"))?;
    put("trailing", [edge("trailing", "{}"), b"left over".to_vec()].concat())?;
    put("respelled,space", edge("respelled,space", r#"{ "b" : 1E5, "a":"\u0041" }"#))?;
    put("respelled,twice", edge("respelled,twice", r#"{"a":1,"a":2}"#))?;
    put("respelled,varint", {
        let mut bytes = edge("respelled,varint", "{}");
        bytes.splice(0..1, [251, 16, 0]);
        bytes
    })?;
    put("bad,cut", edge("bad,cut", "{}")[..9].to_vec())?;
    put("bad,empty", Vec::new())?;
    put("bad,json", edge("bad,json", r#"{"a":}"#))?;
    put("bad,utf8", {
        let mut bytes = edge("bad,utf8", "{}");
        bytes[1] = 0xff;
        bytes
    })?;
    Ok(())
}
