//! Two curves over each other.
//!
//! All moments are whole nanoseconds, and only differences of them become seconds: when a recording began changes nothing.

use beamtwin_trace::Time;

use super::course::{Course, Samples};

/// After all samples.
const EVER: Time = Time::from_nanos(i64::MAX);

/// A curve spans at least so many tolerances: less is noise.
const TOLERANCES: f64 = 100.0;

/// Two curves, and the moments at which their clocks are set anew, of which there is at least one.
pub(super) struct Pair<'a> {
    pub(super) sides: [&'a Samples; 2],
    pub(super) anchors: Vec<[Time; 2]>,
    pub(super) held: bool,
}

/// By what differences of two curves are measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// From the lowest to the highest value of both.
    pub(super) span: f64,
    /// What is nearer than this is not apart.
    tolerance: f64,
}

impl Scale {
    fn part(self, difference: f64) -> f64 {
        if self.span > 0.0 {
            difference / self.span
        } else {
            0.0
        }
    }
}

/// How far two curves are apart, in parts of their span.
#[derive(Debug, Clone, Copy)]
pub(super) struct Overlay {
    pub(super) span: f64,
    pub(super) area: f64,
    pub(super) overshoot: f64,
    pub(super) end: f64,
    pub(super) last: [f64; 2],
}

impl Overlay {
    pub(super) fn off(&self) -> f64 {
        self.area.max(self.overshoot).max(self.end).min(1.0)
    }
}

