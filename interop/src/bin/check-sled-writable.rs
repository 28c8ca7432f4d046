//! `check-sled-writable DIR LINES [--operations N] [--seed S]`: is a directory that sled did not
//! write itself one that it can live with? DIR is opened by the real sled, in place, and must hold
//! exactly the pairs of the file LINES (those of `sled-digest`, in any order), read in both
//! directions. Then come N (10,000) random inserts, updates and removals; the database is closed,
//! opened twice more, and each time compared with a model in memory.

use mia_interop::rng::Rng;
use mia_interop::{Result, hex, sled_dir};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

type Model = BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, Vec<u8>>>;

const REOPENS: usize = 2;
/// Every tenth update of a page rewrites it with all its values: trees of large ones get few.
const LARGE_VALUES: usize = 128 << 10;
const LARGE_VALUES_SHARE: usize = 100;

fn open(dir: &Path) -> Result<sled::Db> {
    sled_dir::open(dir, sled_dir::Parameters::read(dir)?)
}

fn read(db: &sled::Db) -> Result<Model> {
    let mut model = Model::new();
    for name in db.tree_names() {
        let mut pairs = BTreeMap::new();
        let mut last: Option<sled::IVec> = None;
        for pair in db.open_tree(&name)?.iter() {
            let (key, value) = pair?;
            if last.as_ref().is_some_and(|l| *l >= key) {
                return Err(format!("tree {}: {} is out of order", hex(&name), hex(&key)).into());
            }
            pairs.insert(key.to_vec(), value.to_vec());
            last = Some(key);
        }
        model.insert(name.to_vec(), pairs);
    }
    Ok(model)
}

fn lines(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, pairs) in model {
        for (key, value) in pairs {
            lines.push(format!("{} {} {}", hex(name), hex(key), hex(&Sha256::digest(value))));
        }
    }
    lines
}

fn check_lines(model: &Model, path: &str) -> Result {
    let text = std::fs::read_to_string(path)?;
    let mut wanted: Vec<&str> = text.lines().collect();
    let mut found = lines(model);
    wanted.sort_unstable();
    found.sort_unstable();
    match wanted.iter().zip(&found).find(|(w, f)| **w != f.as_str()) {
        Some((w, f)) => Err(format!("wanted {w}, sled shows {f}").into()),
        None if wanted.len() != found.len() => {
            Err(format!("wanted {} pairs, sled shows {}", wanted.len(), found.len()).into())
        }
        None => Ok(()),
    }
}

/// Every pair both ways, and some by their keys.
fn check(db: &sled::Db, model: &Model, when: &str) -> Result {
    let names: Vec<Vec<u8>> = model.keys().cloned().collect();
    let mut found: Vec<Vec<u8>> = db.tree_names().iter().map(|n| n.to_vec()).collect();
    found.sort();
    if found != names {
        return Err(format!("{when}: other trees than there should be").into());
    }
    for (name, pairs) in model {
        let tree = db.open_tree(name)?;
        let differs = |what: &str| format!("{when}: tree {}: {what}", hex(name));
        let mut forward = tree.iter();
        for (key, value) in pairs {
            match forward.next().transpose()? {
                Some((k, v)) if *k == key[..] && *v == value[..] => (),
                _ => return Err(differs(&format!("forward, at {}", hex(key))).into()),
            }
        }
        let mut back = tree.iter().rev();
        for (key, value) in pairs.iter().rev() {
            match back.next().transpose()? {
                Some((k, v)) if *k == key[..] && *v == value[..] => (),
                _ => return Err(differs(&format!("backward, at {}", hex(key))).into()),
            }
        }
        if forward.next().is_some() || back.next().is_some() {
            return Err(differs("more pairs than there should be").into());
        }
        for (key, value) in pairs.iter().step_by(pairs.len() / 1000 + 1) {
            if tree.get(key)?.as_deref() != Some(&value[..]) {
                return Err(differs(&format!("get {}", hex(key))).into());
            }
        }
    }
    Ok(())
}

