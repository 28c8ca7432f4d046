//! `bench-models`: the peer of the records' benchmarks. Prints groups of records, then measures what
//! it is told to, until its input ends. README.md has the stream.

use mia_interop::Result;
use mia_interop::measured::{Buffers, Item, OPERATIONS};
use mia_interop::random::Generator;
use mia_interop::record::Record;
use mia_interop::stream::{next_byte, put_sized};
use mia_interop::typical::{JAPANESE_TEXT, KINDS, LARGE, Maker, Shape, TYPICAL};
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write, stdin, stdout};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// Counts what is asked of the heap; there is one thread, so adding need not be atomic.
struct Counting;
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

fn count() {
    ALLOCATIONS.store(ALLOCATIONS.load(Relaxed) + 1, Relaxed);
}

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static HEAP: Counting = Counting;

struct Group {
    name: String,
    items: Vec<Item>,
}

/// Records are different within a group, so that no branch can be learnt by heart.
const TYPICAL_COUNT: usize = 64;
const LARGE_COUNT: usize = 8;
const RANDOM_COUNT: usize = 2_000;

fn kinds(suffix: &str, shape: Shape, count: usize) -> Result<Vec<Group>> {
    let mut groups = Vec::new();
    for (kind, make) in KINDS {
        let shape = match *kind {
            "Chat" => Shape { list: shape.list.max(50), ..shape },
            "Edge" if count == TYPICAL_COUNT => Shape { keys: 1, ..shape },
            _ => shape,
        };
        let mut maker = Maker::new(shape);
        let items = (0..count).map(|_| Item::new(&make(&mut maker))).collect::<Result<_>>()?;
        groups.push(Group { name: format!("{kind}{suffix}"), items });
    }
    Ok(groups)
}

fn groups() -> Result<Vec<Group>> {
    let mut groups = kinds("", TYPICAL, TYPICAL_COUNT)?;
    groups.extend(kinds(", large", LARGE, LARGE_COUNT)?);
    let mut japanese = kinds(", Japanese", JAPANESE_TEXT, TYPICAL_COUNT)?;
    groups.extend(japanese.drain(1..2));
    let mut generator = Generator::new(1);
    let mut random = || -> Record { generator.record() };
    let items = (0..RANDOM_COUNT).map(|_| Item::new(&random())).collect::<Result<_>>()?;
    groups.push(Group { name: "random records".to_owned(), items });
    Ok(groups)
}

fn print(groups: &[Group], out: &mut impl Write) -> Result {
    out.write_all(&u32::try_from(groups.len())?.to_le_bytes())?;
    for group in groups {
        put_sized(out, group.name.as_bytes())?;
        out.write_all(&u32::try_from(group.items.len())?.to_le_bytes())?;
        for item in &group.items {
            out.write_all(&[item.kind])?;
            put_sized(out, &item.bincode)?;
            put_sized(out, &item.archive)?;
        }
    }
    Ok(out.flush()?)
}

/// Nanoseconds, the sum of the outcomes, and how often the heap was asked.
fn measure(group: &Group, operation: u8, times: u32, buffers: &mut Buffers) -> Result<[u64; 3]> {
    let operation = OPERATIONS.get(usize::from(operation)).ok_or("no such operation")?;
    let allocations = ALLOCATIONS.load(Relaxed);
    let start = Instant::now();
    let mut sum = 0u64;
    for _ in 0..times {
        for item in &group.items {
            sum = sum.wrapping_add(operation(item, buffers)?);
        }
    }
    let nanoseconds = start.elapsed().as_nanos() as u64;
    Ok([nanoseconds, sum, ALLOCATIONS.load(Relaxed) - allocations])
}

fn main() -> Result {
    let groups = groups()?;
    let mut out = stdout().lock();
    let mut input = stdin().lock();
    let mut buffers = Buffers::default();
    print(&groups, &mut out)?;
    while let Some(operation) = next_byte(&mut input)? {
        let mut rest = [0; 5];
        input.read_exact(&mut rest)?;
        let [group, times @ ..] = rest;
        let group = groups.get(usize::from(group)).ok_or("no such group")?;
        for number in measure(group, operation, u32::from_le_bytes(times), &mut buffers)? {
            out.write_all(&number.to_le_bytes())?;
        }
        out.flush()?;
    }
    Ok(())
}
