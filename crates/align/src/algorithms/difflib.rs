//! The answer of Python's `difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()`.
//!
//! Ratcliff and Obershelp: take the longest stretch that both sides share, then do the same on
//! either side of it. Of equally long stretches the one that starts first on the left wins, then
//! the one that starts first on the right.
//!
//! The result is not the longest common subsequence: `XXX` against `XYXX` pairs two, not three.
//!
//! Where few tokens agree only those places are looked at that do. Where many agree, as of a session
//! that uses two channels, a suffix automaton finds a stretch in linear time, where Python
//! takes quadratic.

mod automaton;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::alignment::{Op, OpKind};
use automaton::Automaton;

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
    let mut search = Search {
        above: vec![0; right.len() + 1],
        left,
        right,
        places,
        row: Vec::new(),
        automaton: Automaton::default(),
    };
    let mut found = Vec::new();
    let mut todo = vec![(0..search.left.len(), 0..search.right.len())];
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
    /// The tokens of both sides, numbered.
    left: Vec<usize>,
    right: Vec<usize>,
    /// For each token, where the right has it.
    places: Vec<Vec<usize>>,
    /// The length of the stretch that ends at the last left token and before a place on the right.
    above: Vec<usize>,
    /// The places of `above` that are not zero.
    row: Vec<usize>,
    automaton: Automaton,
}

/// Every substring is looked for at once where so many places agree for each token.
const DENSE: usize = 16;

/// Tokens times places up to which that is done: what it takes is eight bytes for each.
const TABLE: usize = 1 << 24;

impl Search {
    fn longest(&mut self, a: Range<usize>, b: Range<usize>) -> Option<Block> {
        let agreeing: usize = a.clone().map(|i| self.agreeing(i, &b).len()).sum();
        let is_small = self.places.len().saturating_mul(b.len()) <= TABLE;
        if is_small && agreeing > DENSE * (a.len() + b.len()) {
            let (left, right) = (&self.left[a.clone()], &self.right[b.clone()]);
            return self.automaton.longest(left, right).map(|block| Block {
                left: a.start + block.left,
                right: b.start + block.right,
                ..block
            });
        }
        self.by_places(a, &b)
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
        fn both_searches_find_the_same(
            left in vec(0..3_u8, 1..40),
            right in vec(0..3_u8, 1..40),
        ) {
            let tokens = |side: &[u8]| side.iter().map(|&it| usize::from(it)).collect::<Vec<_>>();
            let (left, right) = (tokens(&left), tokens(&right));
            let mut search = Search {
                places: (0..3)
                    .map(|token| (0..right.len()).filter(|&j| right[j] == token).collect())
                    .collect(),
                above: std::vec![0; right.len() + 1],
                left: left.clone(),
                right: right.clone(),
                row: Vec::new(),
                automaton: Automaton::default(),
            };
            let by_places = search.by_places(0..left.len(), &(0..right.len()));
            prop_assert_eq!(search.automaton.longest(&left, &right), by_places);
            // What is left of an earlier search does no harm.
            let turned = search.automaton.longest(&right, &left).map(|it| it.length);
            prop_assert_eq!(turned, by_places.map(|it| it.length));
        }
    }

    #[test]
    fn nothing_against_nothing_is_no_operation() {
        assert_eq!(kinds("", ""), "");
        assert_eq!(kinds("a", ""), "Delete 0..1 0..0");
        assert_eq!(kinds("", "a"), "Insert 0..0 0..1");
    }
}
