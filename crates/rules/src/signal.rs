//! What is known of a process variable over time.

use std::collections::VecDeque;
use std::time::Duration;

use beamtwin_pv::SimTime;

/// A curve runs straight between two samples that are less than this apart; across more it stands still.
///
/// What moves is sampled more often, in this twin ten times a second; what is not sampled does not move.
pub(crate) const GAP: Duration = Duration::from_secs(1);

/// A sample: when, and what.
type Sample = (SimTime, f64);

/// The samples of one process variable, those in the past forgotten.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    curve: bool,
    /// The last one that has been judged.
    last: Option<Sample>,
    /// Those that are to be judged.
    ahead: VecDeque<Sample>,
}

impl Track {
    pub(crate) fn new(curve: bool) -> Self {
        Self {
            curve,
            last: None,
            ahead: VecDeque::new(),
        }
    }

    /// The same so much later.
    pub(crate) fn later(&self, by: Duration) -> Self {
        let later = |&(at, value): &Sample| (at + by, value);
        Self {
            curve: self.curve,
            last: self.last.as_ref().map(later),
            ahead: self.ahead.iter().map(later).collect(),
        }
    }

    /// Takes a sample; the last of an instant counts.
    pub(crate) fn set(&mut self, at: SimTime, value: f64) {
        match self.ahead.back_mut() {
            Some(sample) if sample.0 == at => sample.1 = value,
            _ => self.ahead.push_back((at, value)),
        }
    }

    /// When the next sample to be judged was taken.
    pub(crate) fn next(&self) -> Option<SimTime> {
        self.ahead.front().map(|&(at, _)| at)
    }

    /// From when on it is certain that a curve has not moved on, if nothing is heard of it.
    pub(crate) fn settles(&self) -> Option<SimTime> {
        let (at, _) = self.ahead.back().copied().or(self.last)?;
        self.curve.then_some(at + GAP)
    }

    /// Whether its value at a moment is known for good, all that happened until `now` having been heard.
    pub(crate) fn is_known(&self, at: SimTime, now: SimTime) -> bool {
        let heard = self.ahead.back().is_some_and(|&(last, _)| last >= at);
        heard || self.settles().is_none_or(|settles| settles <= now)
    }

    /// The samples between which it runs straight.
    fn line(&self) -> Option<(Sample, Sample)> {
        let (from, to) = (self.last?, *self.ahead.front()?);
        (self.curve && to.0.since(from.0) < GAP).then_some((from, to))
    }

    /// Its value at a moment between the last sample and the next.
    pub(crate) fn value(&self, at: SimTime) -> Option<f64> {
        match self.line() {
            Some((from, to)) if at == to.0 => Some(to.1).filter(|_| from.1.is_finite()),
            Some((from, to)) => {
                let part = at.since(from.0).as_secs_f64() / to.0.since(from.0).as_secs_f64();
                Some(from.1 + (to.1 - from.1) * part)
            }
            None => self.last.map(|(_, value)| value),
        }
        .filter(|value| value.is_finite())
    }

    /// How fast it changes between the last sample and the next, per second.
    pub(crate) fn rate(&self) -> Option<f64> {
        match self.line() {
            Some((from, to)) => Some((to.1 - from.1) / to.0.since(from.0).as_secs_f64()),
            None => self.last.map(|_| 0.0),
        }
        .filter(|rate| rate.is_finite())
    }

    /// Goes on to a moment: a sample that was taken then is the last one now.
    pub(crate) fn pass(&mut self, at: SimTime) {
        if self.next() == Some(at) {
            self.last = self.ahead.pop_front();
        }
    }
}
