//! Where the steps of both sides lie beside each other, before they are rows.

use std::cmp::Ordering;

use crate::Tolerance;
use crate::algorithms::optimal;
use crate::comparison::RowOp;
use crate::order::Order;
use crate::sequence::Asked;
use crate::tolerance::number;

/// How far a step that commutes is looked for, in places.
const REACH: usize = 64;

/// Up to so many steps in all they are aligned from both ends.
const TWICE: usize = 20_000;

/// How long a run of equal steps is looked at.
const RUN: usize = 1000;

/// How far from a run of equal steps another one is still near.
const NEAR: usize = 4;

/// A place in the alignment: a step of either side, or of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) op: RowOp,
    pub(crate) left: Option<usize>,
    pub(crate) right: Option<usize>,
    /// Whether the sides come in another order, which does not matter.
    pub(crate) commuted: bool,
}

impl Place {
    fn missing(left: usize) -> Self {
        Self {
            op: RowOp::Missing,
            left: Some(left),
            right: None,
            commuted: false,
        }
    }

    fn extra(right: usize) -> Self {
        Self {
            op: RowOp::Extra,
            left: None,
            right: Some(right),
            commuted: false,
        }
    }

    /// The same place seen from the other side.
    fn turned(self) -> Self {
        let op = match self.op {
            RowOp::Missing => RowOp::Extra,
            RowOp::Extra => RowOp::Missing,
            op => op,
        };
        Self {
            op,
            left: self.right,
            right: self.left,
            ..self
        }
    }

    fn both(op: RowOp, left: usize, right: usize) -> Self {
        Self {
            op,
            left: Some(left),
            right: Some(right),
            commuted: false,
        }
    }
}

/// What the alignment needs to know of the steps of both sides.
pub(crate) struct Steps<'a> {
    pub(crate) left: &'a [Asked<'a>],
    pub(crate) right: &'a [Asked<'a>],
    order: &'a Order<'a>,
    keys: [Vec<Key>; 2],
    /// By the number of the channel.
    tolerances: Vec<Tolerance>,
}

/// As much of a step as decides most comparisons, close together in memory.
#[derive(Debug, Clone, Copy)]
struct Key {
    number: usize,
    /// Not-a-number where the value is none.
    value: f64,
}

impl Key {
    fn of(asked: &Asked<'_>) -> Self {
        Self {
            number: asked.number,
            value: number(&asked.value).unwrap_or(f64::NAN),
        }
    }
}

