//! C interface of the Rust parts. See `mia_native.h` for the contract of every function.
//!
//! Shared: `abi`, `fail` (C types, failures), `panics` (no panic crosses the border).
#[cfg(feature = "mdbx")]
extern crate mdbx_sys as _; // keeps libmdbx's object file in the archive

#[cfg(any(feature = "sled", feature = "ann", feature = "hist"))]
#[cfg_attr(not(feature = "sled"), allow(dead_code))] // most of it is the storage engine's
mod abi;
#[cfg(any(feature = "sled", feature = "ann", feature = "hist"))]
mod fail;
#[cfg(any(feature = "sled", feature = "ann", feature = "hist"))]
mod panics;

#[cfg(feature = "ann")]
mod ann;
#[cfg(feature = "hist")]
mod hist;
#[cfg(feature = "sled")]
mod sled;
