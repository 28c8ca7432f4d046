//! The types of include/mia/*.h as Rust sees them. The sizes are asserted on both sides.
use std::ffi::{c_char, c_int, c_void};

use crate::fail::{fail, Fail};

/// enum mia_status, as far as this engine answers with it.
pub mod status {
    use std::ffi::c_int;
    pub const OK: c_int = 0;
    pub const NOTFOUND: c_int = 1;
    pub const INVALID: c_int = -1;
    pub const CORRUPT: c_int = -3;
    pub const IO: c_int = -4;
    pub const FULL: c_int = -5;
    pub const BUSY: c_int = -6;
    pub const READONLY: c_int = -9;
    pub const VERSION: c_int = -10;
    pub const UNSUPPORTED: c_int = -11;
    pub const NOMEM: c_int = -12;
    pub const INTERNAL: c_int = -14;
}

/// enum mia_txn_mode
pub const TXN_WRITE: c_int = 1;
/// enum mia_tree_flags
pub const TREE_CREATE: u32 = 1;
pub const TREE_MULTI: u32 = 2;
/// enum mia_put_flags
pub const PUT_INSERT_ONLY: u32 = 1;
pub const PUT_APPEND: u32 = 2;
/// enum mia_move; those behind SEEK are for multi-value trees
pub const MOVE_FIRST: c_int = 0;
pub const MOVE_LAST: c_int = 1;
pub const MOVE_NEXT: c_int = 2;
pub const MOVE_PREV: c_int = 3;
pub const MOVE_SEEK: c_int = 4;

/// struct mia_error
#[repr(C)]
pub struct Error {
    pub status: c_int,
    pub code: i32,
    pub engine: [c_char; 16],
    pub message: [c_char; 488],
}

/// mia_slice
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    data: *const c_void,
    size: usize,
}

/// struct mia_pair
#[repr(C)]
pub struct SlicePair {
    pub key: Slice,
    pub value: Slice,
}

const _: () = assert!(size_of::<Error>() == 512);
const _: () = assert!(size_of::<SlicePair>() == 4 * size_of::<usize>());

impl From<&[u8]> for Slice {
    fn from(bytes: &[u8]) -> Self {
        Slice { data: bytes.as_ptr().cast(), size: bytes.len() }
    }
}

impl Slice {
    /// The caller's bytes, for the time of its call.
    ///
    /// # Safety
    /// `data` points to `size` readable bytes that nobody changes during the call; with size 0 it
    /// may be anything.
    pub unsafe fn bytes<'a>(self) -> Result<&'a [u8], Fail> {
        if self.size == 0 {
            return Ok(&[]);
        }
        if self.data.is_null() || isize::try_from(self.size).is_err() {
            return fail(status::INVALID, format!("no memory holds {} bytes there", self.size));
        }
        // SAFETY: not null, not longer than any object can be; the rest is the caller's promise.
        Ok(unsafe { std::slice::from_raw_parts(self.data.cast(), self.size) })
    }
}
