//! Curves laid over each other: readbacks and temperatures as functions of time.

mod climb;

use std::collections::BTreeMap;

use beamtwin_trace::{Channel, Fact, Time, Trace, What};
use serde::Serialize;

use crate::comparison::{Row, RowOp};
use crate::titles::Titles;
use crate::{Settings, tolerance};

pub use climb::Climb;

/// A curve spans at least so many tolerances: less is noise.
const TOLERANCES: f64 = 100.0;

/// One side is slower only from so many times the noise on.
const NOISES: f64 = 20.0;

/// How a curve of the session lies over that of the reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// The channel, without a trailing `.VAL`.
    pub channel: String,
    /// What the channel is called in a sentence.
    pub title: String,
    /// The units of its values.
    pub units: Option<String>,
    /// From the lowest to the highest value of both sides, or a hundred tolerances if that is more.
    pub span: f64,
    /// The mean difference while anything moved or was apart, in parts of the span.
    pub area: f64,
    /// How much farther one of them went than the other, in parts of the span.
    pub overshoot: f64,
    /// The difference at the end, in parts of the span.
    pub end: f64,
    /// The last value of the reference and of the session.
    pub last: [f64; 2],
    /// For how many seconds the reference and the session stayed at the values that they came to, each until its
    /// next step or the end of the recording: within a hundredth of the span.
    pub held: [f64; 2],
    /// Where the two came along at the most unlike pace, if they came along at all.
    pub climb: Option<Climb>,
    /// Whether one side came along so much slower there that they do not count as alike.
    pub slower: bool,
    /// 1 less the largest of area, overshoot and end.
    pub score: f64,
    /// Whether they are too far apart to count as alike.
    pub decides: bool,
}

/// Differences below this part of the span are not told.
const TOLD: f64 = 0.005;

impl Curve {
    /// In what the two differ, in words: what is under half a percent of the span is not told.
    pub fn unlike(&self) -> Vec<String> {
        let units = self.units.as_deref();
        let units = units.map_or_else(String::new, |units| format!(" {units}"));
        let span = format!("of its span of {}{units}", short(self.span));
        let part = |part: f64| format!("{:.0} %", 100.0 * part);
        let mut words = Vec::new();
        if let Some(climb) = self.climb.filter(|_| self.slower) {
            let [was, is] = climb.took;
            words.push(format!(
                "it took {is:.1} s instead of {was:.1} s from {} to {}{units}, from {:?} s on",
                short(climb.from),
                short(climb.to),
                (climb.t * 1e3).round() / 1e3,
            ));
        }
        if self.area >= TOLD {
            words.push(format!("off by {} {span} on average", part(self.area)));
        }
        if self.overshoot >= TOLD {
            let further = part(self.overshoot);
            words.push(format!(
                "one of them went {further} {span} beyond the other"
            ));
        }
        if self.end >= TOLD {
            let [was, is] = self.last.map(short);
            words.push(format!("it ended at {is}{units} instead of {was}{units}"));
        }
        words
    }
}

/// A number with six digits that count.
fn short(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(number)
}

/// All curves that both sides have, of devices that were asked for something.
pub(crate) fn of(
    reference: &Trace,
    session: &Trace,
    rows: &[Row],
    titles: &Titles<'_>,
    settings: &Settings,
) -> Vec<Curve> {
    let (left, right) = (samples(reference, settings), samples(session, settings));
    let ends = [reference, session].map(|side| side.last().seconds());
    let mut curves = Vec::new();
    for (name, (channel, one)) in &left {
        let Some((_, other)) = right.get(name) else {
            continue;
        };
        let Some(anchors) = anchors(rows, channel) else {
            continue;
        };
        let tolerance = settings.tolerance(channel);
        let held = channel.interp.as_deref().is_some_and(|it| it != "linear");
        let pair = Pair {
            sides: [one, other],
            anchors: if anchors.is_empty() {
                vec![[one[0].0, other[0].0]]
            } else {
                anchors
            },
            held,
        };
        let Some(overlay) = pair.overlay(|value| tolerance.bound(value)) else {
            continue;
        };
        let score = 1.0 - overlay.off();
        let climb = pair.climb(overlay.span, tolerance.bound(overlay.span));
        let slower = climb.is_some_and(|it| {
            it.times() >= settings.curve.slower && it.longer().abs() > NOISES * settings.time.noise
        });
        curves.push(Curve {
            channel: (*name).to_owned(),
            title: titles.title(channel),
            units: channel.units.clone(),
            span: overlay.span,
            area: overlay.area,
            overshoot: overlay.overshoot,
            end: overlay.end,
            last: overlay.last,
            held: pair.held_for(overlay.span / 100.0, ends),
            climb,
            slower,
            score,
            decides: overlay.off() > settings.curve.off || slower,
        });
    }
    curves
}

