//! Damage to archives. Blind changes mostly hit text, where they are harmless, or pointers, where
//! they are found at once; so most changes here are aimed at the objects that carry the structure,
//! and are small enough that the rest of the archive still makes sense.

use crate::record::Class;
use crate::rng::Rng;

/// Bytes of a map's bucket: key and value.
const BUCKET: usize = 21;

/// The changes; those that stand more than once are made more often.
const CHANGES: &[fn(&mut Mutator)] = &[
    Mutator::change_byte,
    Mutator::change_byte,
    Mutator::flip_bit,
    Mutator::flip_bit,
    Mutator::change_tag,
    Mutator::change_root,
    Mutator::change_root,
    Mutator::move_pointer,
    Mutator::move_pointer,
    Mutator::change_text_size,
    Mutator::change_vec_count,
    Mutator::change_map_head,
    Mutator::change_control,
    Mutator::change_control,
    Mutator::hide_bucket,
    Mutator::hide_bucket,
    Mutator::announce_bucket,
    Mutator::announce_bucket,
    Mutator::swap_buckets,
    Mutator::swap_buckets,
    Mutator::cut,
    Mutator::extend,
    Mutator::extend,
    Mutator::shift,
    Mutator::copy_range,
];

/// A source of damaged archives.
pub struct Mutator {
    rng: Rng,
    class: Class,
    bytes: Vec<u8>,
}

impl Mutator {
    pub fn new(seed: u64) -> Self {
        Mutator { rng: Rng::new(seed), class: Class::Node, bytes: Vec::new() }
    }

    /// The archive with one change, seldom with a few, and the class that it now claims to be of.
    /// It may come back as it was.
    pub fn mutate(&mut self, class: Class, archive: &[u8]) -> (Class, &[u8]) {
        self.class = class;
        self.bytes.clear();
        self.bytes.extend_from_slice(archive);
        let changes = if self.rng.below(6) == 0 { self.rng.between(2, 4) } else { 1 };
        for _ in 0..changes {
            if !self.bytes.is_empty() {
                CHANGES[self.rng.below(CHANGES.len())](self);
            }
        }
        // Now and then an archive lies in the wrong table.
        let claimed = if self.rng.below(100) == 0 { Class::ALL[self.rng.below(3)] } else { class };
        (claimed, &self.bytes)
    }

    /// The first place at or after a random one, going round, where something of this size passes.
    fn find(&mut self, size: usize, is_one: impl Fn(&[u8], usize) -> bool) -> Option<usize> {
        let places = (self.bytes.len() + 1).checked_sub(size).filter(|n| *n > 0)?;
        let first = self.rng.below(places);
        (first..places).chain(0..first).find(|at| is_one(&self.bytes, *at))
    }

    fn find_map(&mut self) -> Option<MapAt> {
        let head = self.find(MapAt::HEAD, |bytes, at| map_at(bytes, at).is_some())?;
        map_at(&self.bytes, head)
    }

    /// A bucket whose control byte says empty (or not), from a random one on.
    fn find_bucket(&mut self, map: &MapAt, is_empty: bool) -> Option<usize> {
        let first = self.rng.below(map.cap);
        let matches = |i: &usize| (self.bytes[map.controls + i] & 0x80 != 0) == is_empty;
        (first..map.cap).chain(0..first).find(matches)
    }

    /// A number near another one, or far from all.
    fn near(&mut self, value: u32) -> u32 {
        const STEPS: [u32; 8] = [1, 2, 4, 8, 12, 13, 21, 31];
        const FAR: [u32; 8] =
            [0, 1, 0x7f, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff];
        let step = STEPS[self.rng.below(STEPS.len())];
        match self.rng.below(8) {
            0..4 => value.wrapping_add(step),
            4..7 => value.wrapping_sub(step),
            _ => FAR[self.rng.below(FAR.len())],
        }
    }

    fn put_u32(&mut self, at: usize, value: u32) {
        self.bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }

    fn change_u32(&mut self, at: usize) {
        let value = self.near(u32_at(&self.bytes, at));
        self.put_u32(at, value);
    }

    fn change_byte(&mut self) {
        let at = self.rng.below(self.bytes.len());
        self.bytes[at] = self.rng.next_u64() as u8;
    }

    fn flip_bit(&mut self) {
        let at = self.rng.below(self.bytes.len());
        self.bytes[at] ^= 1 << self.rng.below(8);
    }

