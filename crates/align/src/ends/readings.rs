//! Where curves and readbacks ended, of devices that were asked for something.

use std::collections::BTreeMap;

use beamtwin_trace::{Channel, Time, Trace};

use crate::Settings;
use crate::comparison::{Entry, Row, RowOp};
use crate::curves::course::{Course, Samples, is_held};
use crate::curves::samples;
use crate::exposed::reading::{NEAR, NOISES, TOLERANCES};
use crate::sequence::Asked;

/// A curve that ended elsewhere.
pub(super) struct Elsewhere<'a> {
    pub(super) channel: &'a Channel,
    /// Nothing on a side that never posted it.
    pub(super) last: [Option<f64>; 2],
}

/// The curves that ended further apart than what is the same: three tolerances where they have one, or else a hundredth
/// of what they span; as much as makes another course where either was still under way, or was stopped on its way by a
/// step that both took last.
pub(super) fn elsewhere<'a>(
    traces: [&'a Trace; 2],
    asked: [&[Asked<'_>]; 2],
    rows: &[Row],
    settings: &Settings,
) -> Vec<Elsewhere<'a>> {
    let [left, mut right]: [BTreeMap<&str, (&Channel, Samples)>; 2] =
        traces.map(|trace| samples(trace, settings));
    let ends = traces.map(Trace::last);
    let mut elsewhere = Vec::new();
    for (name, (channel, one)) in left {
        let Some((device, (_, other))) = channel.device.as_deref().zip(right.remove(name)) else {
            continue;
        };
        let last = asked.map(|side| side.iter().rfind(|step| step.device() == device));
        if last.iter().all(Option::is_none) {
            continue;
        }
        let stops = last_of_both(last, rows);
        let held = is_held(channel);
        let courses = [&one, &other].map(|samples| Course { samples, held });
        let values = [0, 1].map(|side| courses[side].at(ends[side]));
        let extents =
            courses.map(|it| it.extent(Time::from_nanos(i64::MIN), Time::from_nanos(i64::MAX)));
        let low = extents[0].0.min(extents[1].0);
        let high = extents[0].1.max(extents[1].1);
        let bound = settings.tolerance(channel).bound(low.abs().max(high.abs()));
        let span = high - low;
        let under_way = |side: usize| {
            let moves = |t: Time| {
                let noise = settings.time.noise * NOISES;
                let from = t - Time::from_seconds(noise).unwrap_or(Time::ZERO);
                let (low, high) = courses[side].extent(from, t);
                high - low > bound
            };
            let stopped = |t: Time| {
                let apart = (courses[side].at(t) - values[side]).abs();
                apart <= bound.max(NEAR * span) && moves(t)
            };
            stops.is_some_and(|stops| stopped(stops[side])) || moves(ends[side])
        };
        let apart = (values[0] - values[1]).abs();
        let part = if under_way(0) || under_way(1) {
            settings.curve.off
        } else if channel.tolerance.is_some() || settings.is_particular(channel) {
            0.0
        } else {
            NEAR
        };
        if apart > (TOLERANCES * bound).max(part * span) {
            elsewhere.push(Elsewhere {
                channel,
                last: values.map(Some),
            });
        }
    }
    elsewhere
}

/// When both sides took the last step of a device, if that is one and the same.
fn last_of_both(last: [Option<&Asked<'_>>; 2], rows: &[Row]) -> Option<[Time; 2]> {
    let [Some(one), Some(other)] = last else {
        return None;
    };
    let is =
        |entry: &Option<Entry>, step: &Asked<'_>| entry.as_ref().is_some_and(|it| it.n == step.n);
    let row = rows.iter().rfind(|row| is(&row.reference, one))?;
    let matched = row.op == RowOp::Matched && is(&row.session, other);
    matched.then_some([one.t, other.t])
}