/// When a curve had what value.
type Samples = Vec<(f64, f64)>;

fn samples<'a>(trace: &'a Trace, settings: &Settings) -> BTreeMap<&'a str, (&'a Channel, Samples)> {
    let mut curves: BTreeMap<&str, (&Channel, Samples)> = BTreeMap::new();
    for Fact { t, what, .. } in &trace.facts {
        let What::Post(post) = what else { continue };
        let Some(channel) = trace.channel(post.pv) else {
            continue;
        };
        if !settings.curves(channel) || settings.ignores(channel) {
            continue;
        }
        let value = tolerance::number(&post.value).filter(|value| value.is_finite());
        if let Some(value) = value {
            let (_, samples) = curves
                .entry(channel.plain_name())
                .or_insert_with(|| (channel, Vec::new()));
            samples.push((t.seconds(), value));
        }
    }
    curves
}

/// When both sides took a step of the device of a channel; none when neither side took any, so that
/// nobody asked the curve to be anything.
fn anchors(rows: &[Row], channel: &Channel) -> Option<Vec<[f64; 2]>> {
    let own = || {
        rows.iter()
            .filter(|row| row.device.as_deref() == channel.device.as_deref())
    };
    let known = channel.device.is_some();
    if known && own().next().is_none() {
        return None;
    }
    let steps = own().filter(|row| matches!(row.op, RowOp::Matched | RowOp::Differs));
    let time = |entry: &Option<crate::Entry>| entry.as_ref().map(|it| it.t);
    let mut anchors: Vec<(Time, Time)> = steps
        .filter_map(|row| Some((time(&row.reference)?, time(&row.session)?)))
        .collect();
    anchors.sort_unstable();
    anchors.dedup_by(|next, last| next.0 <= last.0 || next.1 <= last.1);
    Some(
        anchors
            .iter()
            .map(|(one, other)| [one.seconds(), other.seconds()])
            .collect(),
    )
}

/// Two curves, and the moments at which their clocks are set anew.
struct Pair<'a> {
    sides: [&'a Samples; 2],
    anchors: Vec<[f64; 2]>,
    held: bool,
}

#[derive(Debug, Clone, Copy)]
struct Overlay {
    span: f64,
    area: f64,
    overshoot: f64,
    end: f64,
    last: [f64; 2],
}

impl Overlay {
    fn off(&self) -> f64 {
        self.area.max(self.overshoot).max(self.end).min(1.0)
    }
}