    /// Tags are small; so are the bytes around them, when they are padding.
    fn change_tag(&mut self) {
        if let Some(at) = self.find(1, |bytes, at| bytes[at] < 12) {
            self.bytes[at] = self.rng.below(14) as u8;
        }
    }

    fn change_root(&mut self) {
        let root = self.bytes.len().saturating_sub(self.class.root_size());
        let at = self.rng.between(root, self.bytes.len() - 1);
        self.bytes[at] = match self.rng.below(3) {
            0 => self.rng.below(14) as u8,
            1 => self.bytes[at].wrapping_add(1),
            _ => self.bytes[at] ^ (1 << self.rng.below(8)),
        };
    }

    fn move_pointer(&mut self) {
        if let Some(at) = self.find(4, |bytes, at| target_of(bytes, at, at).is_some()) {
            self.change_u32(at);
        }
    }

    /// Shorter text leaves a gap and passes, if it ends with a character.
    fn change_text_size(&mut self) {
        if let Some(at) = self.find(8, is_long_text) {
            let size = text_size(u32_at(&self.bytes, at));
            let size = self.near(size);
            self.put_u32(at, (size & 0x3f) | 0x80 | ((size & !0x3f) << 2));
        }
    }

    fn change_vec_count(&mut self) {
        if let Some(at) = self.find(8, is_vec) {
            self.change_u32(at + 4);
        }
    }

    fn change_map_head(&mut self) {
        if let Some(map) = self.find_map() {
            match self.rng.below(4) {
                0 => self.put_u32(map.head + MapAt::LEN, map.cap as u32),
                n => self.change_u32(map.head + 4 * (n - 1)),
            }
        }
    }

    /// Any control byte, copies and what follows them included, of which rkyv checks a part.
    fn change_control(&mut self) {
        if let Some(map) = self.find_map() {
            let at = (map.controls + self.rng.below(map.control_count())).min(self.bytes.len() - 1);
            self.bytes[at] = match self.rng.below(3) {
                0 => 0xff,
                1 => self.rng.below(0x80) as u8,
                _ => self.rng.below(0x100) as u8,
            };
        }
    }

    /// A bucket's control byte and its copy.
    fn put_control(&mut self, map: &MapAt, bucket: usize, control: u8) {
        self.bytes[map.controls + bucket] = control;
        if bucket < map.control_count() - map.cap {
            let copy = map.controls + map.cap + bucket;
            self.bytes[copy.min(map.head - 1)] = control;
        }
    }

    /// A bucket's control byte and its copy; the count goes along, mostly.
    fn set_bucket(&mut self, map: &MapAt, bucket: usize, control: u8, len: usize) {
        self.put_control(map, bucket, control);
        if self.rng.below(4) > 0 {
            self.put_u32(map.head + MapAt::LEN, len as u32);
        }
    }

    /// Takes an entry out of a map: its children become a gap.
    fn hide_bucket(&mut self) {
        let Some(map) = self.find_map() else { return };
        if let Some(bucket) = self.find_bucket(&map, false) {
            self.set_bucket(&map, bucket, 0xff, map.len - 1);
        }
    }

    /// Makes an entry of an empty bucket, whose zeros are a key of eight NULs and the value null.
    fn announce_bucket(&mut self) {
        let Some(map) = self.find_map() else { return };
        if let Some(bucket) = self.find_bucket(&map, true) {
            let control = self.rng.below(0x80) as u8;
            self.set_bucket(&map, bucket, control, map.len + 1);
        }
    }

    /// Moves entries: with their control bytes rkyv lets them pass, as nothing asks whether a key can
    /// be found where it is; without them, too, as nothing compares a control byte with its key.
    fn swap_buckets(&mut self) {
        let Some(map) = self.find_map() else { return };
        let (a, b) = (self.rng.below(map.cap), self.rng.below(map.cap));
        self.swap_entries(map.bucket(a), map.bucket(b));
        if self.rng.below(3) > 0 {
            let controls = [a, b].map(|bucket| self.bytes[map.controls + bucket]);
            self.put_control(&map, a, controls[1]);
            self.put_control(&map, b, controls[0]);
        }
    }

