//! The models of this crate against recorded values of a MIA database, line by line:
//! `{"type", "bincode_hex"}`. What decodes must encode to the same bytes.

use mia_interop::models::{Edge, Node, decode, decode_embedding, encode, encode_embedding};
use serde_json::Value;

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn recorded_values_come_back_as_they_were() {
    let mut seen = [0; 3];
    for line in include_str!("records.jsonl").lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let bytes = bytes_of(record["bincode_hex"].as_str().unwrap());
        let (again, used) = match record["type"].as_str().unwrap() {
            "Node" => {
                seen[0] += 1;
                let (node, used) = decode::<Node>(&bytes).unwrap();
                (encode(&node).unwrap(), used)
            }
            "Edge" => {
                seen[1] += 1;
                let (edge, used) = decode::<Edge>(&bytes).unwrap();
                (encode(&edge).unwrap(), used)
            }
            _ => {
                seen[2] += 1;
                let (embedding, used) = decode_embedding(&bytes).unwrap();
                (encode_embedding(&embedding).unwrap(), used)
            }
        };
        assert_eq!(used, bytes.len(), "{line}");
        assert_eq!(again, bytes, "{line}");
    }
    assert!(seen.iter().all(|&n| n > 5), "too few records of a type: {seen:?}");
}
