//! The functions of mia_native.h. Each runs one method where panics are caught, and turns its answer
//! into a status.
//!
//! References stand for pointers that are never NULL, Option for those that may be, MaybeUninit for
//! places that are written only on success, Box for objects that were given out here and come back
//! to be ended. That the caller keeps to this is the contract of mia/engine.h.
use std::ffi::{c_char, c_int, CStr, OsStr};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use super::cursor::Cursor;
use super::database::{wait_until_free, Database};
use super::txn::Txn;
use super::Pair;
use crate::abi::{status, Error, Slice, SlicePair, MOVE_SEEK, TREE_CREATE, TREE_MULTI, TXN_WRITE};
use crate::fail::{fail, Fail};
use crate::panics;

type Answer = Result<c_int, Fail>;

pub struct Handle(Arc<Database>);

/// A cursor alone does not know whom to tell that sled panicked.
pub struct OpenCursor {
    db: Arc<Database>,
    cursor: Cursor,
}

// Any thread may use a database.
const fn assert_shareable<T: Send + Sync>() {}
const _: () = assert_shareable::<Handle>();

/// Runs one call on an open database. A panic makes the database unusable.
fn run(db: &Database, err: Option<&mut Error>, call: impl FnOnce() -> Answer) -> c_int {
    let answer = db.check_alive().and_then(|()| {
        panics::catch(call).unwrap_or_else(|text| {
            db.give_up(&text);
            fail(status::INTERNAL, format!("sled failed: {text}; close the database"))
        })
    });
    answer
        .unwrap_or_else(|f| f.because(&format!("{}: ", db.path.display()), "").report("sled", err))
}

/// Ends an object. What its destructor panics about has no reader, but must not reach C.
fn end<T>(object: T) {
    let _ = panics::catch(|| drop(object));
}

fn found<T>(answer: Option<T>, give: impl FnOnce(T)) -> Answer {
    Ok(answer.map_or(status::NOTFOUND, |found| {
        give(found);
        status::OK
    }))
}

/// The caller's bytes, for the time of its call.
fn bytes<'a>(slice: Slice) -> Result<&'a [u8], Fail> {
    // SAFETY: slices point to memory of their size, which stays as it is during the call.
    unsafe { slice.bytes() }
}

fn optional_bytes<'a>(slice: Option<&Slice>) -> Result<Option<&'a [u8]>, Fail> {
    slice.map(|slice| bytes(*slice)).transpose()
}

fn give_pair(pair: &Pair, key: &mut Slice, value: &mut Slice) {
    *key = Slice::from(&*pair.0);
    *value = Slice::from(&*pair.1);
}

// ---------------------------------------------------------------- database

/// What open adds to sled's words.
fn explain_open(path: &Path, f: Fail) -> Fail {
    let path = path.display();
    match f.status {
        status::BUSY => Fail {
            text: format!(
                "{path} is open in another program, or in this one already; sled lets one at a time \
                 open a database: close it there first"
            ),
            ..f
        },
        status::CORRUPT => f.because(
            &format!("{path}: sled cannot recover this database: "),
            "; open a backup or an earlier copy of the directory",
        ),
        status::FULL => f.because(&format!("{path}: "), "; make room on this disk"),
        _ => f.because(&format!("{path}: "), ""),
    }
}

#[no_mangle]
pub extern "C" fn mia_sled_open(
    path: *const c_char,
    cache_bytes: u64,
    is_durable: bool,
    out: &mut MaybeUninit<Box<Handle>>,
    err: Option<&mut Error>,
) -> c_int {
    // SAFETY: a C string.
    let path = Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()));
    let opened = panics::catch(|| Database::open(path, cache_bytes, is_durable));
    match opened.unwrap_or_else(|text| fail(status::CORRUPT, text)) {
        Ok(db) => {
            out.write(Box::new(Handle(Arc::new(db))));
            status::OK
        }
        Err(f) => {
            if f.status != status::BUSY {
                wait_until_free(path);
            }
            explain_open(path, f).report("sled", err)
        }
    }
}

#[no_mangle]
pub extern "C" fn mia_sled_close(db: Box<Handle>) {
    if let Some(db) = Arc::into_inner(db.0) {
        let path = db.path.clone();
        end(db);
        wait_until_free(&path);
    }
}

#[no_mangle]
pub extern "C" fn mia_sled_size(
    db: &Handle,
    size: &mut MaybeUninit<u64>,
    err: Option<&mut Error>,
) -> c_int {
    run(&db.0, err, || {
        size.write(db.0.size_on_disk()?);
        Ok(status::OK)
    })
}

#[no_mangle]
pub extern "C" fn mia_sled_sync(db: &Handle, err: Option<&mut Error>) -> c_int {
    run(&db.0, err, || db.0.flush().map(|()| status::OK))
}

// ---------------------------------------------------------------- transactions

#[no_mangle]
pub extern "C" fn mia_sled_begin(
    db: &Handle,
    mode: c_int,
    txn: &mut MaybeUninit<Box<Txn>>,
    err: Option<&mut Error>,
) -> c_int {
    run(&db.0, err, || {
        txn.write(Box::new(Txn::new(db.0.clone(), mode == TXN_WRITE)));
        Ok(status::OK)
    })
}

