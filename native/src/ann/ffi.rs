//! The functions mia_ann_* of mia_native.h. Each runs one method where panics are caught.
//!
//! References stand for pointers that are never NULL, Option for those that may be, Box for objects
//! that were given out here and come back to be ended.
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;

use super::index::Graph;
use crate::abi::{status, Error};
use crate::fail::{fail, Fail};
use crate::panics;

type Filter = extern "C" fn(*mut c_void, u64) -> bool;

// Any number of threads may search at once.
const fn assert_shareable<T: Send + Sync>() {}
const _: () = assert_shareable::<Graph>();

fn run(err: Option<&mut Error>, call: impl FnOnce() -> Result<(), Fail>) -> c_int {
    let answer = panics::catch(call)
        .unwrap_or_else(|text| fail(status::INTERNAL, format!("usearch failed: {text}")));
    answer.map_or_else(|f| f.report("usearch", err), |()| status::OK)
}

/// The caller's array, for the time of its call.
fn array<'a, T>(at: *const T, count: usize) -> &'a [T] {
    if count == 0 {
        return &[];
    }
    // SAFETY: the caller's array of that many items, which stays as it is during the call.
    unsafe { std::slice::from_raw_parts(at, count) }
}

fn array_mut<'a, T>(at: *mut T, count: usize) -> &'a mut [T] {
    if count == 0 {
        return &mut [];
    }
    // SAFETY: the caller's array of that many items, which nobody else uses during the call.
    unsafe { std::slice::from_raw_parts_mut(at, count) }
}

#[no_mangle]
pub extern "C" fn mia_ann_version() -> u32 {
    let parts = usearch::version().split('.').map(|part| part.parse::<u8>().unwrap_or(0));
    parts.take(3).fold(0, |version, part| version << 8 | u32::from(part))
}

#[no_mangle]
pub extern "C" fn mia_ann_create(
    dimension: u32,
    m: u32,
    ef_add: u32,
    threads: u32,
    out: &mut MaybeUninit<Box<Graph>>,
    err: Option<&mut Error>,
) -> c_int {
    run(err, || {
        out.write(Box::new(Graph::new(dimension, m, ef_add, threads)?));
        Ok(())
    })
}

#[no_mangle]
pub extern "C" fn mia_ann_free(graph: Option<Box<Graph>>) {
    let _ = panics::catch(|| drop(graph));
}

#[no_mangle]
pub extern "C" fn mia_ann_reserve(graph: &Graph, points: usize, err: Option<&mut Error>) -> c_int {
    run(err, || graph.reserve(points))
}

#[no_mangle]
pub extern "C" fn mia_ann_add(
    graph: &Graph,
    key: u64,
    vector: *const f32,
    dimension: usize,
    err: Option<&mut Error>,
) -> c_int {
    run(err, || graph.add(key, array(vector, dimension)))
}

#[no_mangle]
pub extern "C" fn mia_ann_search(
    graph: &Graph,
    query: *const f32,
    dimension: usize,
    ef: usize,
    filter: Option<Filter>,
    ctx: *mut c_void,
    keys: *mut u64,
    distances: *mut f32,
    most: usize,
    found: &mut usize,
    err: Option<&mut Error>,
) -> c_int {
    *found = 0;
    run(err, || {
        let query = array(query, dimension);
        let (keys, distances) = (array_mut(keys, most), array_mut(distances, most));
        let allows = filter.map(|filter| move |key| filter(ctx, key));
        *found = graph.search(query, ef, allows, keys, distances)?;
        Ok(())
    })
}

#[no_mangle]
pub extern "C" fn mia_ann_contains(graph: &Graph, key: u64) -> bool {
    panics::catch(|| graph.contains(key)).unwrap_or(false)
}

#[no_mangle]
pub extern "C" fn mia_ann_size(graph: &Graph) -> usize {
    panics::catch(|| graph.size()).unwrap_or(0)
}

#[no_mangle]
pub extern "C" fn mia_ann_memory(graph: &Graph) -> usize {
    panics::catch(|| graph.memory()).unwrap_or(0)
}

#[no_mangle]
pub extern "C" fn mia_ann_saved_size(graph: &Graph) -> usize {
    panics::catch(|| graph.saved_size()).unwrap_or(0)
}

#[no_mangle]
pub extern "C" fn mia_ann_save(
    graph: &Graph,
    to: *mut u8,
    size: usize,
    err: Option<&mut Error>,
) -> c_int {
    run(err, || graph.save(array_mut(to, size)))
}

#[no_mangle]
pub extern "C" fn mia_ann_load(
    graph: &Graph,
    from: *const u8,
    size: usize,
    err: Option<&mut Error>,
) -> c_int {
    run(err, || graph.load(array(from, size)))
}
