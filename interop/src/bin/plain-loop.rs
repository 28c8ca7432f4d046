//! `plain-loop SLED MDBX [--verify]`: the migration that a competent user would write by hand, as
//! the benchmark's peer: every tree of sled becomes a table, pair by pair with `mdbx_put`, 10,000
//! pairs a transaction, one durable sync at the end; `--verify` then reads both sides again. Prints
//! the seconds as one line of JSON. It folds no long keys, escapes no names and cannot resume.

use mdbx_sys as mdbx;
use mia_interop::{Result, hex, sled_dir};
use std::ffi::{CString, c_int, c_void};
use std::path::Path;
use std::ptr::null_mut;
use std::time::Instant;

const BATCH: u64 = 10_000;
const LIMIT: isize = 1 << 40;

fn check(rc: c_int) -> Result {
    if rc == mdbx::MDBX_SUCCESS {
        return Ok(());
    }
    // SAFETY: libmdbx returns a static NUL-terminated string for every code.
    let text = unsafe { std::ffi::CStr::from_ptr(mdbx::mdbx_strerror(rc)) };
    Err(format!("libmdbx: {} ({rc})", text.to_string_lossy()).into())
}

fn slice(bytes: &[u8]) -> mdbx::MDBX_val {
    mdbx::MDBX_val { iov_base: bytes.as_ptr() as *mut c_void, iov_len: bytes.len() }
}

struct Target {
    env: *mut mdbx::MDBX_env,
    txn: *mut mdbx::MDBX_txn,
}

impl Target {
    fn open(path: &str) -> Result<Target> {
        let mut target = Target { env: null_mut(), txn: null_mut() };
        let path = CString::new(path)?;
        // SAFETY: the environment is created first; every pointer outlives its call.
        unsafe {
            check(mdbx::mdbx_env_create(&mut target.env))?;
            check(mdbx::mdbx_env_set_option(target.env, mdbx::MDBX_opt_max_db, 10_000))?;
            check(mdbx::mdbx_env_set_geometry(target.env, -1, -1, LIMIT, 64 << 20, -1, -1))?;
            let flags = mdbx::MDBX_SAFE_NOSYNC | mdbx::MDBX_EXCLUSIVE;
            check(mdbx::mdbx_env_open(target.env, path.as_ptr(), flags, 0o644))?;
        }
        Ok(target)
    }

    fn begin(&mut self, flags: mdbx::MDBX_txn_flags_t) -> Result {
        // SAFETY: the environment is open and has no other transaction of this thread.
        check(unsafe {
            mdbx::mdbx_txn_begin_ex(self.env, null_mut(), flags, &mut self.txn, null_mut())
        })
    }

    fn commit(&mut self) -> Result {
        let txn = std::mem::replace(&mut self.txn, null_mut());
        // SAFETY: txn is live and is not used afterwards.
        check(unsafe { mdbx::mdbx_txn_commit_ex(txn, null_mut()) })
    }

    fn table(&mut self, name: &[u8], flags: mdbx::MDBX_db_flags_t) -> Result<mdbx::MDBX_dbi> {
        let mut dbi = 0;
        // SAFETY: a transaction is live.
        check(unsafe { mdbx::mdbx_dbi_open2(self.txn, &slice(name), flags, &mut dbi) })?;
        Ok(dbi)
    }

    fn put(&mut self, dbi: mdbx::MDBX_dbi, key: &[u8], value: &[u8]) -> Result {
        let mut value = slice(value);
        // SAFETY: a write transaction is live; libmdbx copies both before it returns.
        check(unsafe { mdbx::mdbx_put(self.txn, dbi, &slice(key), &mut value, mdbx::MDBX_UPSERT) })
    }