#[no_mangle]
pub extern "C" fn mia_sled_commit(txn: Box<Txn>, err: Option<&mut Error>) -> c_int {
    let db = txn.db.clone();
    run(&db, err, || txn.commit().map(|()| status::OK))
}

#[no_mangle]
pub extern "C" fn mia_sled_abort(txn: Box<Txn>) {
    end(txn);
}

// ---------------------------------------------------------------- trees

#[no_mangle]
pub extern "C" fn mia_sled_tree(
    txn: &mut Txn,
    name: Slice,
    flags: u32,
    tree: &mut MaybeUninit<u32>,
    err: Option<&mut Error>,
) -> c_int {
    let db = txn.db.clone();
    run(&db, err, || {
        if flags & TREE_MULTI != 0 {
            return fail(status::UNSUPPORTED, "sled's trees hold one value a key");
        }
        let id = txn.find_tree(bytes(name)?, flags & TREE_CREATE != 0)?;
        found(id, |id| {
            tree.write(id);
        })
    })
}

#[no_mangle]
pub extern "C" fn mia_sled_tree_next(
    txn: &mut Txn,
    after: Option<&Slice>,
    name: &mut Slice,
    err: Option<&mut Error>,
) -> c_int {
    let db = txn.db.clone();
    run(&db, err, || {
        let next = txn.next_name(optional_bytes(after)?);
        found(next, |next| *name = next)
    })
}

#[no_mangle]
pub extern "C" fn mia_sled_clear(txn: &mut Txn, tree: u32, err: Option<&mut Error>) -> c_int {
    let db = txn.db.clone();
    run(&db, err, || txn.clear(tree).map(|()| status::OK))
}

// ---------------------------------------------------------------- pairs

#[no_mangle]
pub extern "C" fn mia_sled_get(
    txn: &mut Txn,
    tree: u32,
    key: Slice,
    value: &mut Slice,
    err: Option<&mut Error>,
) -> c_int {
    let db = txn.db.clone();
    run(&db, err, || found(txn.get(tree, bytes(key)?)?, |at| *value = at))
}

#[no_mangle]
pub extern "C" fn mia_sled_put(
    txn: &mut Txn,
    tree: u32,
    key: Slice,
    value: Slice,
    flags: u32,
    err: Option<&mut Error>,
) -> c_int {
    let db = txn.db.clone();
    run(&db, err, || txn.put(tree, bytes(key)?, bytes(value)?, flags).map(|()| status::OK))
}

#[no_mangle]
pub extern "C" fn mia_sled_del(
    txn: &mut Txn,
    tree: u32,
    key: Slice,
    value: Option<&Slice>,
    err: Option<&mut Error>,
) -> c_int {
    let db = txn.db.clone();
    run(&db, err, || {
        if value.is_some() {
            return fail(status::UNSUPPORTED, "sled's trees hold one value a key");
        }
        let was_there = txn.remove(tree, bytes(key)?)?;
        found(was_there.then_some(()), |()| {})
    })
}

#[no_mangle]
pub extern "C" fn mia_sled_count(
    txn: &mut Txn,
    tree: u32,
    key: Option<&Slice>,
    n: &mut MaybeUninit<u64>,
    err: Option<&mut Error>,
) -> c_int {
    let db = txn.db.clone();
    run(&db, err, || {
        n.write(txn.count(tree, optional_bytes(key)?)?);
        Ok(status::OK)
    })
}

// ---------------------------------------------------------------- cursors

#[no_mangle]
pub extern "C" fn mia_sled_cursor(
    txn: &mut Txn,
    tree: u32,
    out: &mut MaybeUninit<Box<OpenCursor>>,
    err: Option<&mut Error>,
) -> c_int {
    let db = txn.db.clone();
    run(&db, err, || {
        let cursor = txn.cursor(tree)?;
        out.write(Box::new(OpenCursor { db: db.clone(), cursor }));
        Ok(status::OK)
    })
}

#[no_mangle]
pub extern "C" fn mia_sled_move(
    cur: &mut OpenCursor,
    to: c_int,
    key: &mut Slice,
    value: &mut Slice,
    err: Option<&mut Error>,
) -> c_int {
    let OpenCursor { db, cursor } = cur;
    run(db, err, || {
        let sought = if to == MOVE_SEEK { bytes(*key)? } else { &[] };
        found(cursor.go(to, sought)?, |pair| give_pair(pair, key, value))
    })
}

#[no_mangle]
pub extern "C" fn mia_sled_batch(
    cur: &mut OpenCursor,
    pairs: *mut SlicePair,
    most: usize,
    n: &mut MaybeUninit<usize>,
    err: Option<&mut Error>,
) -> c_int {
    let OpenCursor { db, cursor } = cur;
    run(db, err, || {
        let batch = cursor.batch(most)?;
        for (i, pair) in batch.iter().enumerate() {
            let (key, value) = (Slice::from(&*pair.0), Slice::from(&*pair.1));
            // SAFETY: pairs has room for `most`, and a batch has no more.
            unsafe { pairs.add(i).write(SlicePair { key, value }) };
        }
        found((!batch.is_empty()).then_some(batch.len()), |size| {
            n.write(size);
        })
    })
}

#[no_mangle]
pub extern "C" fn mia_sled_cursor_close(cur: Box<OpenCursor>) {
    end(cur);
}
