//! All rules, on a recorded session.

use std::collections::BTreeMap;

use beamtwin_pv::SimTime;
use beamtwin_trace::{Datum, Time, Trace, What};

use crate::judge::Judge;
use crate::rule::Rule;
use crate::verdict::Verdict;

/// Judges a recorded session. `initial` tells the values at time zero, as far as they are known.
#[must_use]
pub fn judge(
    rules: Vec<Rule>,
    trace: &Trace,
    initial: impl Fn(&str) -> Option<f64>,
) -> Vec<Verdict> {
    let mut judge = Judge::new(rules);
    let places: BTreeMap<&str, u32> = trace
        .dictionary
        .iter()
        .map(|(&number, channel)| (plain(&channel.name), number))
        .collect();
    let mut signals: BTreeMap<u32, usize> = BTreeMap::new();
    for signal in judge.signals().to_vec() {
        if let Some(&number) = places.get(plain(&signal.pv)) {
            signals.insert(number, signal.at);
        }
        if let Some(value) = initial(&signal.pv) {
            judge.set(signal.at, SimTime::ZERO, value);
        }
    }
    let mut snapshots: BTreeMap<&str, Judge> = BTreeMap::new();
    // When the world went back, while only what is another value since then has been told.
    let mut back: Option<Time> = None;
    for fact in &trace.facts {
        let now = sim(fact.t);
        back = back.filter(|&back| back == fact.t && follows(&fact.what));
        match &fact.what {
            What::Snapshot { name, .. } => {
                judge.pass(now);
                snapshots.insert(name, judge.clone());
            }
            What::Restore { name, .. } => {
                if let Some(then) = snapshots.get(name.as_str()) {
                    judge.go_back(then, now);
                    back = Some(fact.t);
                }
            }
            What::Post(post) if back.is_none() => {
                if let Some(&signal) = signals.get(&post.pv) {
                    judge.set(signal, now, number(&post.value));
                }
            }
            _ => {}
        }
    }
    judge.finish(sim(trace.last()))
}

/// Whether a fact may be one of those that tell what is another value after the world went back.
const fn follows(what: &What) -> bool {
    match what {
        What::Post(post) => post.by.is_none(),
        What::Refused { .. } => true,
        What::Fault { by, .. } => by.is_none(),
        _ => false,
    }
}

/// A name without the field that goes without saying.
fn plain(name: &str) -> &str {
    name.strip_suffix(".VAL").unwrap_or(name)
}

fn number(value: &Datum) -> f64 {
    match value {
        Datum::Number(number) => *number,
        Datum::Flag(flag) => f64::from(u8::from(*flag)),
        Datum::Text(_) | Datum::List(_) | Datum::Digest(_) => f64::NAN,
    }
}

fn sim(time: Time) -> SimTime {
    SimTime::from_nanos(u64::try_from(time.nanos()).unwrap_or_default())
}