    /// The value as libmdbx has it: it lives until the transaction ends, so at most as long as self.
    fn get(&self, dbi: mdbx::MDBX_dbi, key: &[u8]) -> Result<&[u8]> {
        let mut value = mdbx::MDBX_val { iov_base: null_mut(), iov_len: 0 };
        // SAFETY: a read transaction is live; it keeps the value's bytes in place.
        unsafe {
            check(mdbx::mdbx_get(self.txn, dbi, &slice(key), &mut value))?;
            if value.iov_len == 0 {
                return Ok(&[]);
            }
            Ok(std::slice::from_raw_parts(value.iov_base.cast(), value.iov_len))
        }
    }

    fn entries(&self, dbi: mdbx::MDBX_dbi) -> Result<u64> {
        // SAFETY: MDBX_stat is plain numbers; a transaction is live.
        let mut stat: mdbx::MDBX_stat = unsafe { std::mem::zeroed() };
        let size = std::mem::size_of::<mdbx::MDBX_stat>();
        check(unsafe { mdbx::mdbx_dbi_stat(self.txn, dbi, &mut stat, size) })?;
        Ok(stat.ms_entries)
    }

    fn sync(&self) -> Result {
        // SAFETY: the environment is open.
        let rc = unsafe { mdbx::mdbx_env_sync_ex(self.env, true, false) };
        if rc == mdbx::MDBX_RESULT_TRUE { Ok(()) } else { check(rc) }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // SAFETY: both are live or null; the transaction goes first.
        unsafe {
            if !self.txn.is_null() {
                mdbx::mdbx_txn_abort(self.txn);
            }
            if !self.env.is_null() {
                mdbx::mdbx_env_close_ex(self.env, false);
            }
        }
    }
}

fn copy(db: &sled::Db, target: &mut Target) -> Result<u64> {
    let mut records = 0;
    target.begin(mdbx::MDBX_TXN_READWRITE)?;
    for name in db.tree_names() {
        let tree = db.open_tree(&name)?;
        let mut dbi = target.table(&name, mdbx::MDBX_CREATE)?;
        for pair in tree.iter() {
            let (key, value) = pair?;
            target.put(dbi, &key, &value)?;
            records += 1;
            if records % BATCH == 0 {
                target.commit()?;
                target.begin(mdbx::MDBX_TXN_READWRITE)?;
                dbi = target.table(&name, mdbx::MDBX_DB_DEFAULTS)?;
            }
        }
    }
    target.commit()?;
    target.sync()?;
    Ok(records)
}

fn verify(db: &sled::Db, target: &mut Target) -> Result {
    target.begin(mdbx::MDBX_TXN_RDONLY)?;
    for name in db.tree_names() {
        let tree = db.open_tree(&name)?;
        let dbi = target.table(&name, mdbx::MDBX_DB_DEFAULTS)?;
        let mut records = 0;
        for pair in tree.iter() {
            let (key, value) = pair?;
            if target.get(dbi, &key)? != &value[..] {
                return Err(format!("tree {}: key {} differs", hex(&name), hex(&key)).into());
            }
            records += 1;
        }
        if target.entries(dbi)? != records {
            return Err(format!("tree {}: the target has other keys too", hex(&name)).into());
        }
    }
    target.commit()
}

fn main() -> Result {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let with_verify =
        arguments.iter().position(|a| a == "--verify").map(|i| arguments.remove(i)).is_some();
    let [source, path] = arguments.as_slice() else {
        return Err("usage: plain-loop SLED MDBX [--verify]".into());
    };
    if Path::new(path).exists() {
        return Err(format!("{path}: exists already; name a new directory").into());
    }
    let start = Instant::now();
    let source = Path::new(source);
    let db = sled_dir::open(source, sled_dir::Parameters::read(source)?)?;
    let mut target = Target::open(path)?;
    let records = copy(&db, &mut target)?;
    let copied = start.elapsed().as_secs_f64();
    if with_verify {
        verify(&db, &mut target)?;
    }
    drop(target);
    drop(db);
    let seconds = start.elapsed().as_secs_f64();
    let verified = if with_verify { seconds - copied } else { 0.0 };
    println!(
        "{}",
        serde_json::json!({"records": records, "seconds": seconds, "copy_seconds": copied, "verify_seconds": verified})
    );
    Ok(())
}
