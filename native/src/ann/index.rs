//! One graph: usearch's index with the few settings that matter here.
//!
//! Cosine distance is that of the inner product of vectors of length 1, so that is what the index
//! holds: each vector is scaled on its way in, each query too.
use cxx::UniquePtr;
use usearch::ffi::{new_native_index, NativeIndex};
use usearch::{IndexOptions, MetricKind, ScalarKind};

use super::metric;
use crate::abi::status;
use crate::fail::{fail, Fail};

pub struct Graph {
    index: UniquePtr<NativeIndex>,
    dimension: usize,
    /// How many calls may be inside at once; usearch keeps working memory for each.
    threads: usize,
}

// SAFETY: the C++ object belongs to no thread, and its searches may run at once; that everything
// else is alone is the caller's promise (mia_native.h).
unsafe impl Send for Graph {}
unsafe impl Sync for Graph {}

/// usearch's own texts, with what they mean to the caller. It tells memory apart in words only.
fn failed(doing: &str, error: impl std::fmt::Display) -> Fail {
    let text = format!("usearch cannot {doing}: {error}");
    let lower = text.to_lowercase();
    let is_memory = ["memory", "alloc"].iter().any(|word| lower.contains(word));
    let status = if is_memory { status::NOMEM } else { status::INTERNAL };
    Fail { status, code: 0, text }
}

extern "C" fn ask<F: Fn(u64) -> bool>(key: u64, filter: usize) -> bool {
    // SAFETY: the reference that search gave along, which outlives its call.
    let filter = unsafe { &*(filter as *const F) };
    filter(key)
}

impl Graph {
    pub fn new(dimension: u32, m: u32, ef_add: u32, threads: u32) -> Result<Self, Fail> {
        let options = IndexOptions {
            dimensions: dimension as usize,
            metric: MetricKind::IP,
            quantization: ScalarKind::F32,
            connectivity: m as usize,
            expansion_add: ef_add as usize,
            expansion_search: 1, // each search brings its own: see search
            multi: false,
        };
        let index = new_native_index(&options).map_err(|e| failed("make a graph", e))?;
        let graph = Graph { index, dimension: dimension as usize, threads: threads as usize };
        graph.use_metric()?;
        Ok(graph)
    }

    fn use_metric(&self) -> Result<(), Fail> {
        self.index
            .change_metric(metric::best() as usize, self.dimension)
            .map_err(|e| failed("take a metric", e))
    }

    /// Room for `capacity` points in all.
    pub fn reserve(&self, capacity: usize) -> Result<(), Fail> {
        self.index
            .reserve_capacity_and_threads(capacity, self.threads)
            .map_err(|e| failed(&format!("make room for {capacity} points"), e))
    }

    fn check_dimension(&self, got: usize) -> Result<(), Fail> {
        if got == self.dimension {
            return Ok(());
        }
        fail(
            status::INVALID,
            format!("a vector of {got} floats for a graph of {} dimensions", self.dimension),
        )
    }

    pub fn add(&self, key: u64, vector: &[f32]) -> Result<(), Fail> {
        self.check_dimension(vector.len())?;
        if self.index.contains(key) {
            return fail(status::INVALID, format!("vector key {key} is in the graph already"));
        }
        self.index.add_f32(key, &metric::unit(vector)).map_err(|e| failed("add a point", e))
    }

    /// At most `keys.len()` points, nearest first, among the `ef` nearest that were met. usearch
    /// looks as wide as the larger of its setting and the number wanted: with 1 set and `ef` wanted,
    /// each search has its own width, and the index no state that searches would share.
    pub fn search<F: Fn(u64) -> bool>(
        &self,
        query: &[f32],
        ef: usize,
        filter: Option<F>,
        keys: &mut [u64],
        distances: &mut [f32],
    ) -> Result<usize, Fail> {
        self.check_dimension(query.len())?;
        let most = keys.len().min(distances.len());
        if most == 0 || self.index.size() == 0 {
            return Ok(0);
        }
        let (query, width) = (metric::unit(query), ef.max(most));
        let met = match &filter {
            Some(filter) => {
                let (ask, ctx) = (ask::<F> as *const () as usize, filter as *const F as usize);
                self.index.filtered_search_f32(&query, width, ask, ctx)
            }
            None => self.index.search_f32(&query, width),
        }
        .map_err(|e| failed("search", e))?;
        let found = most.min(met.keys.len());
        keys[..found].copy_from_slice(&met.keys[..found]);
        distances[..found].copy_from_slice(&met.distances[..found]);
        Ok(found)
    }

    pub fn contains(&self, key: u64) -> bool {
        self.index.contains(key)
    }

    pub fn size(&self) -> usize {
        self.index.size()
    }

    pub fn memory(&self) -> usize {
        self.index.memory_usage()
    }

    pub fn saved_size(&self) -> usize {
        self.index.serialized_length()
    }

    pub fn save(&self, to: &mut [u8]) -> Result<(), Fail> {
        self.index.save_to_buffer(to).map_err(|e| failed("write the graph out", e))
    }

    /// What save made, and nothing else: usearch looks at little of it before it follows pointers.
    pub fn load(&self, from: &[u8]) -> Result<(), Fail> {
        self.index.load_from_buffer(from).map_err(|e| failed("read a saved graph", e))?;
        self.check_dimension(self.index.dimensions())?;
        if self.index.metric_kind() != MetricKind::IP || self.index.scalar_kind() != ScalarKind::F32
        {
            return fail(status::CORRUPT, "a saved graph of another kind");
        }
        self.use_metric()?; // load sets the library's own
        self.reserve(self.index.size())
    }
}
