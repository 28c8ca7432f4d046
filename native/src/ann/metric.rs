//! The distance of two vectors of length 1: 1 - their dot product, which is their cosine.
//!
//! usearch would compute three sums for each pair, with the instructions that every processor has.
//! Here it is one, with those that this one has; it is where adding and searching spend their time.
//! In lanes: nearer to the exact sum than one loop would come. NaN stays NaN.

const LANES: usize = 8;
const ROWS: usize = 4;

#[inline(always)]
fn dot<const FUSED: bool>(a: &[f32], b: &[f32]) -> f32 {
    let step = |sum: f32, x: f32, y: f32| if FUSED { x.mul_add(y, sum) } else { sum + x * y };
    let mut sums = [[0f32; LANES]; ROWS];
    let (blocks_a, blocks_b) = (a.chunks_exact(LANES * ROWS), b.chunks_exact(LANES * ROWS));
    let rest = blocks_a.remainder().iter().zip(blocks_b.remainder());
    for (x, y) in blocks_a.zip(blocks_b) {
        for row in 0..ROWS {
            for lane in 0..LANES {
                let at = row * LANES + lane;
                sums[row][lane] = step(sums[row][lane], x[at], y[at]);
            }
        }
    }
    // Through memory, where a row is one thing. Seen together with what follows, the compiler filled
    // a quarter of each register only, which was best for adding up the lanes in the end.
    let sums = std::hint::black_box(sums);
    let mut all = [0f32; LANES];
    for lane in 0..LANES {
        all[lane] = (sums[0][lane] + sums[1][lane]) + (sums[2][lane] + sums[3][lane]);
    }
    let half = [all[0] + all[4], all[1] + all[5], all[2] + all[6], all[3] + all[7]];
    rest.fold((half[0] + half[2]) + (half[1] + half[3]), |sum, (x, y)| step(sum, *x, *y))
}

/// usearch's metric: two vectors and the number it was given along, here their dimension.
pub type Metric = unsafe extern "C" fn(*const f32, *const f32, usize) -> f32;

unsafe extern "C" fn plain(a: *const f32, b: *const f32, dimension: usize) -> f32 {
    // SAFETY: usearch's own vectors, or the query: arrays of that many floats.
    let (a, b) = unsafe {
        (std::slice::from_raw_parts(a, dimension), std::slice::from_raw_parts(b, dimension))
    };
    1.0 - dot::<false>(a, b)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn dot_avx2(a: &[f32], b: &[f32]) -> f32 {
    dot::<true>(a, b)
}

#[cfg(target_arch = "x86_64")]
unsafe extern "C" fn avx2(a: *const f32, b: *const f32, dimension: usize) -> f32 {
    // SAFETY: as in plain; best() gives it to processors that have the instructions.
    unsafe {
        let (a, b) =
            (std::slice::from_raw_parts(a, dimension), std::slice::from_raw_parts(b, dimension));
        1.0 - dot_avx2(a, b)
    }
}

/// The fastest that this processor can run.
pub fn best() -> Metric {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        return avx2;
    }
    plain
}

/// The vector made 1 long. One without a direction becomes one of NaN or of infinity.
pub fn unit(vector: &[f32]) -> Vec<f32> {
    let scale = 1.0 / dot::<false>(vector, vector).sqrt();
    vector.iter().map(|x| x * scale).collect()
}