impl Pair<'_> {
    fn overlay(&self, bound: impl Fn(f64) -> f64) -> Option<Overlay> {
        let extent = |samples: &Samples| {
            let values = samples.iter().map(|sample| sample.1);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        // What was before the first step belongs to no step, but for where the curve started from.
        let first = self.anchors[0];
        let sides: Vec<Samples> = (0..2).map(|side| self.from(side, first[side])).collect();
        let last = [sides[0].last()?.1, sides[1].last()?.1];
        let (one, other) = (extent(&sides[0]), extent(&sides[1]));
        let (low, high) = (one.0.min(other.0), one.1.max(other.1));
        let tolerance = bound(low.abs().max(high.abs()));
        let span = (high - low).max(TOLERANCES * tolerance);
        if span <= 0.0 {
            return Some(Overlay {
                span,
                area: 0.0,
                overshoot: 0.0,
                end: 0.0,
                last,
            });
        }
        let (mut between, mut active) = (0.0, 0.0);
        for (place, start) in self.anchors.iter().enumerate() {
            let length = |side: usize| match self.anchors.get(place + 1) {
                Some(next) => next[side] - start[side],
                None => sides[side]
                    .last()
                    .map_or(0.0, |it| it.0 - start[side])
                    .max(0.0),
            };
            let lengths = [length(0), length(1)];
            let (area, time) = self.segment(*start, lengths, tolerance);
            between += area;
            active += time;
        }
        Some(Overlay {
            span,
            area: if active > 0.0 {
                between / active / span
            } else {
                0.0
            },
            overshoot: (one.0 - other.0).abs().max((one.1 - other.1).abs()) / span,
            end: (last[0] - last[1]).abs() / span,
            last,
        })
    }

    /// The samples of a side from a moment on, beginning with the value at that moment.
    fn from(&self, side: usize, t: f64) -> Samples {
        let samples = self.sides[side];
        let after = samples.partition_point(|sample| sample.0 <= t);
        let mut from = vec![(t, self.at(side, t))];
        from.extend(&samples[after..]);
        from
    }

    /// The area between the curves from one step to the next, and for how long either of them moved
    /// or they were apart. Beyond its own next step a curve keeps its value.
    fn segment(&self, start: [f64; 2], lengths: [f64; 2], tolerance: f64) -> (f64, f64) {
        let whole = lengths[0].max(lengths[1]);
        let mut moments = vec![0.0, lengths[0], lengths[1]];
        for side in 0..2 {
            let samples = self.sides[side];
            let from = samples.partition_point(|sample| sample.0 <= start[side]);
            let inside = samples[from..].iter().map(|sample| sample.0 - start[side]);
            moments.extend(inside.take_while(|&elapsed| elapsed < lengths[side]));
        }
        moments.sort_by(f64::total_cmp);
        let value =
            |side: usize, elapsed: f64| self.at(side, start[side] + elapsed.min(lengths[side]));
        let (mut area, mut active) = (0.0, 0.0);
        let mut before = (0.0, value(0, 0.0), value(1, 0.0));
        for elapsed in moments.into_iter().filter(|&elapsed| elapsed <= whole) {
            let now = (elapsed, value(0, elapsed), value(1, elapsed));
            let time = now.0 - before.0;
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
    fn held_for(&self, near: f64, ends: [f64; 2]) -> [f64; 2] {
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
    fn rest(&self, side: usize, start: f64, end: f64, near: f64) -> f64 {
        let samples = self.sides[side];
        let value = self.at(side, end);
        let is_off = |value_then: f64| (value_then - value).abs() > near;
        let until = samples.partition_point(|sample| sample.0 <= end);
        let off = samples[..until].iter().rposition(|sample| is_off(sample.1));
        let from = match off.and_then(|at| Some((samples[at], samples.get(at + 1)?))) {
            None => start,
            Some((_, &(t, _))) if self.held => t,
            // Where the line that joins the two comes near.
            Some(((t0, v0), &(t1, v1))) => {
                t0 + (t1 - t0) * ((v0 - value).abs() - near) / (v1 - v0).abs()
            }
        };
        (end - from.max(start)).max(0.0)
    }

    /// The value of a side at a moment: between two samples on the line that joins them, or the
    /// former of the two where the curve is held; before the first and after the last as these.
    fn at(&self, side: usize, t: f64) -> f64 {
        let samples = self.sides[side];
        let after = samples.partition_point(|sample| sample.0 <= t);
        let Some(&(t0, v0)) = after.checked_sub(1).and_then(|at| samples.get(at)) else {
            return samples[0].1;
        };
        match samples.get(after) {
            Some(&(t1, v1)) if !self.held => v0 + (v1 - v0) * (t - t0) / (t1 - t0),
            _ => v0,
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
