//! `mia-sample-check DIR`: opens a database made by `mia sample` with the real sled and decodes
//! every record with the real bincode and the models of MIA: key and id agree, nothing is left over,
//! encoding gives the same bytes, references lead somewhere, and the index trees hold exactly what
//! MIA's index manager would have put there. Prints counts as one line of JSON.

use mia_interop::models::{self, Edge, Node};
use mia_interop::{Result, hex, sled_dir::PrivateCopy};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const TREES: [&str; 7] = [
    "__sled__default",
    "edges",
    "embeddings",
    "graph_incoming",
    "graph_outgoing",
    "nodes",
    "structural_index",
];

/// An index tree: the members of each key's set.
type Sets = BTreeMap<String, BTreeSet<String>>;

#[derive(Default)]
struct Content {
    nodes: BTreeMap<String, Node>,
    edges: usize,
    embeddings: BTreeSet<String>,
    structural: Sets,
    outgoing: Sets,
    incoming: Sets,
}

fn add(sets: &mut Sets, key: String, member: &str) {
    sets.entry(key).or_default().insert(member.to_owned());
}

/// Checks what holds for every record and returns its key as text.
fn check_record(key: &[u8], id: &str, value: &[u8], used: usize, again: &[u8]) -> Result<String> {
    let text = std::str::from_utf8(key)?;
    if text != id {
        return Err(format!("key {text}: the record's id is {id}").into());
    }
    if used != value.len() {
        return Err(format!("{text}: {} bytes are left over", value.len() - used).into());
    }
    if again != value {
        return Err(format!("{text}: encodes as {}, stored is {}", hex(again), hex(value)).into());
    }
    Ok(text.to_owned())
}

fn read_nodes(tree: &sled::Tree, content: &mut Content) -> Result {
    for pair in tree.iter() {
        let (key, value) = pair?;
        let (node, used) = models::decode::<Node>(&value)?;
        let id = check_record(&key, node.id(), &value, used, &models::encode(&node)?)?;
        for (property, value) in node.properties() {
            add(&mut content.structural, format!("prop:{property}:{value}"), &id);
        }
        content.nodes.insert(id, node);
    }
    Ok(())
}

fn read_edges(tree: &sled::Tree, content: &mut Content) -> Result {
    for pair in tree.iter() {
        let (key, value) = pair?;
        let (edge, used) = models::decode::<Edge>(&value)?;
        let id = check_record(&key, &edge.id, &value, used, &models::encode(&edge)?)?;
        for end in [&edge.from_node, &edge.to_node] {
            if !content.nodes.contains_key(end) {
                return Err(format!("edge {id}: there is no node {end}").into());
            }
        }
        // MIA's key begins with `in:` in both trees.
        add(&mut content.outgoing, format!("in:{}", edge.from_node), &id);
        add(&mut content.incoming, format!("in:{}", edge.to_node), &id);
        content.edges += 1;
    }
    Ok(())
}

fn read_embeddings(tree: &sled::Tree, content: &mut Content) -> Result {
    for pair in tree.iter() {
        let (key, value) = pair?;
        let (embedding, used) = models::decode_embedding(&value)?;
        let again = models::encode_embedding(&embedding)?;
        let id = check_record(&key, &embedding.id, &value, used, &again)?;
        if embedding.vector.len() != 384 || !embedding.vector.iter().all(|f| f.is_finite()) {
            return Err(format!("embedding {id}: not 384 finite numbers").into());
        }
        content.embeddings.insert(id);
    }
    Ok(())
}

/// Every id that a node holds names a record.
fn check_references(content: &Content) -> Result {
    for (id, node) in &content.nodes {
        let (nodes, embedding): (Vec<&String>, _) = match node {
            Node::Chat(n) => {
                (n.message_ids.iter().chain(&n.summary_ids).collect(), &n.embedding_id)
            }
            Node::Message(n) => {
                (n.attachment_ids.iter().chain([&n.chat_id]).collect(), &n.embedding_id)
            }
            Node::Summary(n) => {
                (n.message_ids.iter().chain([&n.chat_id]).collect(), &n.embedding_id)
            }
            Node::Attachment(n) => (vec![&n.message_id], &n.embedding_id),
            Node::Entity(n) => (vec![], &n.embedding_id),
            Node::ScrapedPage(n) => (vec![], &n.embedding_id),
            _ => return Err(format!("{id}: a kind of node that no sample holds").into()),
        };
        if let Some(lost) = nodes.into_iter().find(|r| !content.nodes.contains_key(*r)) {
            return Err(format!("{id}: there is no node {lost}").into());
        }
        if embedding.as_ref().is_some_and(|e| !content.embeddings.contains(e)) {
            return Err(format!("{id}: its embedding is not there").into());
        }
    }
    Ok(())
}

fn check_index(tree: &sled::Tree, expected: &Sets) -> Result<usize> {
    let mut found = Sets::new();
    for pair in tree.iter() {
        let (key, value) = pair?;
        let key = std::str::from_utf8(&key)?.to_owned();
        let (list, used) = models::decode::<Vec<String>>(&value)?;
        let set: BTreeSet<String> = list.iter().cloned().collect();
        if used != value.len() || set.len() != list.len() {
            return Err(format!("{key}: not a set of ids").into());
        }
        found.insert(key, set);
    }
    if found != *expected {
        let key = expected.iter().find(|(k, v)| found.get(*k) != Some(*v)).map(|(k, _)| k);
        return Err(format!("an index differs from the records, first at key {key:?}").into());
    }
    Ok(found.len())
}

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir] = arguments.as_slice() else {
        return Err("usage: mia-sample-check DIR".into());
    };
    let copy = PrivateCopy::make(Path::new(dir))?;
    let db = copy.open()?;
    let mut names = db.tree_names();
    names.sort();
    if names != TREES {
        return Err(format!("trees {names:?}; a MIA database has {TREES:?}").into());
    }
    if !db.is_empty() {
        return Err("the default tree holds pairs; MIA never uses it".into());
    }
    let mut content = Content::default();
    read_nodes(&db.open_tree("nodes")?, &mut content)?;
    read_edges(&db.open_tree("edges")?, &mut content)?;
    read_embeddings(&db.open_tree("embeddings")?, &mut content)?;
    check_references(&content)?;
    let structural = check_index(&db.open_tree("structural_index")?, &content.structural)?;
    let outgoing = check_index(&db.open_tree("graph_outgoing")?, &content.outgoing)?;
    let incoming = check_index(&db.open_tree("graph_incoming")?, &content.incoming)?;
    let (nodes, edges, embeddings) = (content.nodes.len(), content.edges, content.embeddings.len());
    println!(
        "{}",
        serde_json::json!({
            "nodes": nodes, "edges": edges, "embeddings": embeddings,
            "structural_index": structural, "graph_outgoing": outgoing, "graph_incoming": incoming,
            "records": nodes + edges + embeddings + structural + outgoing + incoming,
        })
    );
    Ok(())
}
