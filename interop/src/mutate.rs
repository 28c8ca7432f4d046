//! Damage to archives. Blind changes mostly hit text, where they are harmless, or pointers, where
//! they are found at once; so most changes here are aimed at the objects that carry the structure,
//! and are small enough that the rest of the archive still makes sense.

use crate::record::Class;
use crate::rng::Rng;

/// Bytes of a map's bucket: key and value.
const BUCKET: i64 = 21;

type Change = fn(&mut Rng, Class, &mut Vec<u8>);

/// The changes; those that stand more than once are made more often.
const CHANGES: &[Change] = &[
    change_byte,
    change_byte,
    flip_bit,
    flip_bit,
    change_tag,
    change_root,
    change_root,
    move_pointer,
    move_pointer,
    change_text_size,
    change_vec_count,
    change_map_head,
    change_control,
    change_control,
    hide_bucket,
    hide_bucket,
    announce_bucket,
    announce_bucket,
    cut,
    extend,
    extend,
    shift,
    copy_range,
];

/// One change, seldom a few. The archive may come back as it was.
pub fn mutate(rng: &mut Rng, class: Class, archive: &mut Vec<u8>) {
    let changes = if rng.below(6) == 0 { rng.between(2, 4) } else { 1 };
    for _ in 0..changes {
        if !archive.is_empty() {
            CHANGES[rng.below(CHANGES.len())](rng, class, archive);
        }
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn put_u32(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

/// The first place at or after a random one, going round, where something of this size passes.
fn find(
    rng: &mut Rng,
    bytes: &[u8],
    size: usize,
    is_one: impl Fn(&[u8], usize) -> bool,
) -> Option<usize> {
    let places = (bytes.len() + 1).checked_sub(size).filter(|n| *n > 0)?;
    let first = rng.below(places);
    (first..places).chain(0..first).find(|at| is_one(bytes, *at))
}

/// Where the pointer at `at` of the object at `holder` leads, if that is in front of the object.
fn target_of(bytes: &[u8], holder: usize, at: usize) -> Option<usize> {
    let offset = u32_at(bytes, at) as i32;
    usize::try_from(holder as i64 + i64::from(offset)).ok().filter(|_| offset < 0)
}

fn is_pointer(bytes: &[u8], at: usize) -> bool {
    target_of(bytes, at, at).is_some()
}

fn is_long_text(bytes: &[u8], at: usize) -> bool {
    let head = u32_at(bytes, at);
    let size = (head & 0x3f) | ((head & !0xff) >> 2);
    let fits = |target| target + size as usize <= at;
    head & 0xc0 == 0x80 && size > 8 && target_of(bytes, at, at + 4).is_some_and(fits)
}

fn is_vec(bytes: &[u8], at: usize) -> bool {
    let fits = |target| u32_at(bytes, at + 4) as usize <= at - target;
    target_of(bytes, at, at).is_some_and(fits)
}

/// A map that has entries: where its head and its control bytes are.
struct MapAt {
    head: usize,
    controls: usize,
    len: u32,
    cap: u32,
}

fn capacity_of(len: u32) -> u64 {
    (u64::from(len) * 8 / 7).max(u64::from(len) + 1)
}

fn is_map(bytes: &[u8], at: usize) -> bool {
    let (len, cap) = (u32_at(bytes, at + 4), u32_at(bytes, at + 8));
    let fits = |controls: usize| {
        controls + cap as usize <= at && controls as i64 >= i64::from(cap) * BUCKET
    };
    len > 0 && u64::from(cap) == capacity_of(len) && target_of(bytes, at, at).is_some_and(fits)
}

fn find_map(rng: &mut Rng, bytes: &[u8]) -> Option<MapAt> {
    let head = find(rng, bytes, 12, is_map)?;
    let controls = target_of(bytes, head, head)?;
    Some(MapAt { head, controls, len: u32_at(bytes, head + 4), cap: u32_at(bytes, head + 8) })
}

/// A number near another one, or far from all.
fn near(rng: &mut Rng, value: u32) -> u32 {
    const STEPS: [u32; 8] = [1, 2, 4, 8, 12, 13, 21, 31];
    const FAR: [u32; 8] = [0, 1, 0x7f, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff];
    let step = STEPS[rng.below(STEPS.len())];
    match rng.below(8) {
        0..4 => value.wrapping_add(step),
        4..7 => value.wrapping_sub(step),
        _ => FAR[rng.below(FAR.len())],
    }
}

fn change_u32(rng: &mut Rng, bytes: &mut [u8], at: usize) {
    let value = near(rng, u32_at(bytes, at));
    put_u32(bytes, at, value);
}

fn change_byte(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    let at = rng.below(bytes.len());
    bytes[at] = rng.next_u64() as u8;
}

fn flip_bit(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    let at = rng.below(bytes.len());
    bytes[at] ^= 1 << rng.below(8);
}

/// Tags are small; so are the bytes around them, when they are padding.
fn change_tag(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    if let Some(at) = find(rng, bytes, 1, |b, at| b[at] < 12) {
        bytes[at] = rng.below(14) as u8;
    }
}

fn change_root(rng: &mut Rng, class: Class, bytes: &mut Vec<u8>) {
    let root = bytes.len().saturating_sub(class.root_size());
    let at = rng.between(root, bytes.len() - 1);
    bytes[at] = match rng.below(3) {
        0 => rng.below(14) as u8,
        1 => bytes[at].wrapping_add(1),
        _ => bytes[at] ^ (1 << rng.below(8)),
    };
}

fn move_pointer(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    if let Some(at) = find(rng, bytes, 4, is_pointer) {
        change_u32(rng, bytes, at);
    }
}

/// Shorter text leaves a gap and passes, if it ends with a character.
fn change_text_size(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    if let Some(at) = find(rng, bytes, 8, is_long_text) {
        let head = u32_at(bytes, at);
        let size = near(rng, (head & 0x3f) | ((head & !0xff) >> 2));
        put_u32(bytes, at, (size & 0x3f) | 0x80 | ((size & !0x3f) << 2));
    }
}

fn change_vec_count(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    if let Some(at) = find(rng, bytes, 8, is_vec) {
        change_u32(rng, bytes, at + 4);
    }
}

fn change_map_head(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    if let Some(map) = find_map(rng, bytes) {
        match rng.below(4) {
            0 => put_u32(bytes, map.head + 4, map.cap),
            n => change_u32(rng, bytes, map.head + 4 * (n - 1)),
        }
    }
}

/// Any control byte, copies and what follows them included, of which rkyv checks a part.
fn change_control(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    if let Some(map) = find_map(rng, bytes) {
        let count = (map.cap as usize).next_multiple_of(16) + 15;
        let at = (map.controls + rng.below(count)).min(bytes.len() - 1);
        bytes[at] = match rng.below(3) {
            0 => 0xff,
            1 => rng.below(0x80) as u8,
            _ => rng.below(0x100) as u8,
        };
    }
}

/// A bucket's control byte and its copy.
fn set_control(bytes: &mut [u8], map: &MapAt, bucket: usize, value: u8) {
    let cap = map.cap as usize;
    let copies = cap.next_multiple_of(16) + 15 - cap;
    bytes[map.controls + bucket] = value;
    if let Some(copy) = bytes.get_mut(map.controls + cap + bucket).filter(|_| bucket < copies) {
        *copy = value;
    }
}

/// A bucket whose control byte says empty (or not), from a random one on.
fn find_bucket(rng: &mut Rng, bytes: &[u8], map: &MapAt, is_empty: bool) -> Option<usize> {
    let cap = map.cap as usize;
    let first = rng.below(cap);
    let matches = |i: &usize| (bytes[map.controls + i] & 0x80 != 0) == is_empty;
    (first..cap).chain(0..first).find(matches)
}

/// Takes an entry out of a map, mostly also out of the count: its children become a gap.
fn hide_bucket(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    if let Some(map) = find_map(rng, bytes)
        && let Some(bucket) = find_bucket(rng, bytes, &map, false)
    {
        set_control(bytes, &map, bucket, 0xff);
        if rng.below(4) > 0 {
            put_u32(bytes, map.head + 4, map.len - 1);
        }
    }
}

/// Makes an entry of an empty bucket, whose zeros are a key of eight NULs and the value null.
fn announce_bucket(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    if let Some(map) = find_map(rng, bytes)
        && let Some(bucket) = find_bucket(rng, bytes, &map, true)
    {
        set_control(bytes, &map, bucket, rng.below(0x80) as u8);
        if rng.below(4) > 0 {
            put_u32(bytes, map.head + 4, map.len + 1);
        }
    }
}

fn cut(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    let size = match rng.below(3) {
        0 => rng.below(bytes.len() + 1),
        _ => rng.below(bytes.len().min(24) + 1),
    };
    if rng.below(2) == 0 {
        bytes.truncate(bytes.len() - size);
    } else {
        bytes.drain(..size);
    }
}

/// More bytes in front are a gap; behind, they shift the root.
fn extend(rng: &mut Rng, class: Class, bytes: &mut Vec<u8>) {
    let size = match rng.below(8) {
        0 => class.root_size(),
        _ => rng.between(1, 24),
    };
    let more = rng.bytes(size);
    let at = if rng.below(3) == 0 { bytes.len() } else { 0 };
    bytes.splice(at..at, more);
}

/// Takes a byte out or puts one in, somewhere.
fn shift(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    let at = rng.below(bytes.len());
    if rng.below(2) == 0 {
        bytes.remove(at);
    } else {
        bytes.insert(at, rng.next_u64() as u8);
    }
}

/// Objects as they occur elsewhere in the archive.
fn copy_range(rng: &mut Rng, _: Class, bytes: &mut Vec<u8>) {
    let size = rng.between(1, bytes.len().min(32));
    let from = rng.below(bytes.len() - size + 1);
    let to = rng.below(bytes.len() - size + 1);
    bytes.copy_within(from..from + size, to);
}
