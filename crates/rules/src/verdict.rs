//! What became of a rule.

use beamtwin_pv::SimTime;
use serde::{Serialize, Serializer};

use crate::rule::Severity;

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It held whenever it could be judged.
    Held,
    /// It was broken.
    Broken,
    /// What it is about was never known.
    Unknown,
}

/// A time during which a rule was broken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Breach {
    /// From when.
    #[serde(serialize_with = "seconds")]
    pub from: SimTime,
    /// Until when.
    #[serde(serialize_with = "seconds")]
    pub to: SimTime,
    /// Whether it was so still when the session ended.
    pub open: bool,
    /// How bad it was at its worst.
    pub worst: Closest,
}

/// The margin where it was least.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Closest {
    /// How far the rule was from being broken, or below zero, by how much it was; infinite, which JSON has as null,
    /// where it is only true or false.
    pub by: f64,
    /// In these units, if they are known.
    pub units: Option<String>,
    /// When.
    #[serde(serialize_with = "seconds")]
    pub at: SimTime,
    /// The comparison that decides, as it is written.
    pub comparison: Option<String>,
}

/// All that is to be said of a rule and a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Which rule.
    pub rule: String,
    /// What it says when it is broken.
    pub message: String,
    /// How bad that is.
    pub severity: Severity,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether there was a time of which the rule speaks: false if its `while` never held.
    pub applied: bool,
    /// The least margin; of a rule with `within`, that of its condition, which may be broken for a while.
    pub margin: Option<Closest>,
    /// Of a rule with `within`: for how long it may be broken at a stretch, in seconds.
    #[serde(serialize_with = "maybe_seconds")]
    pub within: Option<SimTime>,
    /// The longest time at a stretch during which the condition was broken, in seconds.
    #[serde(serialize_with = "seconds")]
    pub longest: SimTime,
    /// How often it was broken.
    pub count: usize,
    /// When it was broken, the first of them.
    pub breaches: Vec<Breach>,
    /// For how long it could not be judged, in seconds.
    #[serde(serialize_with = "seconds")]
    pub unknown: SimTime,
}

/// A rule that has just been broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which, by its place among the rules.
    pub rule: usize,
    /// Since when.
    pub since: SimTime,
}

fn seconds<S: Serializer>(time: &SimTime, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(time.as_secs_f64())
}

fn maybe_seconds<S: Serializer>(time: &Option<SimTime>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => seconds(time, to),
        None => to.serialize_none(),
    }
}
