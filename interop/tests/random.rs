//! The generator reaches what it promises, and what it makes is sound in both formats.

use mia_interop::models::Node;
use mia_interop::mutate::Mutator;
use mia_interop::random::Generator;
use mia_interop::record::Record;
use serde_json::Value;
use std::collections::BTreeSet;
use std::mem::discriminant;

const RECORDS: usize = 5_000;

#[test]
fn random_records_survive_both_formats() {
    let mut generator = Generator::new(7);
    for i in 0..RECORDS {
        let record = generator.record();
        let bincode = record.to_bincode().unwrap();
        let archive = record.to_archive().unwrap();
        let (again, used) = Record::from_bincode(record.class(), &bincode).unwrap();
        assert_eq!(used, bincode.len(), "record {i}");
        assert_eq!(again.to_bincode().unwrap(), bincode, "record {i}");
        assert_eq!(again.to_archive().unwrap(), archive, "record {i}");
        assert!(record.class().accepts(&archive), "record {i}");
    }
}

fn depth_of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth_of).max().unwrap_or(0),
        _ => 0,
    }
}

#[test]
fn random_records_reach_the_edges() {
    let mut generator = Generator::new(8);
    let mut kinds = Vec::new();
    let mut sizes = BTreeSet::new();
    let (mut deepest, mut largest, mut roots_without_object, mut keys_of_nul) = (0, 0, 0, 0);
    for _ in 0..RECORDS {
        match generator.record() {
            Record::Node(node) => {
                if !kinds.contains(&discriminant(&node)) {
                    kinds.push(discriminant(&node));
                }
                if let Node::ActionOutcome(outcome) = &node {
                    deepest = deepest.max(depth_of(&outcome.result));
                }
                sizes.insert(node.id().len());
            }
            Record::Edge(edge) => match &edge.metadata {
                Value::Object(map) => {
                    largest = largest.max(map.len());
                    keys_of_nul += usize::from(map.contains_key("\0"));
                }
                _ => roots_without_object += 1,
            },
            Record::Embedding(_) => (),
        }
    }
    assert_eq!(kinds.len(), 12);
    for size in [0, 8, 9, 15, 64, 128, 192, 250, 251, 257] {
        assert!(sizes.contains(&size), "no id of {size} bytes");
    }
    assert_eq!(deepest, 127);
    assert!(largest > 30, "{largest}");
    assert!(roots_without_object > 50 && keys_of_nul > 20);
}

#[test]
fn damage_is_refused_and_accepted() {
    let mut generator = Generator::new(9);
    let mut mutator = Mutator::new(9);
    let (mut same, mut accepted) = (0, 0);
    for _ in 0..RECORDS {
        let record = generator.record();
        let archive = record.to_archive().unwrap();
        let (class, bytes) = mutator.mutate(record.class(), &archive);
        same += usize::from(bytes == archive);
        accepted += usize::from(bytes != archive && class.accepts(bytes));
    }
    assert!(same < RECORDS / 5, "{same} came back as they were");
    assert!(accepted > RECORDS / 10 && accepted < RECORDS / 2, "{accepted} are accepted");
}
