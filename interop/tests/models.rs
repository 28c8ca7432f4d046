//! The models of this crate against recorded records, line by line: the values of a MIA database
//! `bincode_hex`, the archives `rkyv_hex` and what both say, `json`.

use mia_interop::in_place::json_of;
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
        assert_eq!(json_of(class, &archive).unwrap(), expected["json"], "{line}");
        seen[class as usize] += 1;
    }
    assert_eq!(seen, [94, 95, 11], "records of each class");
}
