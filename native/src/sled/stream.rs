//! The pairs of one sled tree in one direction, with a look at the next one.
use std::ops::Bound;

use sled::IVec;

use super::below::last_pairs;
use super::fail::Fail;
use super::Pair;

#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    Up,
    Down,
}

pub struct Stream(Kind);

enum Kind {
    Up {
        iter: Box<sled::Iter>,
        next: Option<Pair>,
    },
    /// block: ascending, given out from its end; below: what comes after it, None: nothing
    Down {
        tree: sled::Tree,
        block: Vec<Pair>,
        below: Option<Bound<IVec>>,
    },
}

impl Stream {
    /// Going up all keys from `from` on, going down all below it. `from` is Unbounded or Excluded,
    /// and going up Included too.
    pub fn new(tree: &sled::Tree, way: Way, from: Bound<&[u8]>) -> Self {
        Stream(match way {
            Way::Up => Kind::Up {
                iter: Box::new(tree.range::<&[u8], _>((from, Bound::Unbounded))),
                next: None,
            },
            Way::Down => Kind::Down {
                tree: tree.clone(),
                block: Vec::new(),
                below: Some(from.map(IVec::from)),
            },
        })
    }

    pub fn way(&self) -> Way {
        match self.0 {
            Kind::Up { .. } => Way::Up,
            Kind::Down { .. } => Way::Down,
        }
    }

    pub fn peek(&mut self) -> Result<Option<&Pair>, Fail> {
        match &mut self.0 {
            Kind::Up { iter, next } => {
                if next.is_none() {
                    *next = iter.next().transpose()?;
                }
                Ok(next.as_ref())
            }
            Kind::Down { tree, block, below } => {
                if block.is_empty() {
                    if let Some(bound) = below.take() {
                        let end = match &bound {
                            Bound::Included(key) | Bound::Excluded(key) => Some(key.as_ref()),
                            Bound::Unbounded => None,
                        };
                        *block = last_pairs(tree, end)?;
                        *below = block.first().map(|(key, _)| Bound::Excluded(key.clone()));
                    }
                }
                Ok(block.last())
            }
        }
    }

    /// Takes what `peek` showed.
    pub fn pop(&mut self) -> Option<Pair> {
        match &mut self.0 {
            Kind::Up { next, .. } => next.take(),
            Kind::Down { block, .. } => block.pop(),
        }
    }
}