/// A key near an existing one, or anywhere.
fn random_key(rng: &mut Rng, pairs: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<u8> {
    let size = rng.between(0, 40);
    let random = rng.bytes(size);
    let near = pairs.range(random.clone()..).next().or_else(|| pairs.iter().next());
    let Some((near, _)) = near else { return random };
    let mut key = near.clone();
    match rng.below(4) {
        0 => return random,
        1 => key.truncate(rng.below(key.len() + 1)),
        2 => key.extend_from_slice(&random),
        _ => {
            let at = rng.below(key.len() + 1);
            key.truncate(at);
            key.extend_from_slice(&random[..random.len().min(8)]);
        }
    }
    key
}

fn existing_key(rng: &mut Rng, pairs: &BTreeMap<Vec<u8>, Vec<u8>>) -> Option<Vec<u8>> {
    let near = random_key(rng, pairs);
    pairs.range(near..).next().or_else(|| pairs.iter().next()).map(|(k, _)| k.clone())
}

fn random_value(rng: &mut Rng) -> Vec<u8> {
    let size = match rng.below(200) {
        0 => rng.between(100_000, 200_000),
        1..=20 => rng.between(300, 5000),
        _ => rng.between(0, 300),
    };
    rng.bytes(size)
}

fn change(db: &sled::Db, model: &mut Model, operations: usize, rng: &mut Rng) -> Result {
    let names: Vec<Vec<u8>> = model.keys().cloned().collect();
    let trees =
        names.iter().map(|n| db.open_tree(n)).collect::<std::result::Result<Vec<_>, _>>()?;
    let is_large: Vec<bool> = model
        .values()
        .map(|p| p.values().map(Vec::len).sum::<usize>() > p.len() * LARGE_VALUES)
        .collect();
    for _ in 0..operations {
        let at = rng.below(names.len());
        if is_large[at] && rng.below(LARGE_VALUES_SHARE) != 0 {
            continue;
        }
        let pairs = model.get_mut(&names[at]).expect("a tree of the model");
        let old = existing_key(rng, pairs);
        let before = match (rng.below(3), old) {
            (0, Some(key)) => {
                let expected = pairs.remove(&key);
                (trees[at].remove(&key)?, expected)
            }
            (1, Some(key)) => {
                let value = random_value(rng);
                (trees[at].insert(&key, &value[..])?, pairs.insert(key, value))
            }
            _ => {
                let (key, value) = (random_key(rng, pairs), random_value(rng));
                (trees[at].insert(&key, &value[..])?, pairs.insert(key, value))
            }
        };
        if before.0.as_deref() != before.1.as_deref() {
            return Err(format!("tree {}: an update found another value", hex(&names[at])).into());
        }
    }
    db.flush()?;
    Ok(())
}

fn main() -> Result {
    let mut words = Vec::new();
    let (mut operations, mut seed) = (10_000, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().ok_or(format!("{argument} needs a number"));
        match argument.as_str() {
            "--operations" => operations = number()?.parse()?,
            "--seed" => seed = number()?.parse()?,
            _ => words.push(argument),
        }
    }
    let [dir, expected] = words.as_slice() else {
        return Err("usage: check-sled-writable DIR LINES [--operations N] [--seed S]".into());
    };
    let dir = Path::new(dir);
    let mut db = open(dir)?;
    if !db.was_recovered() {
        return Err("sled recovered nothing".into());
    }
    let mut model = read(&db)?;
    check_lines(&model, expected)?;
    check(&db, &model, "as written")?;
    change(&db, &mut model, operations, &mut Rng::new(seed))?;
    check(&db, &model, "after the changes")?;
    for round in 1..=REOPENS {
        drop(db);
        db = open(dir)?;
        check(&db, &model, &format!("after reopening {round}"))?;
    }
    Ok(())
}
