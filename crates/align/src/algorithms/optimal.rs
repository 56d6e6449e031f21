//! The longest common subsequence: no other alignment pairs more.
//!
//! Myers, "An O(ND) difference algorithm and its variations" (1986), with linear space: time is
//! O((n + m) · d), where d is the number of places left without a partner, and memory O(n + m).
//!
//! Where a search has left [`EDITS`] places without a partner it goes on from the farthest point it
//! came to, and from there on leaves no more than a few, so that time is O(`EDITS`² + n + m) at worst. The
//! alignment is then a good one, but not proven to be the best, and says so.
//!
//! Equality need not be transitive. The algorithm rests on two lemmas, that pairing the first two
//! of what remains loses nothing where they agree, and that on one diagonal farther is never worse;
//! both hold for any relation between the sides, so that values may agree within a tolerance.

use std::ops::Range;

/// How many places a search leaves without a partner before it settles for what it has.
pub const EDITS: usize = 4096;

/// The same for what comes after a search that settled: there is not much in common, or else it is near.
const FEW: usize = 512;

/// Pairs of places that agree and do not cross, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs {
    /// The places of each pair, on the left and on the right.
    pub pairs: Vec<(usize, usize)>,
    /// Whether no other alignment pairs more.
    pub is_best: bool,
}

/// The most pairs of agreeing places that do not cross, in order.
///
/// Of equally good alignments this is one whose pairs come early: what is missing of a loop is then
/// a whole turn of it from its first place on, not the end of one turn and the beginning of the next.
pub fn align(
    left: Range<usize>,
    right: Range<usize>,
    agree: &impl Fn(usize, usize) -> bool,
) -> Pairs {
    align_within(left, right, agree, EDITS)
}

fn align_within(
    left: Range<usize>,
    right: Range<usize>,
    agree: &impl Fn(usize, usize) -> bool,
    edits: usize,
) -> Pairs {
    let size = left.len() + right.len() + 5;
    let mut search = Search {
        agree,
        pairs: Vec::new(),
        edits: signed(edits.max(2)),
        is_best: true,
        ahead: vec![0; size],
        back: vec![0; size],
    };
    search.align(left.clone(), right.clone());
    let Search {
        mut pairs, is_best, ..
    } = search;
    let mut next = (left.start, right.start);
    for pair in &mut pairs {
        let i = (next.0..pair.0)
            .find(|&i| agree(i, pair.1))
            .unwrap_or(pair.0);
        let j = (next.1..pair.1).find(|&j| agree(i, j)).unwrap_or(pair.1);
        *pair = (i, j);
        next = (i + 1, j + 1);
    }
    Pairs { pairs, is_best }
}

struct Search<'a, F> {
    agree: &'a F,
    pairs: Vec<(usize, usize)>,
    /// How many places either search leaves without a partner before it stops.
    edits: isize,
    /// Whether no search was stopped.
    is_best: bool,
    /// How far along the left the search from the start came, by diagonal.
    ahead: Vec<u32>,
    /// How far along the left, counted from its end, the search from the end came.
    back: Vec<u32>,
}

impl<F: Fn(usize, usize) -> bool> Search<'_, F> {
    /// Pairs what agrees at both ends, splits the rest in the middle, and does the same to each half.
    fn align(&mut self, mut left: Range<usize>, mut right: Range<usize>) {
        while !left.is_empty() && !right.is_empty() && (self.agree)(left.start, right.start) {
            self.pairs.push((left.start, right.start));
            left.start += 1;
            right.start += 1;
        }
        let mut suffix = 0;
        while !left.is_empty() && !right.is_empty() && (self.agree)(left.end - 1, right.end - 1) {
            left.end -= 1;
            right.end -= 1;
            suffix += 1;
        }
        if !left.is_empty() && !right.is_empty() {
            let (i, j) = self.middle(&left, &right);
            self.align(left.start..i, right.start..j);
            self.align(i..left.end, j..right.end);
        }
        self.pairs
            .extend((0..suffix).map(|step| (left.end + step, right.end + step)));
    }

    /// A point in the middle of a shortest path, where the searches from both ends meet.
    ///
    /// Both sides begin and end with a disagreement, so that the point lies strictly between the
    /// ends and the halves are smaller.
    fn middle(&mut self, left: &Range<usize>, right: &Range<usize>) -> (usize, usize) {
        let (n, m) = (signed(left.len()), signed(right.len()));
        let delta = n - m;
        let odd = delta % 2 != 0;
        // No search goes beyond half a path; diagonals may be negative, places may not.
        let half = (n + m + 1) / 2;
        let place = |diagonal: isize| index(diagonal + half + 1);
        self.ahead[place(1)] = 0;
        self.back[place(1)] = 0;
        for d in 0..=half {
            if d > self.edits
                && let Some((x, y)) = self.farthest(d - 1, n, m, half)
            {
                self.is_best = false;
                self.edits = self.edits.min(signed(FEW));
                return (left.start + index(x), right.start + index(y));
            }
            for k in (-d..=d).step_by(2) {
                let x = step(&self.ahead, place, k, d);
                let y = x - k;
                let x = x + self.run(n - x, m - y, |at| {
                    (left.start + index(x + at), right.start + index(y + at))
                });
                self.ahead[place(k)] = short(x);
                let opposite = delta - k;
                if odd && opposite.abs() < d && x + long(self.back[place(opposite)]) >= n {
                    return (left.start + index(x), right.start + index(x - k));
                }
            }
            for k in (-d..=d).step_by(2) {
                let x = step(&self.back, place, k, d);
                let y = x - k;
                let x = x + self.run(n - x, m - y, |at| {
                    (left.end - 1 - index(x + at), right.end - 1 - index(y + at))
                });
                self.back[place(k)] = short(x);
                let opposite = delta - k;
                if !odd && opposite.abs() <= d && x + long(self.ahead[place(opposite)]) >= n {
                    return (left.end - index(x), right.end - index(x - k));
                }
            }
        }
        unreachable!("a path of n + m steps always exists");
    }

    /// The farthest point that the search from the start reached after `d` steps, before the end.
    fn farthest(&self, d: isize, n: isize, m: isize, half: isize) -> Option<(isize, isize)> {
        let reached = (-d..=d).step_by(2).map(|k| {
            let x = long(self.ahead[index(k + half + 1)]);
            (x, x - k)
        });
        let inside = reached.filter(|&(x, y)| x <= n && (0..=m).contains(&y) && x + y < n + m);
        inside.max_by_key(|(x, y)| x + y)
    }

    /// How many places agree one after the other, with at most `n` and `m` places left.
    fn run(&self, n: isize, m: isize, at: impl Fn(isize) -> (usize, usize)) -> isize {
        let agrees = |&step: &isize| {
            let (i, j) = at(step);
            (self.agree)(i, j)
        };
        signed((0..n.min(m)).take_while(agrees).count())
    }
}

