//! One curve as a function of time.

use beamtwin_trace::{Channel, Time};

/// When a curve had what value.
pub(crate) type Samples = Vec<(Time, f64)>;

/// A curve between its samples, of which there is at least one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course<'a> {
    pub(crate) samples: &'a Samples,
    /// Whether it keeps a value until the next one.
    pub(crate) held: bool,
}

impl Course<'_> {
    /// The value at a moment: between two samples on the line that joins them, or the former of the two where the
    /// curve is held; before the first and after the last as these.
    pub(crate) fn at(self, t: Time) -> f64 {
        let after = self.samples.partition_point(|sample| sample.0 <= t);
        let Some(&(t0, v0)) = after.checked_sub(1).and_then(|at| self.samples.get(at)) else {
            return self.samples[0].1;
        };
        match self.samples.get(after) {
            Some(&(t1, v1)) if !self.held => {
                v0 + (v1 - v0) * (t - t0).seconds() / (t1 - t0).seconds()
            }
            _ => v0,
        }
    }

    /// The value at a moment between two steps: what lies before the one, or after the other, was another course,
    /// and a curve that rested until a step has no sample there.
    pub(crate) fn between(self, last: Option<Time>, t: Time, next: Option<Time>) -> f64 {
        let after = self.samples.partition_point(|sample| sample.0 <= t);
        let sample = |at: usize| self.samples.get(at).copied();
        let (Some((t0, v0)), Some((t1, v1))) =
            (after.checked_sub(1).and_then(sample), sample(after))
        else {
            return self.at(t);
        };
        let start = last.map_or(t0, |last| last.max(t0));
        if self.held || next.is_some_and(|next| t1 > next) {
            return v0;
        }
        v0 + (v1 - v0) * (t - start).seconds() / (t1 - start).seconds()
    }

    /// The lowest and the highest value between two moments.
    pub(crate) fn extent(self, start: Time, end: Time) -> (f64, f64) {
        let from = self.samples.partition_point(|sample| sample.0 <= start);
        let until = self.samples.partition_point(|sample| sample.0 <= end);
        let inside = self.samples[from..until.max(from)].iter();
        let values = inside
            .map(|sample| sample.1)
            .chain([self.at(start), self.at(end)]);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    }
}

/// Whether a channel keeps a value until the next one.
pub(crate) fn is_held(channel: &Channel) -> bool {
    channel.interp.as_deref().is_some_and(|it| it != "linear")
}
