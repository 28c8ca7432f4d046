//! Panics end here: sled panics on damaged files and on broken invariants. The caller gets a text.
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{catch_unwind, set_hook, take_hook, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use crate::fail::cut;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// sled's messages can show a whole tree.
const MOST_TEXT: usize = 160;

/// Runs one call. Err: it panicked, and this is the text.
pub fn catch<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    install_hook();
    let outer = INSIDE.replace(true);
    // The caller treats the object as broken after a panic, so nothing half-changed is seen.
    let result = catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        let text = describe(&*payload);
        // what is thrown can have a destructor that panics too; then it is leaked
        catch_unwind(AssertUnwindSafe(|| drop(payload))).unwrap_or_else(std::mem::forget);
        text
    });
    INSIDE.set(outer);
    result
}

/// Rust prints panics to stderr; those inside our calls belong into the caller's error instead.
/// What sled's own threads panic about comes back as an error of the call that waits for them.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let default = take_hook();
        set_hook(Box::new(move |info| {
            if INSIDE.get() {
                PLACE.set(place_of(info));
            } else if !is_sleds_thread() {
                default(info);
            }
        }));
    });
}

fn is_sleds_thread() -> bool {
    std::thread::current().name().is_some_and(|name| name.starts_with("sled-io-"))
}

fn place_of(info: &PanicHookInfo) -> String {
    let place = info.location();
    place.map_or_else(String::new, |at| {
        let file = at.file().rsplit('/').next().unwrap_or_default();
        format!(" ({file}:{})", at.line())
    })
}

fn describe(payload: &(dyn Any + Send)) -> String {
    let literal = payload.downcast_ref::<&str>().copied();
    let what = literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let what = cut(what.unwrap_or("no text").lines().next().unwrap_or_default(), MOST_TEXT);
    format!("panic: {what}{}", PLACE.take())
}