/// The farthest place on diagonal `k` after one more step: down from the one above, or to the right
/// from the one below.
fn step(reached: &[u32], place: impl Fn(isize) -> usize, k: isize, d: isize) -> isize {
    let (below, above) = (reached[place(k - 1)], reached[place(k + 1)]);
    if k == -d || (k != d && below < above) {
        long(above)
    } else {
        long(below) + 1
    }
}

fn signed(size: usize) -> isize {
    isize::try_from(size).expect("a sequence in memory is shorter than isize::MAX")
}

/// A place as it is kept: half as long, so that twice as many are at hand.
fn short(place: isize) -> u32 {
    u32::try_from(place).expect("a sequence in memory has fewer than four thousand million places")
}

fn long(place: u32) -> isize {
    place as isize
}

fn index(place: isize) -> usize {
    place.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn pairs(left: &[f64], right: &[f64], tolerance: f64) -> Vec<(usize, usize)> {
        let agree = |i: usize, j: usize| (left[i] - right[j]).abs() <= tolerance;
        align(0..left.len(), 0..right.len(), &agree).pairs
    }

    /// The length of a longest common subsequence by the book.
    fn longest(left: &[f64], right: &[f64], tolerance: f64) -> usize {
        let mut best = vec![vec![0; right.len() + 1]; left.len() + 1];
        for (i, a) in left.iter().enumerate() {
            for (j, b) in right.iter().enumerate() {
                let both = best[i][j] + usize::from((a - b).abs() <= tolerance);
                best[i + 1][j + 1] = both.max(best[i][j + 1]).max(best[i + 1][j]);
            }
        }
        best[left.len()][right.len()]
    }

    fn values() -> impl Strategy<Value = Vec<f64>> {
        vec((0..5_u8).prop_map(f64::from), 0..24)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_alignment_pairs_more(left in values(), right in values(), tolerance in 0..2_u8) {
            let tolerance = f64::from(tolerance);
            let pairs = pairs(&left, &right, tolerance);
            prop_assert_eq!(pairs.len(), longest(&left, &right, tolerance));
            prop_assert!(pairs.iter().all(|&(i, j)| (left[i] - right[j]).abs() <= tolerance));
            prop_assert!(pairs.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_search_that_is_cut_short_still_pairs_what_agrees(left in values(), right in values()) {
            let agree = |i: usize, j: usize| left[i] == right[j];
            let found = align_within(0..left.len(), 0..right.len(), &agree, 2);
            let pairs = &found.pairs;
            prop_assert!(pairs.iter().all(|&(i, j)| left[i] == right[j]));
            prop_assert!(pairs.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
            let most = longest(&left, &right, 0.0);
            prop_assert!(pairs.len() <= most);
            prop_assert!(!found.is_best || pairs.len() == most);
        }
    }

    #[test]
    fn what_has_nothing_in_common_is_given_up_in_time() {
        let agree = |_: usize, _: usize| false;
        let found = align_within(0..20_000, 0..20_000, &agree, 64);
        assert!(found.pairs.is_empty() && !found.is_best);
    }

    #[test]
    fn a_skipped_step_costs_one_place() {
        let left: Vec<f64> = (0..10).map(f64::from).collect();
        assert_eq!(pairs(&left, &left[1..], 0.0).len(), 9);
    }

    #[test]
    fn what_is_missing_of_a_loop_is_a_turn_from_its_start() {
        let (left, right) = ([1.0, 8.0, 9.0, 2.0, 8.0, 9.0, 3.0], [1.0, 8.0, 9.0, 3.0]);
        assert_eq!(pairs(&left, &right, 0.0), [(0, 0), (1, 1), (2, 2), (6, 3)]);
    }
}
