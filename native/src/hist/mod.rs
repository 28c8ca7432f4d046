//! HDR histograms of the crate hdrhistogram. `mia_native.h` is the contract. `ffi` is the only
//! entrance.
mod ffi;
