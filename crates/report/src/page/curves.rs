//! The curves that a page lays over each other.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_align::Comparison;
use beamtwin_trace::{Channel, Datum, Role, Trace, What};
use serde::Serialize;

use super::thin::{held, thin};

/// Curves are drawn to this part of their span.
const FINE: f64 = 1.0 / 2000.0;

/// When a curve had what value.
type Samples = Vec<(f64, f64)>;

/// A curve as both sides have it.
#[derive(Debug, Serialize)]
pub(super) struct Curve<'a> {
    channel: &'a str,
    title: String,
    device: &'a str,
    units: Option<&'a str>,
    /// Whether a value stays as it is until the next one.
    held: bool,
    /// How alike they are and whether that decides, if both sides have the curve.
    score: Option<f64>,
    decides: bool,
    /// Times and values of either side.
    sides: [[Vec<f64>; 2]; 2],
}

/// The curves of the comparison, and others of devices that were asked for something.
pub(super) fn of<'a>(comparison: &'a Comparison, traces: [&'a Trace; 2]) -> Vec<Curve<'a>> {
    let rows = comparison.rows.iter();
    let devices: BTreeSet<&str> = rows.filter_map(|row| row.device.as_deref()).collect();
    let known: BTreeMap<&str, &beamtwin_align::Curve> = comparison
        .curves
        .iter()
        .map(|curve| (curve.channel.as_str(), curve))
        .collect();
    let of_interest = |channel: &Channel| {
        let device = channel.device.as_deref();
        let asked = device.is_some_and(|device| devices.contains(device));
        known.contains_key(channel.plain_name()) || channel.role == Role::Curve && asked
    };
    let mut sampled: BTreeMap<&str, Sampled<'_>> = BTreeMap::new();
    for (side, trace) in traces.into_iter().enumerate() {
        for fact in &trace.facts {
            let What::Post(post) = &fact.what else {
                continue;
            };
            let channel = trace.channel(post.pv).filter(|it| of_interest(it));
            if let (Some(channel), Datum::Number(value)) = (channel, &post.value)
                && value.is_finite()
            {
                let curve = sampled.entry(channel.plain_name());
                let sides = &mut curve.or_insert_with(|| Sampled::of(channel)).sides;
                sides[side].push((fact.t.seconds(), *value));
            }
        }
    }
    sampled
        .into_iter()
        .map(|(name, curve)| curve.drawn(name, known.get(name).copied()))
        .collect()
}

/// A channel with all its samples on either side.
struct Sampled<'a> {
    channel: &'a Channel,
    sides: [Samples; 2],
}

impl<'a> Sampled<'a> {
    fn of(channel: &'a Channel) -> Self {
        Self {
            channel,
            sides: Default::default(),
        }
    }

    fn drawn(self, name: &'a str, found: Option<&beamtwin_align::Curve>) -> Curve<'a> {
        let Self { channel, sides } = self;
        let is_held = channel.interp.as_deref().is_some_and(|it| it != "linear");
        let values = || sides.iter().flatten().map(|sample| sample.1);
        let span = values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min);
        let columns = |samples: Samples| {
            let kept = if is_held {
                held(&samples)
            } else {
                thin(&samples, span * FINE)
            };
            let (times, values) = kept.into_iter().unzip();
            [times, values]
        };
        Curve {
            channel: name,
            title: found.map_or_else(|| name.to_owned(), |it| it.title.clone()),
            device: channel.device.as_deref().unwrap_or(name),
            units: channel.units.as_deref(),
            held: is_held,
            score: found.map(|it| it.score),
            decides: found.is_some_and(|it| it.decides),
            sides: sides.map(columns),
        }
    }
}
