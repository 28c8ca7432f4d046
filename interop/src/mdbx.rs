//! libmdbx from Rust, as little of it as the programs need: one environment and one transaction of it
//! at a time, tables by name, pairs, and cursors that hand out the bytes where they lie in the file.

use crate::Result;
use mdbx_sys as mdbx;
use std::ffi::{CStr, CString, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;

pub use mdbx::MDBX_dbi as Table;

const MAX_SIZE: isize = 1 << 40;
const MAX_TABLES: u64 = 10_000;

/// What an environment is opened, or a transaction begun, for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

fn check(rc: c_int) -> Result {
    if rc == mdbx::MDBX_SUCCESS {
        return Ok(());
    }
    // SAFETY: libmdbx returns a static NUL-terminated string for every code.
    let text = unsafe { CStr::from_ptr(mdbx::mdbx_strerror(rc)) };
    Err(format!("libmdbx: {} ({rc})", text.to_string_lossy()).into())
}

/// False: libmdbx found nothing.
fn found(rc: c_int) -> Result<bool> {
    if rc == mdbx::MDBX_NOTFOUND { Ok(false) } else { check(rc).map(|()| true) }
}

fn slice(bytes: &[u8]) -> mdbx::MDBX_val {
    mdbx::MDBX_val { iov_base: bytes.as_ptr() as *mut c_void, iov_len: bytes.len() }
}

const NO_VALUE: mdbx::MDBX_val = mdbx::MDBX_val { iov_base: null_mut(), iov_len: 0 };

/// SAFETY: the value must come from libmdbx and its transaction must outlive the result.
unsafe fn bytes<'a>(value: &mdbx::MDBX_val) -> &'a [u8] {
    if value.iov_len == 0 {
        return &[];
    }
    // SAFETY: as above.
    unsafe { std::slice::from_raw_parts(value.iov_base.cast(), value.iov_len) }
}

/// An open environment. Bytes that it hands out borrow it, so that no transaction ends before them.
pub struct Env {
    env: *mut mdbx::MDBX_env,
    txn: *mut mdbx::MDBX_txn,
}

impl Env {
    /// For writing: exclusively, made if it is not there, and without a sync at each commit.
    pub fn open(path: &Path, access: Access) -> Result<Env> {
        let flags = match access {
            Access::Read => mdbx::MDBX_RDONLY | mdbx::MDBX_ACCEDE,
            Access::Write => mdbx::MDBX_SAFE_NOSYNC | mdbx::MDBX_EXCLUSIVE,
        };
        Env::open_with(path, access, flags)
    }

    /// For writing, with a sync at each commit, and the settings that libmia has.
    pub fn open_durable(path: &Path) -> Result<Env> {
        Env::open_with(path, Access::Write, mdbx::MDBX_NOSTICKYTHREADS | mdbx::MDBX_LIFORECLAIM)
    }

    fn open_with(path: &Path, access: Access, flags: mdbx::MDBX_env_flags_t) -> Result<Env> {
        let mut open = Env { env: null_mut(), txn: null_mut() };
        let path = CString::new(path.as_os_str().as_bytes())?;
        // SAFETY: the environment is created first; every pointer outlives its call.
        unsafe {
            check(mdbx::mdbx_env_create(&mut open.env))?;
            check(mdbx::mdbx_env_set_option(open.env, mdbx::MDBX_opt_max_db, MAX_TABLES))?;
            if access == Access::Write {
                check(mdbx::mdbx_env_set_geometry(open.env, -1, -1, MAX_SIZE, 64 << 20, -1, -1))?;
            }
            check(mdbx::mdbx_env_open(open.env, path.as_ptr(), flags, 0o644))?;
        }
        Ok(open)
    }

    /// There must be no transaction.
    pub fn begin(&mut self, access: Access) -> Result {
        let flags = match access {
            Access::Read => mdbx::MDBX_TXN_RDONLY,
            Access::Write => mdbx::MDBX_TXN_READWRITE,
        };
        // SAFETY: the environment is open and has no other transaction of this thread.
        check(unsafe {
            mdbx::mdbx_txn_begin_ex(self.env, null_mut(), flags, &mut self.txn, null_mut())
        })
    }

    pub fn commit(&mut self) -> Result {
        let txn = std::mem::replace(&mut self.txn, null_mut());
        // SAFETY: txn is live and is not used afterwards.
        check(unsafe { mdbx::mdbx_txn_commit_ex(txn, null_mut()) })
    }

    fn open_table(&self, name: &[u8], flags: mdbx::MDBX_db_flags_t) -> (c_int, Table) {
        let mut dbi = 0;
        // SAFETY: a transaction is live.
        let rc = unsafe { mdbx::mdbx_dbi_open2(self.txn, &slice(name), flags, &mut dbi) };
        (rc, dbi)
    }

    pub fn create_table(&self, name: &[u8]) -> Result<Table> {
        let (rc, dbi) = self.open_table(name, mdbx::MDBX_CREATE);
        check(rc).map(|()| dbi)
    }

    pub fn find_table(&self, name: &[u8]) -> Result<Option<Table>> {
        let (rc, dbi) = self.open_table(name, mdbx::MDBX_DB_DEFAULTS);
        Ok(found(rc)?.then_some(dbi))
    }

    pub fn table(&self, name: &[u8]) -> Result<Table> {
        let missing = || format!("there is no table {}", String::from_utf8_lossy(name)).into();
        self.find_table(name)?.ok_or_else(missing)
    }

    pub fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result {
        let mut value = slice(value);
        // SAFETY: a write transaction is live; libmdbx copies both before it returns.
        check(unsafe {
            mdbx::mdbx_put(self.txn, table, &slice(key), &mut value, mdbx::MDBX_UPSERT)
        })
    }

    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<&[u8]>> {
        let mut value = NO_VALUE;
        // SAFETY: a transaction is live; it keeps the value's bytes in place while self is borrowed.
        unsafe {
            let is_there = found(mdbx::mdbx_get(self.txn, table, &slice(key), &mut value))?;
            Ok(is_there.then(|| bytes(&value)))
        }
    }

    pub fn entries(&self, table: Table) -> Result<u64> {
        // SAFETY: MDBX_stat is plain numbers; a transaction is live.
        let mut stat: mdbx::MDBX_stat = unsafe { std::mem::zeroed() };
        let size = std::mem::size_of::<mdbx::MDBX_stat>();
        check(unsafe { mdbx::mdbx_dbi_stat(self.txn, table, &mut stat, size) })?;
        Ok(stat.ms_entries)
    }

    /// The pairs with this key and all greater ones, in order.
    pub fn pairs_from(&self, table: Table, key: &[u8]) -> Result<Pairs<'_>> {
        let mut pairs = Pairs { env: self, cursor: null_mut(), first: Some(key.to_vec()) };
        // SAFETY: a transaction is live; the cursor borrows self.
        check(unsafe { mdbx::mdbx_cursor_open(self.txn, table, &mut pairs.cursor) })?;
        Ok(pairs)
    }

    pub fn sync(&self) -> Result {
        // SAFETY: the environment is open.
        let rc = unsafe { mdbx::mdbx_env_sync_ex(self.env, true, false) };
        if rc == mdbx::MDBX_RESULT_TRUE { Ok(()) } else { check(rc) }
    }
}

