//! The real sled 0.34.7 as a storage engine: transactions with own writes, cursors both ways, trees
//! that an abort takes back. `mia_native.h` is the contract; `ffi` is its only entrance.
//!
//! Layers, each using only those before it: `error` (sled's errors as failures) - `conf` (sled's file of parameters) - `below`, `stream` (pairs of one sled
//! tree in order) - `overlay`, `merge` (a transaction's own writes, and both seen as one) -
//! `database`, `txn`, `cursor` (the objects) - `ffi`.
mod below;
mod conf;
mod cursor;
mod database;
mod error;
mod ffi;
mod merge;
mod overlay;
mod stream;
mod txn;

/// A key and its value.
type Pair = (sled::IVec, sled::IVec);
