//! A database with a past: pages split, merged, freed and rewritten, segments used again, trees
//! dropped, batches and transactions, and a snapshot file from reopening.

use super::Making;
use crate::Result;
use sled::transaction::{ConflictableTransactionError, TransactionError};

pub fn fill(m: &mut Making) -> Result {
    overwrite_and_remove(m)?;
    m.reopen()?;
    drop_and_clear(m)?;
    batches_and_transactions(m)?;
    for _ in 0..1000 {
        m.db().generate_id()?;
    }
    m.reopen()?;
    overwrite_and_remove(m)?;
    Ok(())
}

fn overwrite_and_remove(m: &mut Making) -> Result {
    let tree = m.db().open_tree("churn")?;
    for _ in 0..20_000 {
        let key = format!("key {:06}", m.rng.below(8_000));
        if m.rng.below(3) == 0 {
            tree.remove(key)?;
        } else {
            let size = m.rng.between(0, 300);
            tree.insert(key, m.rng.bytes(size))?;
        }
    }
    // A range that is removed whole makes neighbours merge.
    for i in 2_000..5_000 {
        tree.remove(format!("key {i:06}"))?;
    }
    let all = m.db().open_tree("all removed")?;
    for i in 0..2_000u32 {
        all.insert(i.to_be_bytes(), "x")?;
    }
    for i in 0..2_000u32 {
        all.remove(i.to_be_bytes())?;
    }
    let blobs = m.db().open_tree("large, overwritten")?;
    for _ in 0..40 {
        let key = [m.rng.below(6) as u8];
        let size = m.rng.between(100_000, 400_000);
        blobs.insert(key, m.rng.bytes(size))?;
    }
    Ok(())
}

fn drop_and_clear(m: &mut Making) -> Result {
    for round in 0..5 {
        for name in ["dropped", "dropped and made again", "cleared"] {
            let tree = m.db().open_tree(name)?;
            for i in 0..500u32 {
                tree.insert(i.to_be_bytes(), format!("{round}").as_bytes())?;
            }
        }
        m.db().drop_tree("dropped")?;
        m.db().drop_tree("dropped and made again")?;
        m.db().open_tree("cleared")?.clear()?;
        m.db()
            .open_tree("dropped and made again")?
            .insert("round", format!("{round}").as_bytes())?;
    }
    Ok(())
}

fn batches_and_transactions(m: &mut Making) -> Result {
    let tree = m.db().open_tree("batches")?;
    for i in 0..200u32 {
        let mut batch = sled::Batch::default();
        for j in 0..50u32 {
            batch.insert(&(i * 25 + j).to_be_bytes(), format!("{i}.{j}").as_bytes());
        }
        batch.remove(&(i * 10).to_be_bytes());
        tree.apply_batch(batch)?;
    }
    for i in 0..100u32 {
        let answer: std::result::Result<(), TransactionError<()>> = tree.transaction(|t| {
            t.insert(format!("transaction {i}").into_bytes(), "done")?;
            t.remove(&i.to_be_bytes())?;
            if i % 3 == 0 { Err(ConflictableTransactionError::Abort(())) } else { Ok(()) }
        });
        match answer {
            Ok(()) | Err(TransactionError::Abort(())) => (),
            Err(TransactionError::Storage(e)) => return Err(e.into()),
        }
    }
    let merged = m.db().open_tree("merged")?;
    merged.set_merge_operator(|_: &[u8], old: Option<&[u8]>, new: &[u8]| {
        Some([old.unwrap_or_default(), new].concat())
    });
    for i in 0..500u32 {
        merged.merge([(i % 50) as u8], i.to_be_bytes())?;
    }
    Ok(())
}
