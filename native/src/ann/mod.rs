//! usearch's vector graph (HNSW) over cosine distance. `mia_native.h` is the contract.
//!
//! C++ exceptions end in the crate `cxx`, which makes errors of them; panics end in `crate::panics`.
//! `index` is what usearch is asked for, `ffi` its only entrance.
mod ffi;
mod index;