impl<'a> Steps<'a> {
    pub(crate) fn new(left: &'a [Asked<'a>], right: &'a [Asked<'a>], order: &'a Order<'a>) -> Self {
        let mut tolerances = Vec::new();
        for step in left.iter().chain(right) {
            if tolerances.len() <= step.number {
                tolerances.resize(step.number + 1, Tolerance::EXACT);
            }
            tolerances[step.number] = *step.tolerance;
        }
        Self {
            left,
            right,
            order,
            tolerances,
            keys: [left, right].map(|side| side.iter().map(Key::of).collect()),
        }
    }

    /// Lays the steps side by side: first as many as possible that agree and do not cross, then what
    /// agrees and crosses only what is concurrent with it, then what lies on one channel.
    ///
    /// Of several equally good alignments one is taken that does not depend on which side is which.
    ///
    /// Says also whether no other alignment pairs more without crossing.
    pub(crate) fn align(&self) -> (Vec<Place>, bool) {
        if !self.is_turned() {
            return self.align_as_is();
        }
        let [left, right] = self.keys.clone();
        let turned = Steps {
            left: self.right,
            right: self.left,
            order: self.order,
            keys: [right, left],
            tolerances: self.tolerances.clone(),
        };
        let (places, is_best) = turned.align_as_is();
        let mut places: Vec<Place> = places.into_iter().map(Place::turned).collect();
        let alone = |place: &Place| matches!(place.op, RowOp::Missing | RowOp::Extra);
        for gap in places.chunk_by_mut(|one, other| alone(one) && alone(other)) {
            gap.sort_by_key(|place| place.op == RowOp::Extra);
        }
        (places, is_best)
    }

    /// Whether the right side comes first in an order of sequences that is fixed, but arbitrary.
    fn is_turned(&self) -> bool {
        let (n, m) = (self.left.len(), self.right.len());
        if n != m {
            return n > m;
        }
        let unlike = self.left.iter().zip(self.right).find_map(|(one, other)| {
            if one.number == other.number && one.value == other.value {
                return None;
            }
            let names = one.channel.plain_name().cmp(other.channel.plain_name());
            let order = names.then_with(|| one.value.to_string().cmp(&other.value.to_string()));
            Some(order).filter(|order| order.is_ne())
        });
        unlike == Some(Ordering::Greater)
    }

    fn align_as_is(&self) -> (Vec<Place>, bool) {
        let (mut places, is_best) = self.paired(false);
        let unlike = places.iter().any(|place| place.op != RowOp::Matched);
        if unlike && self.left.len() + self.right.len() <= TWICE {
            let pairs = |places: &[Place]| {
                let pairs = places.iter().filter(|place| place.op == RowOp::Matched);
                pairs.count()
            };
            let (others, _) = self.paired(true);
            if pairs(&others) > pairs(&places) {
                places = others;
            }
        }
        let mut places = self.differing(&places);
        self.commute(&mut places, RowOp::Differs, |i, j| self.same_channel(i, j));
        (places, is_best)
    }

    /// What agrees, whether or not it crosses what is concurrent. Of what does not cross there may be several best
    /// alignments, and what commutes then depends on which one is taken: that is found from either end.
    fn paired(&self, from_the_end: bool) -> (Vec<Place>, bool) {
        let (mut places, is_best) = self.agreeing(from_the_end);
        self.slide(&mut places);
        self.commute(&mut places, RowOp::Matched, |i, j| self.agree(i, j));
        (places, is_best)
    }

    fn same_channel(&self, i: usize, j: usize) -> bool {
        self.keys[0][i].number == self.keys[1][j].number
    }

    fn agree(&self, i: usize, j: usize) -> bool {
        let (one, other) = (self.keys[0][i], self.keys[1][j]);
        if one.number != other.number {
            return false;
        }
        let tolerance = self.tolerances[one.number];
        if one.value.is_nan() || other.value.is_nan() {
            tolerance.agree(&self.left[i].value, &self.right[j].value)
        } else {
            tolerance.close(one.value, other.value)
        }
    }

    fn agreeing(&self, from_the_end: bool) -> (Vec<Place>, bool) {
        let mut places = Vec::with_capacity(self.left.len().max(self.right.len()));
        let (mut i, mut j) = (0, 0);
        let (n, m) = (self.left.len(), self.right.len());
        let mut found = if from_the_end {
            optimal::align(0..n, 0..m, &|i, j| self.agree(n - 1 - i, m - 1 - j))
        } else {
            optimal::align(0..n, 0..m, &|i, j| self.agree(i, j))
        };
        if from_the_end {
            found.pairs.reverse();
            for (at_i, at_j) in &mut found.pairs {
                (*at_i, *at_j) = (n - 1 - *at_i, m - 1 - *at_j);
            }
        }
        for (at_i, at_j) in found.pairs {
            places.extend((i..at_i).map(Place::missing));
            places.extend((j..at_j).map(Place::extra));
            places.push(Place::both(RowOp::Matched, at_i, at_j));
            (i, j) = (at_i + 1, at_j + 1);
        }
        places.extend((i..n).map(Place::missing));
        places.extend((j..m).map(Place::extra));
        (places, found.is_best)
    }

    /// Of a run of steps that are all the same, lets the first one stand alone rather than the last
    /// where just before the run the other side has one alone: it has moved past what lies between.
    fn slide(&self, places: &mut [Place]) {
        for at in 0..places.len() {
            let missing = match places[at].op {
                RowOp::Missing => true,
                RowOp::Extra => false,
                _ => continue,
            };
            let mut start = at;
            while start > at.saturating_sub(RUN)
                && start > 0
                && places[start - 1].op == RowOp::Matched
                && self.crosswise(&places[start], &places[start - 1], missing)
            {
                start -= 1;
            }
            let near = places[..start].iter();
            let has_moved = |it: &Place| {
                matches!(it.op, RowOp::Missing | RowOp::Extra)
                    && self.crosswise(&places[start], it, missing)
            };
            if start == at || !near.rev().take(NEAR).any(has_moved) {
                continue;
            }
            for place in (start..at).rev() {
                let Place { left, right, .. } = places[place];
                if missing {
                    places[place + 1].right = right;
                } else {
                    places[place + 1].left = left;
                }
                places[place + 1].op = RowOp::Matched;
            }
            if missing {
                (places[start].op, places[start].right) = (RowOp::Missing, None);
            } else {
                (places[start].op, places[start].left) = (RowOp::Extra, None);
            }
        }
    }

    /// Whether one side of a place agrees with the other side of another.
    fn crosswise(&self, one: &Place, other: &Place, left: bool) -> bool {
        let sides = if left {
            one.left.zip(other.right)
        } else {
            other.left.zip(one.right)
        };
        sides.is_some_and(|(i, j)| self.agree(i, j))
    }

    /// Shows side by side what is left over between two pairs and lies on one channel.
    fn differing(&self, places: &[Place]) -> Vec<Place> {
        let mut out = Vec::with_capacity(places.len());
        let is_pair = |place: &Place| place.op == RowOp::Matched;
        let mut rest = places;
        while !rest.is_empty() {
            let length = rest.iter().position(is_pair).unwrap_or(rest.len());
            let (gap, after) = rest.split_at(length);
            let left: Vec<usize> = gap.iter().filter_map(|place| place.left).collect();
            let right: Vec<usize> = gap.iter().filter_map(|place| place.right).collect();
            let same = |i: usize, j: usize| self.same_channel(left[i], right[j]);
            let (mut i, mut j) = (0, 0);
            for (at_i, at_j) in optimal::align(0..left.len(), 0..right.len(), &same).pairs {
                out.extend(left[i..at_i].iter().copied().map(Place::missing));
                out.extend(right[j..at_j].iter().copied().map(Place::extra));
                out.push(Place::both(RowOp::Differs, left[at_i], right[at_j]));
                (i, j) = (at_i + 1, at_j + 1);
            }
            out.extend(left[i..].iter().copied().map(Place::missing));
            out.extend(right[j..].iter().copied().map(Place::extra));
            let pairs = after.iter().take_while(|place| is_pair(place)).count();
            out.extend(&after[..pairs]);
            rest = &after[pairs..];
        }
        out
    }

    /// Pairs what is missing at one place with what is extra at another where all pairs in between
    /// are concurrent with it, on both sides.
    fn commute(&self, places: &mut Vec<Place>, op: RowOp, fit: impl Fn(usize, usize) -> bool) {
        let mut gone = vec![false; places.len()];
        for at in 0..places.len() {
            let Place {
                op: RowOp::Missing,
                left: Some(i),
                ..
            } = places[at]
            else {
                continue;
            };
            let ahead = at + 1..places.len().min(at + REACH);
            let back = (at.saturating_sub(REACH)..at).rev();
            let found = self
                .partner(places, &gone, i, ahead, &fit)
                .or_else(|| self.partner(places, &gone, i, back, &fit));
            if let Some((to, j)) = found {
                gone[to] = true;
                places[at] = Place {
                    commuted: true,
                    ..Place::both(op, i, j)
                };
            }
        }
        let mut gone = gone.into_iter();
        places.retain(|_| gone.next() != Some(true));
    }

    fn partner(
        &self,
        places: &[Place],
        gone: &[bool],
        i: usize,
        way: impl Iterator<Item = usize>,
        fit: impl Fn(usize, usize) -> bool,
    ) -> Option<(usize, usize)> {
        let mut crossed: Vec<usize> = Vec::new();
        for at in way.filter(|&at| !gone[at]) {
            match (places[at].left, places[at].right) {
                (Some(a), Some(b)) => {
                    if !self.order.is_free(&self.left[i], &self.left[a]) {
                        return None;
                    }
                    crossed.push(b);
                }
                (None, Some(j)) if fit(i, j) => {
                    let free = |&b: &usize| self.order.is_free(&self.right[j], &self.right[b]);
                    if crossed.iter().all(free) {
                        return Some((at, j));
                    }
                }
                _ => {}
            }
        }
        None
    }
}
