//! The answer of Python's `difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()`.
//!
//! Ratcliff and Obershelp: take the longest stretch that both sides share, then do the same on
//! either side of it. Of equally long stretches the one that starts first on the left wins, then
//! the one that starts first on the right.
//!
//! Time is quadratic at worst for one stretch, cubic for all; space is linear. The result is not
//! the longest common subsequence: `XXX` against `XYXX` pairs two, not three.
//!
//! Where few tokens agree only those places are looked at that do. Where many agree, as of a session
//! that uses two channels, whole rows are computed at once, which is many times as fast.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::alignment::{Op, OpKind};

/// A stretch that both sides share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Block {
    left: usize,
    right: usize,
    length: usize,
}

/// Aligns two sequences as Python does.
pub fn align<T: Ord>(left: &[T], right: &[T]) -> Vec<Op> {
    let mut ops = Vec::new();
    let (mut i, mut j) = (0, 0);
    let end = Block {
        left: left.len(),
        right: right.len(),
        length: 0,
    };
    for block in blocks(left, right).into_iter().chain([end]) {
        let kind = match (i < block.left, j < block.right) {
            (true, true) => Some(OpKind::Replace),
            (true, false) => Some(OpKind::Delete),
            (false, true) => Some(OpKind::Insert),
            (false, false) => None,
        };
        if let Some(kind) = kind {
            ops.push(Op {
                kind,
                left: i..block.left,
                right: j..block.right,
            });
        }
        (i, j) = (block.left + block.length, block.right + block.length);
        if block.length > 0 {
            ops.push(Op {
                kind: OpKind::Equal,
                left: block.left..i,
                right: block.right..j,
            });
        }
    }
    ops
}

/// The shared stretches in order, adjacent ones made one.
fn blocks<T: Ord>(left: &[T], right: &[T]) -> Vec<Block> {
    let mut numbers: BTreeMap<&T, usize> = BTreeMap::new();
    let mut number = |token| {
        let next = numbers.len();
        *numbers.entry(token).or_insert(next)
    };
    let right: Vec<usize> = right.iter().map(&mut number).collect();
    let left: Vec<usize> = left.iter().map(&mut number).collect();
    let mut places = vec![Vec::new(); numbers.len()];
    for (at, &token) in right.iter().enumerate() {
        places[token].push(at);
    }
    let short = |tokens: &[usize]| -> Option<Vec<u16>> {
        tokens.iter().map(|&token| token.try_into().ok()).collect()
    };
    let mut search = Search {
        rows: short(&left).zip(short(&right)),
        left,
        places,
        above: vec![0; right.len() + 1],
        row: Vec::new(),
    };
    let mut found = Vec::new();
    let mut todo = vec![(0..search.left.len(), 0..right.len())];
    while let Some((a, b)) = todo.pop() {
        let Some(block) = search.longest(a.clone(), b.clone()) else {
            continue;
        };
        todo.push((a.start..block.left, b.start..block.right));
        todo.push((
            block.left + block.length..a.end,
            block.right + block.length..b.end,
        ));
        found.push(block);
    }
    found.sort_unstable();
    found.dedup_by(|next, block| {
        let adjacent =
            block.left + block.length == next.left && block.right + block.length == next.right;
        if adjacent {
            block.length += next.length;
        }
        adjacent
    });
    found
}

/// The search for longest stretches, with the buffers it reuses.
struct Search {
    /// The tokens of the left, numbered.
    left: Vec<usize>,
    /// For each token, where the right has it.
    places: Vec<Vec<usize>>,
    /// The tokens of both sides as small numbers, if there are not too many.
    rows: Option<(Vec<u16>, Vec<u16>)>,
    /// The length of the stretch that ends at the last left token and before a place on the right.
    above: Vec<usize>,
    /// The places of `above` that are not zero.
    row: Vec<usize>,
}

/// Whole rows are computed where at least one place in so many agrees.
const DENSE: usize = 16;

impl Search {
    fn longest(&mut self, a: Range<usize>, b: Range<usize>) -> Option<Block> {
        let agreeing: usize = a.clone().map(|i| self.agreeing(i, &b).len()).sum();
        let dense = agreeing.saturating_mul(DENSE) >= a.len().saturating_mul(b.len());
        match &self.rows {
            Some((left, right)) if dense && a.len().min(b.len()) < SHORT => {
                by_rows(&left[a.clone()], &right[b.clone()]).map(|block| Block {
                    left: a.start + block.left,
                    right: b.start + block.right,
                    ..block
                })
            }
            _ => self.by_places(a, &b),
        }
    }

