//! The functions mia_hist_* of mia_native.h.
use std::mem::MaybeUninit;

use hdrhistogram::Histogram;

use crate::abi::Error;
use crate::abi::status;
use crate::fail::{fail, Fail};
use crate::panics;

/// One hour in nanoseconds: what takes longer counts as that.
const MOST: u64 = 3_600_000_000_000;
const DIGITS: u8 = 3;

pub struct Hist(Histogram<u64>);

fn run(err: Option<&mut Error>, call: impl FnOnce() -> Result<(), Fail>) -> i32 {
    let answer = panics::catch(call)
        .unwrap_or_else(|text| fail(status::INTERNAL, format!("hdrhistogram failed: {text}")));
    answer.map_or_else(|f| f.report("hdrhistogram", err), |()| status::OK)
}

#[no_mangle]
pub extern "C" fn mia_hist_create(
    out: &mut MaybeUninit<Box<Hist>>,
    err: Option<&mut Error>,
) -> i32 {
    run(err, || {
        let made = Histogram::new_with_bounds(1, MOST, DIGITS);
        let made = made.map_err(|e| Fail { status: status::NOMEM, code: 0, text: e.to_string() })?;
        out.write(Box::new(Hist(made)));
        Ok(())
    })
}

#[no_mangle]
pub extern "C" fn mia_hist_free(hist: Option<Box<Hist>>) {
    let _ = panics::catch(|| drop(hist));
}

#[no_mangle]
pub extern "C" fn mia_hist_record(hist: &mut Hist, value: u64) {
    // Between the bounds nothing can fail: the table is as large as it gets.
    let _ = panics::catch(move || hist.0.saturating_record(value.clamp(1, MOST)));
}

#[no_mangle]
pub extern "C" fn mia_hist_add(hist: &mut Hist, other: &Hist) {
    // Both have the same bounds.
    let _ = panics::catch(move || hist.0.add(&other.0));
}

#[no_mangle]
pub extern "C" fn mia_hist_reset(hist: &mut Hist) {
    let _ = panics::catch(move || hist.0.reset());
}

#[no_mangle]
pub extern "C" fn mia_hist_count(hist: &Hist) -> u64 {
    hist.0.len()
}

#[no_mangle]
pub extern "C" fn mia_hist_min(hist: &Hist) -> u64 {
    panics::catch(|| hist.0.min()).unwrap_or(0)
}

#[no_mangle]
pub extern "C" fn mia_hist_max(hist: &Hist) -> u64 {
    panics::catch(|| hist.0.max()).unwrap_or(0)
}

#[no_mangle]
pub extern "C" fn mia_hist_mean(hist: &Hist) -> f64 {
    panics::catch(|| hist.0.mean()).unwrap_or(0.0)
}

#[no_mangle]
pub extern "C" fn mia_hist_quantile(hist: &Hist, quantile: f64) -> u64 {
    panics::catch(|| hist.0.value_at_quantile(quantile)).unwrap_or(0)
}

#[no_mangle]
pub extern "C" fn mia_hist_count_up_to(hist: &Hist, value: u64) -> u64 {
    panics::catch(|| hist.0.count_between(0, value.min(MOST))).unwrap_or(0)
}