impl Drop for Env {
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

/// An open cursor.
pub struct Pairs<'a> {
    env: &'a Env,
    cursor: *mut mdbx::MDBX_cursor,
    first: Option<Vec<u8>>,
}

type Pair<'a> = (&'a [u8], &'a [u8]);

impl<'a> Pairs<'a> {
    fn step(&mut self) -> Result<Option<Pair<'a>>> {
        let first = self.first.take();
        let (mut key, op) = match &first {
            Some(first) => (slice(first), mdbx::MDBX_SET_RANGE),
            None => (NO_VALUE, mdbx::MDBX_NEXT),
        };
        let mut value = NO_VALUE;
        // SAFETY: the cursor is open; its transaction lives as long as the environment is borrowed.
        unsafe {
            let is_there = found(mdbx::mdbx_cursor_get(self.cursor, &mut key, &mut value, op))?;
            Ok(is_there.then(|| (bytes(&key), bytes(&value))))
        }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Result<Pair<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

impl Drop for Pairs<'_> {
    fn drop(&mut self) {
        debug_assert!(!self.env.txn.is_null());
        if !self.cursor.is_null() {
            // SAFETY: the cursor is open and its transaction, which it borrows, is live.
            unsafe { mdbx::mdbx_cursor_close(self.cursor) };
        }
    }
}
