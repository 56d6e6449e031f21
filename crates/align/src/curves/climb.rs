//! How long two curves take to come along.

use beamtwin_trace::Time;
use serde::Serialize;

use super::Pair;

/// What part of the way that both came along counts: the end may be approached slowly.
const PART: f64 = 0.9;

/// How many samples show that a side was on its way for so long, and did not set out late.
const SEEN: usize = 3;

/// A way that both curves came along after one step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Climb {
    /// When the session took the step, in seconds.
    pub t: f64,
    /// The value of the reference at the step.
    pub from: f64,
    /// The value that both came to pass.
    pub to: f64,
    /// How many seconds the reference and the session took.
    pub took: [f64; 2],
    /// When either side took the step.
    #[serde(skip)]
    pub(super) start: [Time; 2],
}

impl Climb {
    /// How many times as long the slower side took.
    pub(super) fn times(&self) -> f64 {
        let [one, other] = self.took;
        one.max(other) / one.min(other)
    }

    /// How many seconds more the session took.
    pub(super) fn longer(&self) -> f64 {
        self.took[1] - self.took[0]
    }
}

impl Pair<'_> {
    /// The way whose two times are most unlike, of those that are a good part of the span, begin at one
    /// value and go in one direction.
    pub(super) fn climb(&self, span: f64, tolerance: f64) -> Option<Climb> {
        let ways = (0..self.anchors.len()).filter_map(|place| self.way(place, span, tolerance));
        ways.max_by(|one, other| one.times().total_cmp(&other.times()))
    }

    fn way(&self, place: usize, span: f64, tolerance: f64) -> Option<Climb> {
        let start = self.anchors[place];
        let end = |side: usize| match self.anchors.get(place + 1) {
            Some(next) => Some(next[side]),
            None => self.sides[side].last().map(|it| it.0),
        };
        let ends = [end(0)?, end(1)?];
        let from = [0, 1].map(|side| self.last(side, start[side]));
        let change = [0, 1].map(|side| self.last(side, ends[side]) - from[side]);
        if change[0] * change[1] <= 0.0 {
            return None;
        }
        let common = PART * change[0].abs().min(change[1].abs());
        let far = common > (span / 10.0).max(10.0 * tolerance);
        if !far || (from[0] - from[1]).abs() > common / 20.0 {
            return None;
        }
        let to = from[0] + common.copysign(change[0]);
        let took = |side: usize| self.passes(side, start[side], to, change[side] > 0.0);
        let [one, other] = [took(0)?, took(1)?];
        let seen = if one.0 > other.0 { one.1 } else { other.1 };
        (seen >= SEEN).then_some(Climb {
            t: start[1].seconds(),
            from: from[0],
            to,
            took: [one.0, other.0],
            start,
        })
    }

    /// What was last seen by a moment: what rests is often not looked at until it moves again.
    fn last(&self, side: usize, moment: Time) -> f64 {
        let samples = self.sides[side];
        let seen = samples.partition_point(|sample| sample.0 <= moment);
        samples[seen.saturating_sub(1)].1
    }

    /// How long after a moment a side comes to a value, and in how many samples.
    fn passes(&self, side: usize, start: Time, to: f64, upwards: bool) -> Option<(f64, usize)> {
        let samples = self.sides[side];
        let from = samples.partition_point(|sample| sample.0 <= start);
        let there = |value: f64| if upwards { value >= to } else { value <= to };
        let mut before = (start, self.last(side, start));
        for (seen, &(t, value)) in samples[from..].iter().enumerate() {
            if there(value) {
                let part = if self.held {
                    1.0
                } else {
                    (to - before.1) / (value - before.1)
                };
                let elapsed = (before.0 - start).seconds() + (t - before.0).seconds() * part;
                return Some((elapsed, seen));
            }
            before = (t, value);
        }
        None
    }
}
