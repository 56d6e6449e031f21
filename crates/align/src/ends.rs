//! Where everything ended.

mod readings;
mod silent;

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_trace::{Channel, Datum, End, Post, Put, Role, Trace, What};

use crate::Settings;
use crate::comparison::{Ended, Row, worded};
use crate::sequence::Asked;
use crate::titles::Titles;
use crate::tolerance::numbered;

/// What a channel ended at on a side that never posted it.
const NEVER: &str = "nothing posted";

/// The channels that ended otherwise: what was asked for, and the readbacks and curves of the same devices. A request
/// that follows another one by itself is no news. Says also how many devices ended so far elsewhere that it decides, and
/// whether any never moved, which decides as well.
pub(crate) fn of(
    traces: [&Trace; 2],
    asked: [&[Asked<'_>]; 2],
    rows: &[Row],
    titles: &Titles<'_>,
    settings: &Settings,
) -> (Vec<Ended>, usize, bool) {
    let [left, right] = traces.map(last);
    let asked_for: BTreeSet<&str> = rows.iter().map(|row| &*row.channel).collect();
    let devices: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| row.device.as_deref())
        .collect();
    let mut ends = Vec::new();
    let names: BTreeSet<&str> = left.keys().chain(right.keys()).copied().collect();
    for name in names {
        let (was, is) = (left.get(name), right.get(name));
        let Some(&(channel, _)) = was.or(is) else {
            continue;
        };
        let answers = matches!(channel.role, Role::Readback | Role::Frame)
            && channel
                .device
                .as_deref()
                .is_some_and(|it| devices.contains(it));
        let same = match (was, is) {
            (Some((_, was)), Some((_, is))) => settings.tolerance(channel).agree(was, is),
            // What only one side asked for is told as a step.
            _ => !answers,
        };
        let of_interest = answers || asked_for.contains(name);
        let counts = of_interest && !settings.ignores(channel) && !settings.curves(channel);
        if counts && !same {
            let words =
                |side: Option<&(&Channel, Datum)>| side.map(|(_, value)| worded(value, channel));
            let last = [was, is].map(words);
            ends.push(ended(channel, last, asked_for.contains(name), titles));
        }
    }
    // Of what lies beyond the end of a trace nothing is known.
    if traces.iter().any(|trace| trace.end == End::CutShort) {
        return (ends, 0, false);
    }
    let elsewhere = readings::elsewhere(traces, asked, rows, settings);
    let devices: BTreeSet<Option<&str>> = elsewhere
        .iter()
        .map(|it| it.channel.device.as_deref())
        .collect();
    let decide = devices.len();
    let still = silent::of(traces, asked, rows, settings);
    ends.extend(elsewhere.iter().chain(&still).map(|it| {
        let words = |value: Option<f64>| value.map(|value| worded(&value.into(), it.channel));
        ended(it.channel, it.last.map(words), true, titles)
    }));
    (ends, decide, !still.is_empty())
}

/// What is told of a channel with its last values, in words; nothing on a side that never posted it.
fn ended(channel: &Channel, last: [Option<String>; 2], asked: bool, titles: &Titles<'_>) -> Ended {
    let title = titles.title(channel);
    let words = match &last {
        [Some(was), None] => {
            format!("{title} was never posted, and ended at {was} in the reference")
        }
        [None, Some(is)] => {
            format!("{title} ended at {is}, and was never posted in the reference")
        }
        [was, is] => {
            let [was, is] = [was, is].map(|it| it.as_deref().unwrap_or(NEVER));
            format!("{title} ended at {is} instead of {was}")
        }
    };
    let [reference, session] = last.map(|it| it.unwrap_or_else(|| NEVER.to_owned()));
    Ended {
        channel: channel.plain_name().to_owned(),
        title,
        reference,
        session,
        words,
        asked,
    }
}

/// The last value of each channel: what the beamline posted, or what it was asked for and took.
fn last(trace: &Trace) -> BTreeMap<&str, (&Channel, Datum)> {
    let refused: BTreeSet<u64> = trace
        .facts
        .iter()
        .filter_map(|fact| match fact.what {
            What::Refused { put, .. } => Some(put),
            _ => None,
        })
        .collect();
    let mut places: BTreeMap<u32, usize> = BTreeMap::new();
    for (place, fact) in trace.facts.iter().enumerate() {
        match &fact.what {
            What::Put(put) if !refused.contains(&fact.n) => places.insert(put.pv, place),
            What::Post(post) => places.insert(post.pv, place),
            _ => None,
        };
    }
    let mut places: Vec<(usize, u32)> = places.into_iter().map(|(pv, at)| (at, pv)).collect();
    places.sort_unstable();
    let mut last = BTreeMap::new();
    for (place, pv) in places {
        let (What::Put(Put { value, .. }) | What::Post(Post { value, .. })) =
            &trace.facts[place].what
        else {
            continue;
        };
        if let Some(channel) = trace.channel(pv)
            && matches!(channel.role, Role::Request | Role::Readback | Role::Frame)
        {
            last.insert(channel.plain_name(), (channel, numbered(value, channel)));
        }
    }
    last
}