impl Pair<'_> {
    /// What was before the first step belongs to no step, but for where the curve started from.
    pub(super) fn overlay(&self, bound: impl Fn(f64) -> f64) -> Overlay {
        let first = self.anchors[0];
        let scale = self.scale(first, bound);
        let last = [0, 1].map(|side| self.at(side, EVER));
        let [one, other] = [0, 1].map(|side| self.extent(side, first[side], EVER));
        let (mut between, mut active) = (0.0, 0.0);
        for place in 0..self.anchors.len() {
            let (start, lengths) = (self.anchors[place], self.lengths(place));
            let (area, time) = self.segment(start, lengths, scale.tolerance);
            between += area;
            active += time;
        }
        Overlay {
            span: scale.span,
            area: scale.part(mean(between, active)),
            overshoot: scale.part(further(one, other)),
            end: scale.part((last[0] - last[1]).abs()),
            last,
        }
    }

    /// The scale of all that is from two moments on.
    pub(super) fn scale(&self, from: [Time; 2], bound: impl Fn(f64) -> f64) -> Scale {
        let [one, other] = [0, 1].map(|side| self.extent(side, from[side], EVER));
        let (low, high) = (one.0.min(other.0), one.1.max(other.1));
        let tolerance = bound(low.abs().max(high.abs()));
        Scale {
            span: (high - low).max(TOLERANCES * tolerance),
            tolerance,
        }
    }

    /// How far they are apart from one step to the next, in parts of a span, from 0 to 1.
    pub(super) fn off(&self, place: usize, scale: Scale) -> f64 {
        let (start, lengths) = (self.anchors[place], self.lengths(place));
        let end = [0, 1].map(|side| start[side] + lengths[side]);
        let (area, active) = self.segment(start, lengths, scale.tolerance);
        let [one, other] = [0, 1].map(|side| self.extent(side, start[side], end[side]));
        let last = [0, 1].map(|side| self.at(side, end[side]));
        let apart = (last[0] - last[1]).abs().max(further(one, other));
        scale.part(mean(area, active).max(apart)).min(1.0)
    }

    /// How long it is on each side from one step to the next, or to the last sample.
    fn lengths(&self, place: usize) -> [Time; 2] {
        let start = self.anchors[place];
        let end = |side: usize| match self.anchors.get(place + 1) {
            Some(next) => next[side],
            None => self.sides[side].last().map_or(start[side], |it| it.0),
        };
        [0, 1].map(|side| (end(side) - start[side]).max(Time::ZERO))
    }

    /// The lowest and the highest value of a side between two moments.
    fn extent(&self, side: usize, start: Time, end: Time) -> (f64, f64) {
        self.course(side).extent(start, end)
    }

    /// The area between the curves from one step to the next, and for how long either of them moved
    /// or they were apart. Beyond its own next step a curve keeps its value.
    fn segment(&self, start: [Time; 2], lengths: [Time; 2], tolerance: f64) -> (f64, f64) {
        let whole = lengths[0].max(lengths[1]);
        let mut moments = vec![Time::ZERO, lengths[0], lengths[1]];
        for side in 0..2 {
            let samples = self.sides[side];
            let from = samples.partition_point(|sample| sample.0 <= start[side]);
            let inside = samples[from..].iter().map(|sample| sample.0 - start[side]);
            moments.extend(inside.take_while(|&elapsed| elapsed < lengths[side]));
        }
        moments.sort_unstable();
        let value =
            |side: usize, elapsed: Time| self.at(side, start[side] + elapsed.min(lengths[side]));
        let (mut area, mut active) = (0.0, 0.0);
        let mut before = (Time::ZERO, value(0, Time::ZERO), value(1, Time::ZERO));
        for elapsed in moments.into_iter().filter(|&elapsed| elapsed <= whole) {
            let now = (elapsed, value(0, elapsed), value(1, elapsed));
            let time = (now.0 - before.0).seconds();
            let (from, to) = (before.1 - before.2, now.1 - now.2);
            let moved = (now.1 - before.1).abs().max((now.2 - before.2).abs());
            if moved.max(from.abs()).max(to.abs()) > tolerance {
                active += time;
                area += time * mean_of_line(from, to);
            }
            before = now;
        }
        (area, active)
    }

    /// For how long each side stayed near the value that it had at the next step, or at the end.
    pub(super) fn held_for(&self, near: f64, ends: [Time; 2]) -> [f64; 2] {
        [0, 1].map(|side| {
            let next = |place: usize| {
                self.anchors
                    .get(place + 1)
                    .map_or(ends[side], |it| it[side])
            };
            let rests = (0..self.anchors.len())
                .map(|place| self.rest(side, self.anchors[place][side], next(place), near));
            rests.sum()
        })
    }

    /// For how long a side was last near the value that it has at the end of a stretch.
    fn rest(&self, side: usize, start: Time, end: Time, near: f64) -> f64 {
        let samples = self.sides[side];
        let value = self.at(side, end);
        let is_off = |value_then: f64| (value_then - value).abs() > near;
        let until = samples.partition_point(|sample| sample.0 <= end);
        let off = samples[..until].iter().rposition(|sample| is_off(sample.1));
        let whole = (end - start).seconds();
        let near_for = match off.and_then(|at| Some((samples[at], samples.get(at + 1)?))) {
            None => whole,
            Some((_, &(t, _))) if self.held => (end - t).seconds(),
            // Where the line that joins the two comes near.
            Some(((t0, v0), &(t1, v1))) => {
                let part = ((v0 - value).abs() - near) / (v1 - v0).abs();
                (end - t0).seconds() - (t1 - t0).seconds() * part
            }
        };
        near_for.min(whole).max(0.0)
    }

    fn at(&self, side: usize, t: Time) -> f64 {
        self.course(side).at(t)
    }

    fn course(&self, side: usize) -> Course<'_> {
        Course {
            samples: self.sides[side],
            held: self.held,
        }
    }
}

/// The mean size of what goes from one number to another in a line.
fn mean_of_line(from: f64, to: f64) -> f64 {
    if from * to >= 0.0 {
        return (from.abs() + to.abs()) / 2.0;
    }
    (from * from + to * to) / (2.0 * (from.abs() + to.abs()))
}

fn mean(area: f64, time: f64) -> f64 {
    if time > 0.0 { area / time } else { 0.0 }
}

/// How much further, up or down, one of two extents goes.
fn further(one: (f64, f64), other: (f64, f64)) -> f64 {
    (one.0 - other.0).abs().max((one.1 - other.1).abs())
}
