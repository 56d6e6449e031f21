//! The steps at which the clocks of two curves are set anew.

use beamtwin_trace::{Channel, Time};

use super::course::Samples;
use super::pair::Pair;
use crate::comparison::{Row, RowOp};
use crate::score::earned;

/// When both sides took a step of a curve's device, and what that step earned.
pub(super) struct Clock {
    at: Vec<[Time; 2]>,
    earned: Vec<f64>,
}

impl Clock {
    /// Of the rows of the device of a channel that are of some kind; none when neither side took a step of the
    /// device, so that nobody asked the curve to be anything.
    pub(super) fn of(rows: &[Row], channel: &Channel, counts: &[RowOp]) -> Option<Self> {
        let own = || {
            rows.iter()
                .filter(|row| row.device.as_deref() == channel.device.as_deref())
        };
        if channel.device.is_some() && own().next().is_none() {
            return None;
        }
        let time = |row: &Row| Some((row.reference.as_ref()?.t, row.session.as_ref()?.t));
        let paired = own().filter(|row| counts.contains(&row.op));
        let mut steps: Vec<_> = paired
            .filter_map(|row| Some((time(row)?, earned(row))))
            .collect();
        // What commutes comes in two orders: the mean of both favours neither side.
        steps.sort_by_key(|((one, other), _)| *one + *other);
        steps.dedup_by(|(next, _), (last, _)| next.0 <= last.0 || next.1 <= last.1);
        Some(Self {
            at: steps
                .iter()
                .map(|&((one, other), _)| [one, other])
                .collect(),
            earned: steps.into_iter().map(|(_, earned)| earned).collect(),
        })
    }

    /// The moments, or else those at which two curves begin.
    pub(super) fn anchors(self, sides: [&Samples; 2]) -> Vec<[Time; 2]> {
        if self.at.is_empty() {
            vec![sides.map(|samples| samples[0].0)]
        } else {
            self.at
        }
    }
}

/// The weight that is lost by how far curves are apart: from one step that agrees to the next, at most what the
/// lighter of the two earned. Where nobody asked for anything on a device without a name, it is the lightest of all.
///
/// The scale is that of the whole recording, lest it change with the steps that agree.
pub(super) fn lost(
    rows: &[Row],
    channel: &Channel,
    pair: &Pair<'_>,
    bound: impl Fn(f64) -> f64,
) -> f64 {
    let Some(Clock { at, earned }) = Clock::of(rows, channel, &[RowOp::Matched]) else {
        return 0.0;
    };
    let is_own = |row: &Row| row.device.as_deref() == channel.device.as_deref();
    if !rows.iter().any(is_own) {
        let agreeing = rows.iter().filter(|row| row.agrees());
        let lightest = agreeing.map(|row| row.weight).fold(f64::INFINITY, f64::min);
        let off = pair.overlay(bound).off();
        return off * if lightest.is_finite() { lightest } else { 0.0 };
    }
    let pair = Pair {
        anchors: at,
        ..*pair
    };
    let scale = pair.scale([Time::from_nanos(i64::MIN); 2], bound);
    let stretch = |place: usize| {
        let next = earned.get(place + 1).unwrap_or(&earned[place]);
        earned[place].min(*next) * pair.off(place, scale)
    };
    (0..earned.len()).map(stretch).sum()
}
