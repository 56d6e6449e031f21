//! What a session asked for, in order.
//!
//! The sequence is the accepted puts on channels whose role is *request*. A trace without a single
//! put, such as one imported from EnvTrace JSON, is taken at its posts on those channels instead.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_trace::{Channel, Datum, Fact, Post, Role, Time, Trace, What};

use crate::comparison::Note;
use crate::{Settings, tolerance};

/// Something a session asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    pub(crate) n: u64,
    pub(crate) t: Time,
    pub(crate) channel: &'a Channel,
    /// The value, with names of choices replaced by their numbers.
    pub(crate) value: Datum,
}

/// What a session asked for, and what was said beside it.
#[derive(Debug)]
pub(crate) struct Sequence<'a> {
    pub(crate) asked: Vec<Asked<'a>>,
    pub(crate) refused: Vec<Note>,
    pub(crate) markers: Vec<Note>,
    pub(crate) idle_stops: usize,
}

impl<'a> Sequence<'a> {
    /// The sequence of a trace.
    pub(crate) fn of(trace: &'a Trace, settings: &Settings) -> Self {
        let puts = trace.has_puts();
        let refusals = refusals(&trace.facts);
        let effective = effective_stops(trace);
        let mut sequence = Self {
            asked: Vec::new(),
            refused: Vec::new(),
            markers: Vec::new(),
            idle_stops: 0,
        };
        for fact in &trace.facts {
            let (pv, value) = match &fact.what {
                What::Put(put) => (put.pv, &put.value),
                What::Post(post) if !puts => (post.pv, &post.value),
                What::Marker { text, .. } => {
                    sequence.markers.push(Note {
                        t: fact.t,
                        text: text.clone(),
                    });
                    continue;
                }
                _ => continue,
            };
            let Some(channel) = trace.channel(pv) else {
                continue;
            };
            if channel.role != Role::Request
                || settings.ignores([&channel.name, channel.plain_name()])
            {
                continue;
            }
            if let Some(reason) = refusals.get(&fact.n) {
                let text = format!("{} = {value}: {reason}", channel.plain_name());
                sequence.refused.push(Note { t: fact.t, text });
                continue;
            }
            let idle = puts && channel.name.ends_with(".STOP") && !effective.contains(&fact.n);
            if idle && !settings.count_idle_stops {
                sequence.idle_stops += 1;
                continue;
            }
            let value = tolerance::numbered(value, channel);
            sequence.asked.push(Asked {
                n: fact.n,
                t: fact.t,
                channel,
                value,
            });
        }
        sequence
    }

    /// How many exposures were started: values other than zero on channels named `…:Acquire`.
    pub(crate) fn exposures(&self) -> usize {
        let starts = |asked: &&Asked<'_>| {
            asked.channel.plain_name().ends_with(":Acquire")
                && tolerance::number(&asked.value).is_some_and(|value| value != 0.0)
        };
        self.asked.iter().filter(starts).count()
    }

    /// The time from the first to the last thing asked for.
    pub(crate) fn duration(&self) -> Time {
        match (self.asked.first(), self.asked.last()) {
            (Some(first), Some(last)) => last.t - first.t,
            _ => Time::ZERO,
        }
    }
}

/// The puts that were refused, with the reasons.
fn refusals(facts: &[Fact]) -> BTreeMap<u64, &str> {
    facts
        .iter()
        .filter_map(|fact| match &fact.what {
            What::Refused { put, reason } => Some((*put, reason.as_str())),
            _ => None,
        })
        .collect()
}

/// The stops that stopped something: they caused a post on another channel than their own, or came
/// while what an earlier put on the same record had started was unfinished.
fn effective_stops(trace: &Trace) -> BTreeSet<u64> {
    let finished: BTreeSet<u64> = trace.facts.iter().filter_map(done).collect();
    let mut puts = BTreeMap::new();
    let mut busy: BTreeMap<&str, usize> = BTreeMap::new();
    let mut effective = BTreeSet::new();
    for fact in &trace.facts {
        match &fact.what {
            What::Put(put) => {
                let record = trace.channel(put.pv).map_or("", Channel::record);
                let unfinished = busy.entry(record).or_default();
                if *unfinished > 0 {
                    effective.insert(fact.n);
                }
                if finished.contains(&fact.n) {
                    *unfinished += 1;
                }
                puts.insert(fact.n, (put.pv, record));
            }
            What::Done { put } => {
                if let Some((_, record)) = puts.get(put) {
                    busy.entry(record)
                        .and_modify(|unfinished| *unfinished = unfinished.saturating_sub(1));
                }
            }
            What::Post(Post {
                by: Some(by), pv, ..
            }) if puts.get(by).is_some_and(|(own, _)| own != pv) => {
                effective.insert(*by);
            }
            _ => {}
        }
    }
    effective
}

fn done(fact: &Fact) -> Option<u64> {
    match fact.what {
        What::Done { put } => Some(put),
        _ => None,
    }
}
