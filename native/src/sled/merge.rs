//! A sled tree and a transaction's own writes, seen as one ordered sequence.
use std::cmp::Ordering;
use std::ops::Bound;

use super::overlay::Overlay;
use super::stream::{Stream, Way};
use super::Pair;
use crate::fail::Fail;

/// The next pair beyond `from`. `below` stands there already (None: nothing below).
pub fn step<'a>(
    below: &mut Option<Stream>,
    own: Option<&'a Overlay>,
    way: Way,
    mut from: Bound<&'a [u8]>,
) -> Result<Option<Pair>, Fail> {
    loop {
        let lower = match below {
            Some(stream) => stream.peek()?,
            None => None,
        };
        let written = own.and_then(|own| own.first(way, from));
        let order = match (lower, written) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((key, _)), Some((own_key, _))) if way == Way::Up => key.cmp(own_key),
            (Some((key, _)), Some((own_key, _))) => own_key.cmp(key),
        };
        let popped = match (order, &mut *below) {
            (Ordering::Less | Ordering::Equal, Some(stream)) => stream.pop(),
            _ => None,
        };
        match written {
            Some((key, Some(value))) if order != Ordering::Less => {
                return Ok(Some((key.clone(), value.clone())));
            }
            Some((key, None)) if order != Ordering::Less => {
                from = Bound::Excluded(key); // removed: go on behind it
            }
            _ => return Ok(popped),
        }
    }
}
