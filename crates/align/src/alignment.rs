//! How two sequences lie side by side: ranges for algorithms, rows for readers.

use std::ops::Range;

/// What a stretch of an alignment says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpKind {
    /// Both sides agree.
    Equal,
    /// Both sides have something, but not the same.
    Replace,
    /// Only the left side has something.
    Delete,
    /// Only the right side has something.
    Insert,
}

/// A stretch of an alignment: a range of either side.
///
/// The ranges of a whole alignment cover both sides without gaps and in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Op {
    /// What the stretch says.
    pub kind: OpKind,
    /// Where it lies on the left.
    pub left: Range<usize>,
    /// Where it lies on the right.
    pub right: Range<usize>,
}

/// One line of an alignment: a place on either side, or on one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The place on the left, if the left has something here.
    pub left: Option<usize>,
    /// The place on the right, if the right has something here.
    pub right: Option<usize>,
}

impl Op {
    /// The stretch as pairs: side by side from its start, the longer side alone at its end.
    pub fn pairs(&self) -> impl Iterator<Item = Pair> + use<> {
        let (left, right) = (self.left.clone(), self.right.clone());
        (0..left.len().max(right.len())).map(move |offset| Pair {
            left: Some(left.start + offset).filter(|at| left.contains(at)),
            right: Some(right.start + offset).filter(|at| right.contains(at)),
        })
    }
}
