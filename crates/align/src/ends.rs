//! Where everything ended.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_trace::{Channel, Datum, Post, Put, Role, Trace, What};

use crate::Settings;
use crate::comparison::{Ended, Row, worded};
use crate::titles::Titles;
use crate::tolerance::numbered;

/// The channels that ended otherwise, of those that both traces speak of: what was asked for, and the
/// readbacks of the same devices. A request that follows another one by itself is no news.
pub(crate) fn of(
    reference: &Trace,
    session: &Trace,
    rows: &[Row],
    titles: &Titles<'_>,
    settings: &Settings,
) -> Vec<Ended> {
    let (left, right) = (last(reference), last(session));
    let asked: BTreeSet<&str> = rows.iter().map(|row| &*row.channel).collect();
    let devices: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| row.device.as_deref())
        .collect();
    let mut ends = Vec::new();
    for (name, (channel, was)) in &left {
        let Some((_, is)) = right.get(name) else {
            continue;
        };
        let of_interest = asked.contains(name)
            || matches!(channel.role, Role::Readback | Role::Frame)
                && channel
                    .device
                    .as_deref()
                    .is_some_and(|it| devices.contains(it));
        let counts = of_interest && !settings.ignores(channel) && !settings.curves(channel);
        if counts && !settings.tolerance(channel).agree(was, is) {
            ends.push(Ended {
                channel: (*name).to_owned(),
                title: titles.title(channel),
                reference: worded(was, channel),
                session: worded(is, channel),
                asked: asked.contains(name),
            });
        }
    }
    ends
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
