//! When matched steps came: late, out of pace, or stretched.

use beamtwin_trace::Time;
use serde::Serialize;

use crate::Settings;
use crate::comparison::{Row, RowOp};
use crate::paces::Paces;
use crate::score::{Weighed, earned};

/// How many intervals are named at most.
const NAMED: usize = 5;

/// How the times of matched steps compare.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pace {
    /// How many steps matched, of which all this is made.
    pub matched: usize,
    /// How much later the session took its first matched step, both counted from the start of the
    /// recording.
    pub late_start: Option<Time>,
    /// How many times as long the intervals of the session are, by their median; none where the
    /// reference takes no time.
    pub stretch: Option<f64>,
    /// How many intervals that explains beyond the noise; none where all that they differ by may be noise, so that
    /// the ratio of what is short says nothing.
    pub stretched: usize,
    /// How much longer the session is, from its first to its last matched step.
    pub longer: Time,
    /// How well the intervals between matched steps agree, from 0 to 1, by the weight of these steps: the part of
    /// what they earn that times leave. 1 of no interval.
    pub score: f64,
    /// The intervals that stand out, the worst first.
    pub intervals: Vec<Interval>,
    /// Whether the run is stretched beyond what counts as alike.
    pub decides: bool,
}

/// An interval between two matched steps that stands out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The row that ends it.
    pub row: usize,
    /// How long it is in the reference.
    pub reference: Time,
    /// How long it is in the session.
    pub session: Time,
    /// How much of it is noise, in seconds: the more, the faster device time passed.
    #[serde(skip)]
    noise: f64,
}

impl Interval {
    /// How much longer it is in the session.
    pub fn longer(&self) -> Time {
        self.session - self.reference
    }

    /// How well the two agree, from 0 to 1: the shorter one with the noise, over the longer one.
    fn agreement(&self) -> f64 {
        let noise = self.noise;
        let (one, other) = (self.reference.seconds(), self.session.seconds());
        let (shorter, longer) = (one.min(other).max(0.0), one.max(other));
        if longer <= noise {
            1.0
        } else {
            ((shorter + noise) / longer).min(1.0)
        }
    }
}

/// How the times of rows compare, of which it is told what they earned.
pub(crate) fn of(rows: &[Row], weighed: Weighed, paces: &[Paces; 2], settings: &Settings) -> Pace {
    let bounds = settings.time;
    let mut steps: Vec<(Time, Time, usize)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.op == RowOp::Matched)
        .filter_map(|(place, row)| {
            Some((row.reference.as_ref()?.t, row.session.as_ref()?.t, place))
        })
        .collect();
    // What commutes comes in two orders: the mean of both favours neither side.
    steps.sort_by_key(|&(one, other, place)| (one + other, place));
    let faster = |step: &(Time, Time, usize)| Paces::faster(paces, [step.0, step.1]);
    let intervals: Vec<Interval> = steps
        .windows(2)
        .map(|two| Interval {
            row: two[1].2,
            reference: two[1].0 - two[0].0,
            session: two[1].1 - two[0].1,
            noise: bounds.noise * faster(&two[0]).max(faster(&two[1])),
        })
        .collect();
    let lost = steps.windows(2).zip(&intervals).map(|(two, interval)| {
        let [start, end] = [&rows[two[0].2], &rows[two[1].2]].map(earned);
        start.min(end) * (1.0 - interval.agreement())
    });
    let score = weighed.left(lost.sum());
    let longer = match (steps.first(), steps.last()) {
        (Some(first), Some(last)) => (last.1 - first.1) - (last.0 - first.0),
        _ => Time::ZERO,
    };
    let stretch = stretch(&intervals);
    let fastest = steps.iter().map(faster).fold(0.0, f64::max);
    let times = stretch.map_or(1.0, |stretch| stretch.max(1.0 / stretch));
    Pace {
        matched: steps.len(),
        late_start: steps.first().map(|first| first.1 - first.0),
        stretch,
        stretched: stretch.map_or(0, |it| stretched(&intervals, it)),
        longer,
        score,
        intervals: standing_out(intervals),
        decides: times >= bounds.stretch && longer.seconds().abs() >= bounds.excess * fastest,
    }
}

