//! C interface of the Rust parts. See `mia_native.h` for the contract of every function.
#[cfg(feature = "mdbx")]
extern crate mdbx_sys as _; // keeps libmdbx's object file in the archive

#[cfg(feature = "sled")]
mod sled;
