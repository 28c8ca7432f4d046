//! The pairs of one sled tree in one direction, with a look at the next one.
use std::ops::Bound;

use sled::IVec;

use super::below::last_pairs;
use super::Pair;
use crate::fail::Fail;

#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    Up,
    Down,
}

pub struct Stream(Kind);

enum Kind {
    Up { iter: Box<sled::Iter>, next: Option<Pair> },
    Down(Down),
}

struct Down {
    tree: sled::Tree,
    /// Ascending; given out from its end.
    block: Vec<Pair>,
    /// What is to come lies below it; None: anywhere.
    end: Option<IVec>,
    has_begun: bool,
    is_done: bool,
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
            Way::Down => Kind::Down(Down {
                tree: tree.clone(),
                block: Vec::new(),
                end: match from {
                    Bound::Included(key) | Bound::Excluded(key) => Some(key.into()),
                    Bound::Unbounded => None,
                },
                has_begun: false,
                is_done: false,
            }),
        })
    }

    pub fn way(&self) -> Way {
        match self.0 {
            Kind::Up { .. } => Way::Up,
            Kind::Down(_) => Way::Down,
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
            Kind::Down(down) => {
                if down.block.is_empty() && !down.is_done {
                    down.fetch()?;
                }
                Ok(down.block.last())
            }
        }
    }

    /// Takes what `peek` showed.
    pub fn pop(&mut self) -> Option<Pair> {
        match &mut self.0 {
            Kind::Up { next, .. } => next.take(),
            Kind::Down(down) => down.block.pop(),
        }
    }
}

impl Down {
    fn fetch(&mut self) -> Result<(), Fail> {
        self.block = last_pairs(&self.tree, self.end.as_deref(), self.has_begun)?;
        self.has_begun = true;
        match self.block.first() {
            Some((key, _)) => self.end = Some(key.clone()),
            None => self.is_done = true,
        }
        Ok(())
    }
}
