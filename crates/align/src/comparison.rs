//! What a comparison finds: a plain value, ready to be written in any form.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use beamtwin_trace::{Channel, Datum, End, Time};
use serde::Serialize;

use crate::Settings;
use crate::curves::Curve;
use crate::cut::Cut;
use crate::exposed::Gate;
use crate::pace::Pace;
use crate::sequence::Asked;
use crate::tolerance::number;

/// How a session compares with a reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The method, which is `beamtwin`.
    pub method: &'static str,
    /// How much alike they are, from 0 to 1.
    pub score: f64,
    /// Whether they did the same.
    pub alike: bool,
    /// What the score is made of.
    pub parts: Parts,
    /// Which of several references this is about, from zero: the one that compares best.
    pub best: usize,
    /// How many rows there are of each kind.
    pub counts: Counts,
    /// What the reference asked for, in numbers.
    pub reference: Side,
    /// What the session asked for, in numbers.
    pub session: Side,
    /// What is not alike, in words, in the order of the rows.
    pub reasons: Vec<String>,
    /// What is not alike and does not decide, in words.
    pub remarks: Vec<String>,
    /// What lessens the worth of the comparison, in words.
    pub caveats: Vec<String>,
    /// How far one side was compared, where the other one breaks off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
    /// When matched steps came.
    pub time: Pace,
    /// How curves lie over each other.
    pub curves: Vec<Curve>,
    /// Which channels ended otherwise, of those that clients asked for and that answer them.
    pub ends: Vec<Ended>,
    /// Both sides, aligned.
    pub rows: Vec<Row>,
    /// The settings used.
    pub settings: Settings,
}

/// What a score is made of: weighted steps, from which curves and times can each take a part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Parts {
    /// The part of all that either side asked for which both asked for, each counted once.
    pub steps: f64,
    /// The same by weight, which is what counts.
    pub weighted: f64,
    /// How well curves agree between steps, by the weight of these; 1 of none.
    pub curves: f64,
    /// How well intervals between steps agree, by the weight of these; 1 of none.
    pub time: f64,
}

/// A channel that ended otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ended {
    /// The channel, without a trailing `.VAL`.
    pub channel: String,
    /// What the channel is called in a sentence.
    pub title: String,
    /// The last value of the reference, in words.
    pub reference: String,
    /// The last value of the session, in words.
    pub session: String,
    /// All that in a sentence.
    pub words: String,
    /// Whether a step asked for it, or it is a curve of a device that was asked for something: a reason and no mere
    /// remark.
    pub asked: bool,
}

/// How many rows there are of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Both asked for the same.
    pub matched: usize,
    /// Both asked for something on the same channel, but not the same.
    pub differing: usize,
    /// Only the reference asked.
    pub missing: usize,
    /// Only the session asked.
    pub extra: usize,
    /// How many of the missing are extra elsewhere: what both asked for once, at other places.
    pub moved: usize,
    /// How many violated limits, and refused puts that count, one side has more than the other.
    pub refused: usize,
    /// How many devices ended elsewhere, by a curve of theirs.
    pub elsewhere: usize,
}

/// One side of a comparison, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// The title of the beamline.
    pub beamline: String,
    /// How many things were asked for, that count.
    pub asked: usize,
    /// How many exposures were started.
    pub exposures: usize,
    /// The time from the first to the last thing asked for.
    pub duration: Time,
    /// How many stops of what stood still were left out.
    pub idle_stops: usize,
    /// What was asked for and refused.
    pub refused: Vec<Note>,
    /// The markers.
    pub markers: Vec<Note>,
    /// The faults, each with its device.
    pub faults: Vec<Note>,
    /// The clients who asked for anything, by number, in words: user and host, and of several their numbers.
    pub who: BTreeMap<u32, String>,
    /// How the recording ended.
    pub end: End,
}

impl Side {
    /// Which line asked for something, where that is known, and who, where it was not always the same client.
    pub(crate) fn by(&self, entry: &Entry) -> String {
        let at = entry.at.as_ref().map(|at| format!(" in {at}"));
        let who = entry.by.and_then(|by| self.who.get(&by));
        let who = who.filter(|_| self.who.len() > 1);
        let who = who.map(|who| format!(" by {who}"));
        [at, who].into_iter().flatten().collect()
    }
}

/// A remark at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// When.
    pub t: Time,
    /// What.
    pub text: String,
}

