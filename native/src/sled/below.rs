//! The last pairs below a key, found by seeking forward only.
//!
//! sled 0.34.7 cannot be trusted to iterate backwards: to get from a node with the lower bound
//! `X` to the one in front of it, it looks up X with the last byte lowered and four times 0xff
//! appended. Where the node in front begins above that key (keys with four 0xff in a row do it),
//! it tries the same a million times and panics.
use super::Pair;
use crate::fail::Fail;

/// What is fetched at once: enough to make going on cheap, and not too much of large values.
const BLOCK_PAIRS: usize = 32;
const BLOCK_BYTES: usize = 256 * 1024;

/// The last pairs whose keys are below `end` (None: of all), in ascending order, at least one; none
/// only if there is none. `wants_many`: a block that is well filled is worth another search.
pub fn last_pairs(
    tree: &sled::Tree,
    end: Option<&[u8]>,
    wants_many: bool,
) -> Result<Vec<Pair>, Fail> {
    let end = end.map(<[u8]>::to_vec);
    let mut range = Range { tree, from: longest_prefix_with_keys(tree, &end)?, end: end.clone() };
    loop {
        let (pairs, is_all) = range.take()?;
        match pairs.last() {
            Some((key, _)) if !is_all => range.go_beyond(key)?,
            Some(_) if wants_many => return range.fill_up(pairs),
            Some(_) => return Ok(pairs),
            None if range.from.is_empty() => return Ok(pairs),
            // somebody removed what was there a moment ago: begin again with everything
            None => range = Range { tree, from: Vec::new(), end: end.clone() },
        }
    }
}

/// The keys from `from` (inclusive) to `end` (exclusive; None: no end).
struct Range<'a> {
    tree: &'a sled::Tree,
    from: Vec<u8>,
    end: Option<Vec<u8>>,
}

impl Range<'_> {
    /// The first pairs of the range, and whether that is all of it.
    fn take(&self) -> Result<(Vec<Pair>, bool), Fail> {
        let mut pairs = Vec::with_capacity(BLOCK_PAIRS);
        let mut bytes = 0;
        for pair in self.tree.range(self.from.as_slice()..) {
            let (key, value) = pair?;
            if self.end.as_ref().is_some_and(|end| key.as_ref() >= end.as_slice()) {
                break;
            }
            if pairs.len() == BLOCK_PAIRS || bytes >= BLOCK_BYTES {
                return Ok((pairs, false));
            }
            bytes += key.len() + value.len();
            pairs.push((key, value));
        }
        Ok((pairs, true))
    }

    /// More pairs than these, which are all of the range, by beginning it lower: as much as their
    /// number in it suggests. If that is too much, these.
    fn fill_up(&mut self, pairs: Vec<Pair>) -> Result<Vec<Pair>, Fail> {
        let step = BLOCK_PAIRS / 2 / pairs.len();
        match self.from.last_mut() {
            Some(digit) if step > 0 => *digit = digit.saturating_sub(step as u8),
            _ => return Ok(pairs),
        }
        let (more, is_all) = self.take()?;
        Ok(if is_all && more.len() > pairs.len() { more } else { pairs })
    }

    /// Cuts the range down to keys above `known`, at least by a digit of the last one. There is a
    /// key above `known` in it.
    fn go_beyond(&mut self, known: &[u8]) -> Result<(), Fail> {
        // The more of `known` is kept, the lower is what follows it. Least prefix with keys behind:
        let (mut without, mut with) = (0, known.len() + 1);
        while with - without > 1 {
            let middle = (without + with) / 2;
            match successor(&known[..middle]) {
                Some(next) if has_keys(self.tree, &next, &self.end)? => with = middle,
                _ => without = middle,
            }
        }
        // So the last key begins with all but the last byte of that prefix, and its next byte is
        // higher; or (no prefix has any) it begins with all of `known`.
        let prefix = &known[..without];
        lower(&mut self.end, successor(prefix));
        let mut digit = known.get(without).map_or(0, |byte| (u16::from(*byte) + 1).min(255));
        let mut too_high = 256;
        while too_high - digit > 1 {
            let middle = (digit + too_high) / 2;
            match has_keys(self.tree, &with_digit(prefix, middle), &self.end)? {
                true => digit = middle,
                false => too_high = middle,
            }
        }
        if too_high < 256 {
            lower(&mut self.end, Some(with_digit(prefix, too_high)));
        }
        self.from = with_digit(prefix, digit);
        Ok(())
    }
}

/// The longest proper prefix of `end` from which on there are keys below it: where to begin.
fn longest_prefix_with_keys(tree: &sled::Tree, end: &Option<Vec<u8>>) -> Result<Vec<u8>, Fail> {
    let Some(key) = end else { return Ok(Vec::new()) };
    let (mut with, mut without) = (0, key.len());
    while without - with > 1 {
        let middle = (with + without) / 2;
        match has_keys(tree, &key[..middle], end)? {
            true => with = middle,
            false => without = middle,
        }
    }
    Ok(key[..with].to_vec())
}

fn has_keys(tree: &sled::Tree, from: &[u8], end: &Option<Vec<u8>>) -> Result<bool, Fail> {
    let first = tree.range(from..).next().transpose()?;
    Ok(first.is_some_and(|(key, _)| end.as_ref().is_none_or(|end| key.as_ref() < end.as_slice())))
}

/// The least key above everything that begins with `prefix`; None: there is no such key.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let end = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut next = prefix[..=end].to_vec();
    next[end] += 1;
    Some(next)
}

fn with_digit(prefix: &[u8], digit: u16) -> Vec<u8> {
    let mut key = prefix.to_vec();
    key.push(digit as u8);
    key
}

fn lower(end: &mut Option<Vec<u8>>, to: Option<Vec<u8>>) {
    if let Some(to) = to {
        if end.as_ref().is_none_or(|end| to < *end) {
            *end = Some(to);
        }
    }
}