    /// Where in a range of the right there is the token of a place on the left.
    fn agreeing(&self, i: usize, b: &Range<usize>) -> Range<usize> {
        let places = &self.places[self.left[i]];
        let from = places.partition_point(|&j| j < b.start);
        from..from + places[from..].partition_point(|&j| j < b.end)
    }

    fn by_places(&mut self, a: Range<usize>, b: &Range<usize>) -> Option<Block> {
        let mut best: Option<Block> = None;
        for i in a {
            let places = &self.places[self.left[i]][self.agreeing(i, b)];
            let longest: Vec<usize> = places.iter().map(|&j| self.above[j] + 1).collect();
            for j in self.row.drain(..) {
                self.above[j] = 0;
            }
            for (&j, &length) in places.iter().zip(&longest) {
                self.above[j + 1] = length;
                self.row.push(j + 1);
                if best.is_none_or(|best| length > best.length) {
                    best = Some(Block {
                        left: i + 1 - length,
                        right: j + 1 - length,
                        length,
                    });
                }
            }
        }
        for j in self.row.drain(..) {
            self.above[j] = 0;
        }
        best
    }
}

/// Lengths below this fit the numbers that rows are made of.
const SHORT: usize = i16::MAX as usize;

/// The longest stretch, by rows: of each left token, how long the stretch is that ends at each right
/// one. The loop over a row has no branch, so that the processor takes many places at once.
fn by_rows(left: &[u16], right: &[u16]) -> Option<Block> {
    let mut above = vec![0_i16; right.len() + 1];
    let mut row = above.clone();
    let mut best: Option<Block> = None;
    for (i, &token) in left.iter().enumerate() {
        let mut longest = 0;
        for ((length, before), &other) in row[1..].iter_mut().zip(&above).zip(right) {
            let agrees = -i16::from(token == other);
            *length = before.wrapping_add(1) & agrees;
            longest = longest.max(*length);
        }
        let length = usize::try_from(longest).unwrap_or(0);
        if length > best.map_or(0, |best| best.length) {
            let j = row.iter().position(|&length| length == longest)?;
            best = Some(Block {
                left: i + 1 - length,
                right: j - length,
                length,
            });
        }
        std::mem::swap(&mut above, &mut row);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn kinds(left: &str, right: &str) -> String {
        let (left, right): (Vec<_>, Vec<_>) = (left.bytes().collect(), right.bytes().collect());
        let op = |op: Op| format!("{:?} {:?} {:?}", op.kind, op.left, op.right);
        align(&left, &right)
            .into_iter()
            .map(op)
            .collect::<Vec<_>>()
            .join(", ")
    }

    #[test]
    fn the_example_of_the_python_manual_comes_out_alike() {
        assert_eq!(
            kinds("qabxcd", "abycdf"),
            "Delete 0..1 0..0, Equal 1..3 0..2, Replace 3..4 2..3, Equal 4..6 3..5, Insert 6..6 5..6"
        );
    }

    #[test]
    fn the_first_of_equally_long_stretches_wins_though_more_could_be_paired() {
        assert_eq!(
            kinds("xyx", "yzx"),
            "Insert 0..0 0..2, Equal 0..1 2..3, Delete 1..3 3..3"
        );
        assert_eq!(
            kinds("xxx", "xyxx"),
            "Insert 0..0 0..2, Equal 0..2 2..4, Delete 2..3 4..4"
        );
    }

    proptest! {
        #[test]
        fn rows_and_places_find_the_same(
            left in vec(0..3_u8, 1..40),
            right in vec(0..3_u8, 1..40),
        ) {
            let tokens = |side: &[u8]| side.iter().map(|&it| u16::from(it)).collect::<Vec<_>>();
            let mut search = Search {
                left: left.iter().map(|&it| usize::from(it)).collect(),
                places: (0..3)
                    .map(|token| (0..right.len()).filter(|&j| right[j] == token).collect())
                    .collect(),
                rows: None,
                above: std::vec![0; right.len() + 1],
                row: Vec::new(),
            };
            let by_places = search.by_places(0..left.len(), &(0..right.len()));
            prop_assert_eq!(by_rows(&tokens(&left), &tokens(&right)), by_places);
        }
    }

    #[test]
    fn nothing_against_nothing_is_no_operation() {
        assert_eq!(kinds("", ""), "");
        assert_eq!(kinds("a", ""), "Delete 0..1 0..0");
        assert_eq!(kinds("", "a"), "Insert 0..0 0..1");
    }
}
