//! usearch's vector graph (HNSW) over cosine distance. `mia_native.h` is the contract.
//!
//! C++ exceptions end in the crate `cxx`, which makes errors of them; panics end in `crate::panics`.
//! `metric` is the distance, `index` what usearch is asked for, `ffi` the only entrance.
mod ffi;
mod index;
mod metric;