    /// Pointers within the entries go on pointing to where they did, mostly: a key's at byte 4, a
    /// value's at byte 9 or, in a text, at byte 13.
    fn swap_entries(&mut self, a: usize, b: usize) {
        for i in 0..BUCKET {
            self.bytes.swap(a + i, b + i);
        }
        for (entry, moved) in [(a, a as i64 - b as i64), (b, b as i64 - a as i64)] {
            let field = match self.bytes[entry + 8] {
                _ if self.rng.below(8) == 0 => continue,
                3 if self.bytes[entry + 9] & 0xc0 == 0x80 => Some(entry + 13),
                4 | 5 => Some(entry + 9),
                _ => None,
            };
            let key = (self.bytes[entry] & 0xc0 == 0x80).then_some(entry + 4);
            for at in key.into_iter().chain(field) {
                self.put_u32(at, u32_at(&self.bytes, at).wrapping_sub(moved as u32));
            }
        }
    }

    fn cut(&mut self) {
        let most = if self.rng.below(3) == 0 { usize::MAX } else { 24 };
        let size = self.rng.between(0, self.bytes.len().min(most));
        if self.rng.below(2) == 0 {
            self.bytes.truncate(self.bytes.len() - size);
        } else {
            self.bytes.drain(..size);
        }
    }

    /// More bytes in front are a gap; behind, they shift the root.
    fn extend(&mut self) {
        let size =
            if self.rng.below(8) == 0 { self.class.root_size() } else { self.rng.between(1, 24) };
        let more = self.rng.bytes(size);
        let at = if self.rng.below(3) == 0 { self.bytes.len() } else { 0 };
        self.bytes.splice(at..at, more);
    }

    /// Takes a byte out or puts one in, somewhere.
    fn shift(&mut self) {
        let at = self.rng.below(self.bytes.len());
        if self.rng.below(2) == 0 {
            self.bytes.remove(at);
        } else {
            self.bytes.insert(at, self.rng.next_u64() as u8);
        }
    }

    /// Objects as they occur elsewhere in the archive.
    fn copy_range(&mut self) {
        let size = self.rng.between(1, self.bytes.len().min(32));
        let from = self.rng.below(self.bytes.len() - size + 1);
        let to = self.rng.below(self.bytes.len() - size + 1);
        self.bytes.copy_within(from..from + size, to);
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Where the pointer at `at` of the object at `holder` leads, if that is in front of the object.
fn target_of(bytes: &[u8], holder: usize, at: usize) -> Option<usize> {
    let offset = u32_at(bytes, at) as i32;
    usize::try_from(holder as i64 + i64::from(offset)).ok().filter(|_| offset < 0)
}

/// The size that is spelled in the head of a text longer than 8 bytes.
fn text_size(head: u32) -> u32 {
    (head & 0x3f) | ((head & !0xff) >> 2)
}

fn is_long_text(bytes: &[u8], at: usize) -> bool {
    let head = u32_at(bytes, at);
    let fits = |target| target + text_size(head) as usize <= at;
    head & 0xc0 == 0x80 && text_size(head) > 8 && target_of(bytes, at, at + 4).is_some_and(fits)
}

fn is_vec(bytes: &[u8], at: usize) -> bool {
    let fits = |target| u32_at(bytes, at + 4) as usize <= at - target;
    target_of(bytes, at, at).is_some_and(fits)
}

/// A map that has entries: where its head and its control bytes are.
struct MapAt {
    head: usize,
    controls: usize,
    len: usize,
    cap: usize,
}

impl MapAt {
    /// Bytes of the head, and where its count is.
    const HEAD: usize = 12;
    const LEN: usize = 4;

    /// Where a bucket's entry begins: they lie in front of the control bytes, the first one last.
    fn bucket(&self, index: usize) -> usize {
        self.controls - (index + 1) * BUCKET
    }

    /// The buckets' own bytes, copies of the first ones, and some that say empty.
    fn control_count(&self) -> usize {
        self.cap.next_multiple_of(16) + 15
    }
}

/// What is a map by its looks: the capacity belongs to the count, and the buckets fit.
fn map_at(bytes: &[u8], at: usize) -> Option<MapAt> {
    let (len, cap) = (u32_at(bytes, at + 4) as usize, u32_at(bytes, at + 8) as usize);
    let controls = target_of(bytes, at, at)?;
    let is_map = len > 0
        && cap == (len * 8 / 7).max(len + 1)
        && controls + cap <= at
        && controls >= cap * BUCKET;
    is_map.then_some(MapAt { head: at, controls, len, cap })
}
