//! A position in a tree. It is a key: what other moves do to the streams does not change it.
use std::cell::RefCell;
use std::ffi::c_int;
use std::ops::Bound;
use std::rc::Rc;

use super::merge;
use super::overlay::Overlay;
use super::stream::{Stream, Way};
use super::Pair;
use crate::abi::{status, MOVE_FIRST, MOVE_LAST, MOVE_NEXT, MOVE_PREV, MOVE_SEEK};
use crate::fail::{fail, Fail};

/// A batch ends when its keys and values reach this many bytes.
const BATCH_BYTES: usize = 64 * 1024;

pub struct Cursor {
    source: Source,
    stream: Option<Stream>,
    at: At,
    /// Alive until the next call: the pair of the last move, or the pairs of the last batch.
    given: Vec<Pair>,
}

enum Source {
    Tree(sled::Tree),
    Writes(Rc<RefCell<Overlay>>),
}

#[derive(Clone, Copy, PartialEq)]
enum At {
    /// In front of the first and behind the last pair.
    Fresh,
    /// On the last given pair.
    Pair,
    /// On it too, but a batch gave it out: the next batch begins behind it.
    Batch,
    Front,
    End,
}

impl Cursor {
    pub fn over_tree(tree: sled::Tree) -> Self {
        Self::new(Source::Tree(tree))
    }

    pub fn over_writes(overlay: Rc<RefCell<Overlay>>) -> Self {
        Self::new(Source::Writes(overlay))
    }

    fn new(source: Source) -> Self {
        Cursor { source, stream: None, at: At::Fresh, given: Vec::new() }
    }

    /// None: no such pair. `key` is for SEEK.
    pub fn go(&mut self, to: c_int, key: &[u8]) -> Result<Option<&Pair>, Fail> {
        let is_on_pair = matches!(self.at, At::Pair | At::Batch);
        match to {
            MOVE_FIRST => self.jump(Way::Up, Bound::Unbounded),
            MOVE_LAST => self.jump(Way::Down, Bound::Unbounded),
            MOVE_SEEK => self.jump(Way::Up, Bound::Included(key)),
            MOVE_NEXT if is_on_pair => self.walk(Way::Up),
            MOVE_PREV if is_on_pair => self.walk(Way::Down),
            MOVE_NEXT if self.at != At::End => self.jump(Way::Up, Bound::Unbounded),
            MOVE_PREV if self.at != At::Front => self.jump(Way::Down, Bound::Unbounded),
            MOVE_NEXT | MOVE_PREV => Ok(None),
            _ => fail(status::UNSUPPORTED, format!("cursor move {to} is for multi-value trees")),
        }
    }

    pub fn advance(&mut self) -> Result<Option<&Pair>, Fail> {
        self.go(MOVE_NEXT, &[])
    }

    /// Up to `most` pairs forward; empty: none left.
    pub fn batch(&mut self, most: usize) -> Result<&[Pair], Fail> {
        if self.at != At::Pair && self.advance()?.is_none() {
            return Ok(&[]);
        }
        let mut batch = std::mem::take(&mut self.given);
        self.at = At::End; // where a failure leaves it
        let mut bytes = 0;
        while let Some((key, value)) = batch.last() {
            bytes += key.len() + value.len();
            if batch.len() == most || bytes >= BATCH_BYTES {
                break;
            }
            match self.source.next(&mut self.stream, Way::Up, Bound::Excluded(key))? {
                Some(pair) => batch.push(pair),
                None => break,
            }
        }
        self.given = batch;
        self.at = At::Batch;
        Ok(&self.given)
    }

    /// To the pair that is first from a bound on, wherever the cursor stands.
    fn jump(&mut self, way: Way, from: Bound<&[u8]>) -> Result<Option<&Pair>, Fail> {
        self.stream = None;
        let pair = self.source.next(&mut self.stream, way, from)?;
        Ok(self.stand(way, pair))
    }

    /// To the pair beside the one it is on.
    fn walk(&mut self, way: Way) -> Result<Option<&Pair>, Fail> {
        let from = self.given.last().map_or(Bound::Unbounded, |(key, _)| Bound::Excluded(&**key));
        let pair = self.source.next(&mut self.stream, way, from)?;
        Ok(self.stand(way, pair))
    }

    fn stand(&mut self, way: Way, pair: Option<Pair>) -> Option<&Pair> {
        self.at = match (&pair, way) {
            (Some(_), _) => At::Pair,
            (None, Way::Up) => At::End,
            (None, Way::Down) => At::Front,
        };
        self.given.clear();
        self.given.extend(pair);
        self.given.last()
    }
}

impl Source {
    /// The first pair beyond `from`. A stream that goes this way already stands there.
    fn next(
        &self,
        stream: &mut Option<Stream>,
        way: Way,
        from: Bound<&[u8]>,
    ) -> Result<Option<Pair>, Fail> {
        let overlay = match self {
            Source::Tree(_) => None,
            Source::Writes(overlay) => Some(overlay.borrow()),
        };
        let base = match (self, &overlay) {
            (Source::Tree(tree), _) => Some(tree),
            (_, Some(overlay)) => overlay.base(),
            (_, None) => None,
        };
        match (base, &*stream) {
            (Some(_), Some(stream)) if stream.way() == way => {}
            (base, _) => *stream = base.map(|tree| Stream::new(tree, way, from)),
        }
        merge::step(stream, overlay.as_deref(), way, from)
    }
}
