//! A typed database made here by the documented rules, read as one that libmia made.

use mia_interop::mdbx::{Access, Env};
use mia_interop::models::Edge;
use mia_interop::record::Record;
use mia_interop::typed::Typed;
use std::path::Path;

const LIMIT: usize = 40;

fn edge(id: &str) -> Vec<u8> {
    let text = || "x".to_owned();
    let metadata = serde_json::json!({"k": 1});
    let (from_node, to_node, edge_type) = (text(), text(), text());
    let edge = Edge { id: id.to_owned(), from_node, to_node, edge_type, created_at: 7, metadata };
    Record::Edge(edge).to_archive().unwrap()
}

fn make(path: &Path, format: &[u8]) {
    let mut env = Env::open(path, Access::Write).unwrap();
    env.begin(Access::Write).unwrap();
    let meta = env.create_table(b"mia_meta").unwrap();
    env.put(meta, b"layout", &1u32.to_le_bytes()).unwrap();
    env.put(meta, b"format", format).unwrap();
    env.put(meta, b"raw.key_limit", &(LIMIT as u64).to_le_bytes()).unwrap();
    let edges = env.create_table(b"edges").unwrap();
    let layers = env.create_table(b"mia_long").unwrap();
    env.put(edges, b"z\x1f", &edge("last")).unwrap();
    env.put(edges, b"a\xff", &edge("first")).unwrap();
    env.put(edges, b"broken", b"no archive").unwrap();
    // 40 bytes and "2": one layer. 40 bytes, 32 more and "3": two.
    let first = [1u64.to_be_bytes(), 2u64.to_be_bytes()];
    env.put(edges, &[b'k'; LIMIT], &first[0]).unwrap();
    env.put(layers, &[&first[0][..], b"2"].concat(), &edge("one layer")).unwrap();
    env.put(layers, &[&first[0][..], &[b'l'; LIMIT - 8]].concat(), &first[1]).unwrap();
    env.put(layers, &[&first[1][..], b"3"].concat(), &edge("two layers")).unwrap();
    env.create_table(b"nodes").unwrap();
    env.commit().unwrap();
    env.sync().unwrap();
}

#[test]
fn records_are_read_where_they_lie() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), b"rkyv-0.8");
    let mut printed = Vec::new();
    let problems = Typed::open(folder.path()).unwrap().print(&mut printed).unwrap();
    assert_eq!(problems, 1);
    let printed = String::from_utf8(printed).unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    let expected = |key: &str, id: &str| {
        format!(
            "{{\"tree\":\"edges\",\"key{key}\",\"record\":{{\"id\":\"{id}\",\"from_node\":\"x\",\
             \"to_node\":\"x\",\"edge_type\":\"x\",\"created_at\":7,\"metadata\":{{\"k\":1}}}}}}"
        )
    };
    let folded = format!("\":\"{}", "k".repeat(LIMIT));
    assert_eq!(lines[0], expected("_hex\":\"61ff", "first"));
    assert!(lines[1].starts_with(r#"{"tree":"edges","key":"broken","problem":"#), "{}", lines[1]);
    assert_eq!(lines[2], expected(&format!("{folded}2"), "one layer"));
    assert_eq!(lines[3], expected(&format!("{folded}{}3", "l".repeat(LIMIT - 8)), "two layers"));
    assert_eq!(lines[4], expected("\":\"z\\u001F", "last"));
    assert_eq!(lines.len(), 5);
}

#[test]
fn other_databases_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), b"raw");
    let error = Typed::open(folder.path()).err().unwrap().to_string();
    assert!(error.contains("raw") && error.contains("rkyv-0.8"), "{error}");
}
