//! What both dictionaries say of the values of a channel.

use std::borrow::Cow;
use std::collections::BTreeMap;

use beamtwin_trace::{Channel, Trace};

/// Both traces, described alike: a channel holds only whole numbers if both say so, and has the larger of two
/// tolerances. What an importer tells from the values of one side alone may not decide.
pub(crate) fn alike<'a>(one: &'a Trace, other: &'a Trace) -> [Cow<'a, Trace>; 2] {
    [corrected(one, other), corrected(other, one)]
}

fn corrected<'a>(trace: &'a Trace, other: &Trace) -> Cow<'a, Trace> {
    let others = other.dictionary.values();
    let others: BTreeMap<&str, &Channel> = others.map(|it| (it.plain_name(), it)).collect();
    let mut changed: Vec<(u32, Channel)> = Vec::new();
    for (&pv, channel) in &trace.dictionary {
        let Some(other) = others.get(channel.plain_name()) else {
            continue;
        };
        let fractions = matches!(other.kind.as_deref(), Some("double" | "float"));
        let kind = if channel.is_whole() && fractions {
            &other.kind
        } else {
            &channel.kind
        };
        let larger = |one: f64| other.tolerance.map_or(one, |other| one.max(other));
        let tolerance = channel.tolerance.map(larger).or(other.tolerance);
        if *kind != channel.kind || tolerance != channel.tolerance {
            let mut channel = channel.clone();
            channel.kind.clone_from(kind);
            channel.tolerance = tolerance;
            changed.push((pv, channel));
        }
    }
    if changed.is_empty() {
        return Cow::Borrowed(trace);
    }
    let mut trace = trace.clone();
    trace.dictionary.extend(changed);
    Cow::Owned(trace)
}