/// How the two sides of a row relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RowOp {
    /// Both asked for the same.
    Matched,
    /// Both asked for something on the same channel, but not the same, or one of them in vain.
    Differs,
    /// Only the reference asked.
    Missing,
    /// Only the session asked.
    Extra,
}

/// One aligned row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// How the two sides relate.
    pub op: RowOp,
    /// The channel, without a trailing `.VAL`.
    pub channel: Arc<str>,
    /// The device that owns the channel, if the trace says so.
    pub device: Option<Arc<str>>,
    /// What the channel is called in a sentence.
    pub title: Arc<str>,
    /// The units of the values.
    pub units: Option<Arc<str>>,
    /// What the reference asked for.
    pub reference: Option<Entry>,
    /// What the session asked for.
    pub session: Option<Entry>,
    /// By how much the number of the session is larger, in a row that differs.
    pub difference: Option<f64>,
    /// How much later the session asked, both counted from the first thing each asked for.
    pub delay: Option<Time>,
    /// For a row that was moved, the place of its other half among the rows.
    pub moved: Option<usize>,
    /// Whether the sides asked in another order, which does not matter.
    pub commuted: bool,
    /// What the row adds to the score when it agrees, or costs when it does not: what both sides asked for,
    /// but at different places, costs where the reference has it, and elsewhere only what it weighs more there.
    pub weight: f64,
    /// Whether the channel starts exposures.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exposure: bool,
    /// Of an exposure: in what its state was not the same on both sides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
}

/// What one side has in a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The number of the fact in its trace.
    pub n: u64,
    /// When.
    pub t: Time,
    /// The number of the client who asked, if the trace tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<u32>,
    /// The line of the script that asked, if the trace tells it: `scan.py:42`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Arc<str>>,
    /// What was asked for.
    pub value: Datum,
    /// The name of the choice, on a channel with named choices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Arc<str>>,
    /// Why it was refused; such a step stands beside one of the other side, and nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Arc<str>>,
}

impl Entry {
    pub(crate) fn of(asked: &Asked<'_>) -> Self {
        Self {
            n: asked.n,
            t: asked.t,
            by: asked.by,
            at: asked.at.map(Arc::from),
            value: asked.value.clone(),
            label: label(&asked.value, asked.channel).map(Arc::from),
            refused: None,
        }
    }

    /// By how much the number of the session is larger.
    pub(crate) fn difference(&self, session: &Self) -> Option<f64> {
        let difference = number(&session.value)? - number(&self.value)?;
        Some(difference).filter(|it| it.is_finite())
    }
}

/// The name of the choice that a value is, if the channel has names for them.
fn label<'a>(value: &Datum, channel: &'a Channel) -> Option<&'a str> {
    match value {
        Datum::Number(place) if *place >= 0.0 && place.fract() == 0.0 => {
            channel.labels.get(*place as usize).map(String::as_str)
        }
        _ => None,
    }
}

/// A value in words, with its label or its units.
pub fn worded(value: &Datum, channel: &Channel) -> String {
    in_words(value, label(value, channel), channel.units.as_deref())
}

/// A number without what binary fractions add to it: 1.525, not 1.5250000000000001.
fn rounded(value: &Datum) -> Cow<'_, Datum> {
    let Datum::Number(number) = value else {
        return Cow::Borrowed(value);
    };
    let meant: f64 = format!("{number:.14e}").parse().unwrap_or(*number);
    if meant.to_string().len() + 2 < number.to_string().len() {
        Cow::Owned(Datum::Number(meant))
    } else {
        Cow::Borrowed(value)
    }
}

fn in_words(value: &Datum, label: Option<&str>, units: Option<&str>) -> String {
    let value = rounded(value);
    match (label, units) {
        (Some(label), _) => format!("{value} ({label})"),
        (None, Some(units)) if matches!(*value, Datum::Number(_)) => format!("{value} {units}"),
        _ => value.to_string(),
    }
}

impl Row {
    /// Whether both sides did the same.
    pub fn agrees(&self) -> bool {
        self.op == RowOp::Matched && self.gates.is_empty()
    }

    /// A value of the row in words, with its label or its units.
    pub fn worded(&self, entry: &Entry) -> String {
        in_words(&entry.value, entry.label.as_deref(), self.units.as_deref())
    }
}
