//! The real sled 0.34.7 as a storage engine: transactions with own writes, cursors both ways, trees
//! that an abort takes back. `mia_native.h` is the contract; `ffi` is its only entrance.
//!
//! Layers, each using only those before it: `abi`, `fail` (C types, failures) - `panics` (no panic
//! crosses the border) - `conf` (sled's file of parameters) - `below`, `stream` (pairs of one sled
//! tree in order) - `overlay`, `merge` (a transaction's own writes, and both seen as one) -
//! `database`, `txn`, `cursor` (the objects) - `ffi`.
mod abi;
mod below;
mod conf;
mod cursor;
mod database;
mod fail;
mod ffi;
mod merge;
mod overlay;
mod panics;
mod stream;
mod txn;

/// A key and its value.
type Pair = (sled::IVec, sled::IVec);
