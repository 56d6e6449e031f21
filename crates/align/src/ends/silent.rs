//! Curves that one side never posted, though both asked their devices for the same: a motor that did not move.

use std::collections::BTreeSet;

use beamtwin_trace::{Channel, Trace};

use super::readings::Elsewhere;
use crate::Settings;
use crate::comparison::{Row, RowOp};
use crate::curves::course::{Course, is_held};
use crate::curves::{self, Silent, same_start, samples};
use crate::exposed::reading::{NEAR, TOLERANCES};
use crate::sequence::Asked;

/// The curves of devices that posted none on one side, and went to more than one place by steps that both took. What never
/// changed has one value, though no trace tells which: whoever was asked for what it had already posts nothing.
pub(super) fn of<'a>(
    traces: [&'a Trace; 2],
    asked: [&[Asked<'_>]; 2],
    rows: &[Row],
    settings: &Settings,
) -> Vec<Elsewhere<'a>> {
    let curves = traces.map(|trace| samples(trace, settings));
    let mut still = Vec::new();
    for Silent {
        heard,
        channel,
        samples,
    } in curves::silent(&curves, traces)
    {
        let course = Course {
            samples,
            held: is_held(channel),
        };
        let places = places(course, heard, channel, asked[heard], rows);
        let begin = same_start(traces).then_some(samples[0].1);
        let places = || {
            places
                .iter()
                .copied()
                .chain(begin.filter(|_| !places.is_empty()))
        };
        let low = places().fold(f64::INFINITY, f64::min);
        let high = places().fold(f64::NEG_INFINITY, f64::max);
        let bound = settings.tolerance(channel).bound(low.abs().max(high.abs()));
        let end = traces[heard].last();
        let part = if channel.tolerance.is_some() || settings.is_particular(channel) {
            0.0
        } else {
            let (from, to) = course.extent(samples[0].0, end);
            NEAR * (to - from)
        };
        if high - low > (TOLERANCES * bound).max(part) {
            let mut last = [None; 2];
            last[heard] = Some(course.at(end));
            still.push(Elsewhere { channel, last });
        }
    }
    still
}

/// Where a curve came to by each step of its device that both sides took, as far as that is known. Nothing if it first moved
/// by another one.
fn places(
    course: Course<'_>,
    side: usize,
    channel: &Channel,
    asked: &[Asked<'_>],
    rows: &[Row],
) -> Vec<f64> {
    let device = channel.device.as_deref();
    let entry = |row: &Row| match side {
        0 => row.reference.as_ref().map(|it| it.n),
        _ => row.session.as_ref().map(|it| it.n),
    };
    let of_device = rows.iter().filter(|row| row.device.as_deref() == device);
    let matched = of_device.filter(|row| row.op == RowOp::Matched);
    let matched: BTreeSet<u64> = matched.filter_map(entry).collect();
    let steps: Vec<&Asked<'_>> = asked
        .iter()
        .filter(|step| Some(step.device()) == device)
        .collect();
    let first = course.samples[0];
    let mut places = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let next = steps.get(at + 1).map(|next| next.t);
        if next.is_some_and(|next| next <= first.0) {
            continue;
        }
        if !matched.contains(&step.n) {
            if places.is_empty() {
                return places;
            }
            continue;
        }
        let end = next.unwrap_or(course.samples[course.samples.len() - 1].0);
        places.push(course.between(Some(step.t), end, next));
    }
    places
}
