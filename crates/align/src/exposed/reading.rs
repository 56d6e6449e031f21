//! What curves read at an exposure: a temperature that was not waited for, a motor on its way.

use std::collections::BTreeMap;

use beamtwin_trace::{Channel, Time, Trace};

use super::steps::{Steps, same_requests};
use super::{Aspect, Gate};
use crate::curves::course::{Course, Samples, is_held};
use crate::curves::samples;
use crate::order::Order;
use crate::sequence::Asked;
use crate::titles::Titles;
use crate::{Settings, Tolerance};

/// How far two values may be apart, in tolerances: what was asked for by one, and each reading of it by one.
pub(crate) const TOLERANCES: f64 = 3.0;
/// A move is no shorter than so many tolerances: less is noise.
const SHORTEST: f64 = 10.0;
/// A curve at rest is as near as this to where it came to, in parts of the move.
pub(crate) const NEAR: f64 = 0.01;
/// A curve that moved within so many times the noise is not at rest.
pub(crate) const NOISES: f64 = 20.0;

/// The curves that both sides recorded, of devices.
pub(super) struct Readings<'a> {
    curves: Vec<Reading<'a>>,
    noise: Time,
    off: f64,
}

struct Reading<'a> {
    channel: &'a Channel,
    device: &'a str,
    tolerance: Tolerance,
    sides: [Samples; 2],
}

/// A curve of one side at a moment.
struct At {
    value: f64,
    /// How far it went from the last step of its device to the next one.
    moved: f64,
    rests: bool,
    /// Whether the trace says that a move was under way, until it was done.
    moves: bool,
}

impl<'a> Readings<'a> {
    pub(super) fn of(traces: [&'a Trace; 2], settings: &Settings) -> Self {
        let [left, mut right]: [BTreeMap<&str, (&Channel, Samples)>; 2] =
            traces.map(|trace| samples(trace, settings));
        let curves = left.into_iter().filter_map(|(name, (channel, one))| {
            let (_, other) = right.remove(name)?;
            Some(Reading {
                channel,
                device: channel.device.as_deref()?,
                tolerance: settings.tolerance(channel),
                sides: [one, other],
            })
        });
        Self {
            curves: curves.collect(),
            noise: Time::from_seconds(settings.time.noise * NOISES).unwrap_or(Time::ZERO),
            off: settings.curve.off,
        }
    }

    /// The curves that read something else at an exposure than on the other side, with their devices: when it
    /// began, or else when it ended. Both sides have asked their devices for the same.
    pub(super) fn unlike(
        &self,
        sides: &[Steps<'_>; 2],
        exposures: [usize; 2],
        order: &Order<'_>,
        titles: &Titles<'_>,
    ) -> Vec<(&'a str, Gate)> {
        let at = [0, 1].map(|side| &sides[side].asked[exposures[side]]);
        let detector = at[0].device();
        let mut unlike = Vec::new();
        for curve in &self.curves {
            let asked = |side: &Steps<'_>| !side.of_device(curve.device).is_empty();
            if curve.device == detector
                || !sides.iter().any(asked)
                || !order.sees(curve.device, detector)
                || !same_requests(sides, curve.device, exposures)
            {
                continue;
            }
            let ends = at.map(|it| it.done.filter(|&done| done > it.t));
            let moments = [Some(at.map(|it| it.t)), both(ends)];
            let values = moments.into_iter().flatten();
            let Some([was, is]) = values.filter_map(|it| self.apart(curve, sides, it)).next()
            else {
                continue;
            };
            let gate = Gate {
                channel: curve.channel.plain_name().to_owned(),
                title: titles.title(curve.channel),
                aspect: Aspect::Reading,
                reference: worded(was, curve.channel),
                session: worded(is, curve.channel),
            };
            unlike.push((curve.device, gate));
        }
        unlike
    }

    /// What both sides read at a moment, if that is not the same.
    fn apart(&self, curve: &Reading<'_>, sides: &[Steps<'_>; 2], t: [Time; 2]) -> Option<[f64; 2]> {
        let [one, other] = both([0, 1].map(|side| self.at(curve, side, &sides[side], t[side])))?;
        let apart = (one.value - other.value).abs();
        let bound = curve.bound(one.value, other.value);
        let way = one.moved.max(other.moved).max(SHORTEST * bound);
        let part = if one.rests && other.rests {
            NEAR
        } else {
            self.off
        };
        let flown = one.moves && other.moves;
        let counts = !flown && apart > (TOLERANCES * bound).max(part * way);
        counts.then_some([one.value, other.value])
    }

    /// Nothing is known of a curve that was first heard of after a later step of its device: that is where it had gone by
    /// then, and not where it had rested.
    fn at(&self, curve: &Reading<'_>, side: usize, steps: &Steps<'_>, t: Time) -> Option<At> {
        let course = Course {
            samples: &curve.sides[side],
            held: is_held(curve.channel),
        };
        let (last, next) = steps.around(curve.device, t);
        let first = course.samples.first()?.0;
        if first > t && next.is_some_and(|next| first > next) {
            return None;
        }
        let value = course.between(last.map(|step| step.t), t, next);
        let came_to = course.at(next.unwrap_or(Time::from_nanos(i64::MAX)));
        let start = last.map_or(Time::from_nanos(i64::MIN), |step| step.t);
        let from = course.at(start);
        let moved = (came_to - from).abs().max((value - from).abs());
        let bound = curve.bound(value, came_to);
        let (low, high) = course.extent(start.max(t - self.noise), t);
        let arrived = (value - came_to).abs() <= bound.max(NEAR * moved) && high - low <= bound;
        let lasts = |step: &Asked<'_>| step.done.is_some_and(|done| done > step.t);
        let lasting = last.filter(|step| lasts(step));
        let done = lasting.and_then(|step| step.done);
        Some(At {
            value,
            moved,
            rests: arrived || done.is_some_and(|done| done <= t),
            moves: done.is_some_and(|done| done > t),
        })
    }
}

impl Reading<'_> {
    /// How far two values may differ and be the same.
    fn bound(&self, one: f64, other: f64) -> f64 {
        self.tolerance.bound(one.abs().max(other.abs()))
    }
}

fn both<T>(sides: [Option<T>; 2]) -> Option<[T; 2]> {
    let [one, other] = sides;
    Some([one?, other?])
}

/// A reading in four digits that count.
fn worded(value: f64, channel: &Channel) -> String {
    let short: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    crate::comparison::worded(&short.into(), channel)
}
