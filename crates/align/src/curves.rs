//! Curves laid over each other: readbacks and temperatures as functions of time.

mod climb;
mod clock;
pub(crate) mod course;
mod pair;

use std::collections::BTreeMap;

use beamtwin_trace::{Channel, Fact, Trace, What};
use serde::Serialize;

use crate::comparison::{Row, RowOp};
use crate::paces::Paces;
use crate::score::Weighed;
use crate::titles::Titles;
use crate::{Settings, tolerance};
use clock::Clock;
use course::{Samples, is_held};
use pair::Pair;

pub use climb::Climb;

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
    /// Whether these are further apart than the tolerance of the channel.
    pub ended: bool,
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
    /// In what the two differ, in words: what is under half a percent of the span is not told, but for where they
    /// ended.
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
        if self.ended {
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

/// All curves that both sides have, of devices that were asked for something; and the part that they leave of what
/// agrees, where several of one device count once.
pub(crate) fn of(
    reference: &Trace,
    session: &Trace,
    rows: &[Row],
    weighed: Weighed,
    titles: &Titles<'_>,
    paces: &[Paces; 2],
    settings: &Settings,
) -> (Vec<Curve>, f64) {
    let (left, right) = (samples(reference, settings), samples(session, settings));
    let ends = [reference, session].map(Trace::last);
    let mut curves = Vec::new();
    let mut lost: BTreeMap<Option<&str>, Vec<f64>> = BTreeMap::new();
    for (name, (channel, one)) in &left {
        let Some((_, other)) = right.get(name) else {
            continue;
        };
        let Some(clock) = Clock::of(rows, channel, &[RowOp::Matched, RowOp::Differs]) else {
            continue;
        };
        let tolerance = settings.tolerance(channel);
        let sides = [one, other];
        let pair = Pair {
            sides,
            anchors: clock.anchors(sides),
            held: is_held(channel),
        };
        let overlay = pair.overlay(|value| tolerance.bound(value));
        let score = 1.0 - overlay.off();
        let climb = pair.climb(overlay.span, tolerance.bound(overlay.span));
        let slower = climb.is_some_and(|it| {
            let noise = settings.time.noise * Paces::faster(paces, it.start);
            it.times() >= settings.curve.slower && it.longer().abs() > NOISES * noise
        });
        let device = channel.device.as_deref();
        let took = clock::lost(rows, channel, &pair, |value| tolerance.bound(value));
        lost.entry(device).or_default().push(took);
        curves.push(Curve {
            channel: (*name).to_owned(),
            title: titles.title(channel),
            units: channel.units.clone(),
            span: overlay.span,
            area: overlay.area,
            overshoot: overlay.overshoot,
            end: overlay.end,
            last: overlay.last,
            ended: !tolerance.close(overlay.last[0], overlay.last[1]),
            held: pair.held_for(overlay.span / 100.0, ends),
            climb,
            slower,
            score,
            decides: overlay.off() > settings.curve.off || slower,
        });
    }
    // Where both began at the same place, what never moved is there still.
    let curves_of = [left, right];
    if same_start([reference, session]) {
        for it in silent(&curves_of, [reference, session]) {
            let Some(clock) = Clock::of(rows, it.channel, &[RowOp::Matched, RowOp::Differs]) else {
                continue;
            };
            let rest = vec![it.samples[0]];
            let mut sides = [&rest, &rest];
            sides[it.heard] = it.samples;
            let pair = Pair {
                sides,
                anchors: clock.anchors(sides),
                held: is_held(it.channel),
            };
            let tolerance = settings.tolerance(it.channel);
            let took = clock::lost(rows, it.channel, &pair, |value| tolerance.bound(value));
            let device = it.channel.device.as_deref();
            lost.entry(device).or_default().push(took);
        }
    }
    let left = if weighed.agreeing > 0.0 {
        weighed.left(lost.values().map(|took| mean(took)).sum())
    } else if curves.is_empty() {
        1.0
    } else {
        mean(&curves.iter().map(|curve| curve.score).collect::<Vec<_>>())
    };
    (curves, left)
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// A curve that one side posted, of a device that posted none on the other.
pub(crate) struct Silent<'a, 'b> {
    /// The side that posted it.
    pub(crate) heard: usize,
    pub(crate) channel: &'a Channel,
    pub(crate) samples: &'b Samples,
}

/// The curves of devices that posted none on one side, though its trace tells what was done. Of a trace that does not,
/// nobody knows what was listened to.
pub(crate) fn silent<'a, 'b>(
    curves: &'b [BTreeMap<&str, (&'a Channel, Samples)>; 2],
    traces: [&Trace; 2],
) -> Vec<Silent<'a, 'b>> {
    let mut silent = Vec::new();
    for heard in [0, 1] {
        let posted = |device: &str| {
            let mut channels = curves[1 - heard].values();
            channels.any(|(channel, _)| channel.device.as_deref() == Some(device))
        };
        let before = silent.len();
        for (channel, samples) in curves[heard].values() {
            if channel.device.as_deref().is_some_and(|it| !posted(it)) {
                silent.push(Silent {
                    heard,
                    channel,
                    samples,
                });
            }
        }
        let mut facts = traces[1 - heard].facts.iter();
        if silent.len() > before && !facts.any(|fact| matches!(fact.what, What::Done { .. })) {
            silent.truncate(before);
        }
    }
    silent
}

/// Whether both sessions were recorded at one beamline, which begins the same each time.
pub(crate) fn same_start(traces: [&Trace; 2]) -> bool {
    let [one, other] = traces.map(|trace| trace.header.file.as_deref());
    one.is_some() && one == other
}

/// The samples of each curve of a trace.
pub(crate) fn samples<'a>(
    trace: &'a Trace,
    settings: &Settings,
) -> BTreeMap<&'a str, (&'a Channel, Samples)> {
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
            samples.push((*t, value));
        }
    }
    curves
}
