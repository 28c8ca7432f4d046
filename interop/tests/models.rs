//! The models of this crate against recorded records, line by line: the values of a MIA database
//! `bincode_hex`, the archives `rkyv_hex` and what both say, `json`.

use mia_interop::in_place::print_json;
use mia_interop::models::{Edge, Embedding};
use mia_interop::record::{Class, Record};
use serde::Deserialize;
use serde_json::Value;

fn bytes_of(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn class_of(name: &Value) -> Class {
    match name.as_str().unwrap() {
        "Node" => Class::Node,
        "Edge" => Class::Edge,
        "Embedding" => Class::Embedding,
        other => panic!("type {other}"),
    }
}

/// A record may be nested as deep as serde_json allows; its line is deeper.
fn parse_line(line: &str) -> Value {
    let mut parser = serde_json::Deserializer::from_str(line);
    parser.disable_recursion_limit();
    Value::deserialize(&mut parser).unwrap()
}

/// The printed record; a vector, which lines have as the bits of its floats, in that form.
fn json_of(class: Class, archive: &[u8]) -> Value {
    let mut text = Vec::new();
    print_json(class, archive, &mut text).unwrap();
    let mut json = parse_line(std::str::from_utf8(&text).unwrap());
    if let Some(vector) = json.as_object_mut().unwrap().remove("vector") {
        let bits = |f: &Value| Value::from((f.as_f64().unwrap() as f32).to_bits());
        json["vector_bits"] = vector.as_array().unwrap().iter().map(bits).collect();
    }
    json
}

#[test]
fn recorded_values_come_back_as_they_were() {
    let mut seen = [0; 3];
    for line in include_str!("../../tests/fixtures/models/vectors.jsonl").lines() {
        let expected = parse_line(line);
        let class = class_of(&expected["type"]);
        let bincode = bytes_of(&expected["bincode_hex"]);
        let archive = bytes_of(&expected["rkyv_hex"]);

        let (record, used) = Record::from_bincode(class, &bincode).unwrap();
        assert_eq!(used, bincode.len(), "{line}");
        assert_eq!(record.to_bincode().unwrap(), bincode, "{line}");
        assert_eq!(record.to_archive().unwrap(), archive, "{line}");
        assert!(class.accepts(&archive), "{line}");
        assert_eq!(json_of(class, &archive), expected["json"], "{line}");
        seen[class as usize] += 1;
    }
    assert_eq!(seen, [94, 95, 11], "records of each class");
}

#[test]
fn fields_are_printed_in_stored_order_and_keys_in_byte_order() {
    let metadata = serde_json::json!({"b": 1e16, "a": "\u{1f}/", "A": [-0.0, null]});
    let edge = Edge {
        id: "e".to_owned(),
        from_node: "n1".to_owned(),
        to_node: String::new(),
        edge_type: "\0".to_owned(),
        created_at: -1,
        metadata,
    };
    let mut text = Vec::new();
    let archive = Record::Edge(edge).to_archive().unwrap();
    print_json(Class::Edge, &archive, &mut text).unwrap();
    let expected = concat!(
        r#"{"id":"e","from_node":"n1","to_node":"","edge_type":"\u0000","created_at":-1,"#,
        r#""metadata":{"A":[-0.0,null],"a":"\u001f/","b":1e16}}"#
    );
    assert_eq!(String::from_utf8(text).unwrap(), expected);
}

#[test]
fn vectors_are_printed_as_numbers_if_they_can_be() {
    let printed = |vector: &[f32]| {
        let (id, model) = ("e".to_owned(), "m".to_owned());
        let record = Record::Embedding(Embedding { id, vector: vector.to_vec(), model });
        let mut text = Vec::new();
        print_json(Class::Embedding, &record.to_archive().unwrap(), &mut text).unwrap();
        String::from_utf8(text).unwrap()
    };
    let numbers = r#"{"id":"e","vector":[0.949999988079071,-0.0,1.0],"model":"m"}"#;
    assert_eq!(printed(&[0.95, -0.0, 1.0]), numbers);
    let bits = r#"{"id":"e","vector_bits":[1065353216,2139095040],"model":"m"}"#;
    assert_eq!(printed(&[1.0, f32::INFINITY]), bits);
}