/// The median of how many times as long intervals are, each weighing as much as it lasts: no single
/// interval moves it unless it lasts half the session.
fn stretch(intervals: &[Interval]) -> Option<f64> {
    let mut ratios: Vec<(f64, f64)> = intervals
        .iter()
        .map(|it| (it.reference.seconds(), it.session.seconds()))
        .filter(|(reference, _)| *reference > 0.0)
        .map(|(reference, session)| (session / reference, reference))
        .collect();
    ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = ratios.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    let mut reaches_half = |weight: f64| {
        sum += weight;
        sum >= half
    };
    let (ratio, _) = ratios.iter().find(|it| reaches_half(it.1))?;
    Some(*ratio)
}

/// How many intervals differ by more than the noise and as a stretch says, if together they differ by more than
/// the noise of all.
fn stretched(intervals: &[Interval], stretch: f64) -> usize {
    let apart = |it: &Interval| it.longer().seconds().abs();
    let is_explained = |it: &&Interval| {
        let (one, other) = (it.reference.seconds(), it.session.seconds());
        let away = (other - stretch * one).abs();
        apart(it) > it.noise && away <= it.noise.max(0.2 * one.max(other)).min(apart(it))
    };
    let explained: Vec<&Interval> = intervals.iter().filter(is_explained).collect();
    let noise: f64 = intervals.iter().map(|it| it.noise).sum();
    let differ: f64 = explained.iter().copied().map(apart).sum();
    match explained.as_slice() {
        // How many times as long as noise something is depends on the noise.
        [one] if one.reference.min(one.session).seconds() <= one.noise => 0,
        _ if differ <= noise => 0,
        _ => explained.len(),
    }
}

/// The intervals that are off by more than twenty times the noise, by more than a fifth of the longer
/// one, and by more than six times what is usual in this session, once it is no longer stretched, and that
/// differ by more than twenty times the noise as they were recorded, too.
fn standing_out(intervals: Vec<Interval>) -> Vec<Interval> {
    // Of fewer than three intervals that last, nobody can tell what is usual.
    let lasts = |it: &&Interval| it.reference.seconds() > 4.0 * it.noise;
    let ratio = |it: &Interval| it.session.seconds() / it.reference.seconds();
    let ratios: Vec<f64> = intervals.iter().filter(lasts).map(ratio).collect();
    let few = ratios.len() < 3;
    let away = |it: &Interval, stretch: f64| {
        (it.session.seconds() - stretch * it.reference.seconds()).abs()
    };
    let longer = |it: &Interval| it.session.seconds().max(it.reference.seconds());
    // A stretch that explains no more intervals than none is the mean of some that are off.
    let explained = |stretch: f64| {
        let explains = |it: &&Interval| away(it, stretch) <= it.noise.max(0.2 * longer(it));
        intervals.iter().filter(lasts).filter(explains).count()
    };
    let stretch = median(ratios)
        .filter(|&it| !few && explained(it) > explained(1.0))
        .unwrap_or(1.0);
    let off = |it: &Interval| away(it, stretch);
    let Some(usual) = median(intervals.iter().map(off).collect()) else {
        return Vec::new();
    };
    let mut named: Vec<Interval> = intervals
        .into_iter()
        .filter(|it| {
            let bound = 20.0 * it.noise;
            let differs = it.longer().seconds().abs() > bound;
            differs && off(it) > bound.max(6.0 * usual).max(0.2 * longer(it))
        })
        .collect();
    named.sort_by(|one, other| off(other).total_cmp(&off(one)));
    named.truncate(NAMED);
    named
}

/// The middle of some numbers; of an even count the lower of the two.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    let middle = numbers.len().checked_sub(1)? / 2;
    let (_, median, _) = numbers.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*median)
}
