//! The JSON of EnvTrace: a list of events, each a channel, a time stamp, and a value.
//!
//! Python writes it, so a value may be `None`, a whole number is not the same as a float, and the
//! literals `NaN`, `Infinity` and `-Infinity` stand bare in the text. What else an event carries is
//! not kept.

mod json;
mod python;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use thiserror::Error;

use crate::epoch::{self, NotADate};
use crate::{Channel, Datum, End, Fact, Post, Role, Time, Trace, What};

pub(crate) use json::without_bare_floats;
pub use json::{json, parse, to_json, value};
pub use python::NotAFloat;

/// Something that happened, as EnvTrace records it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The name of the channel.
    pub channel: String,
    /// When, in seconds since whatever the recorder chose.
    pub timestamp: f64,
    /// What the channel held.
    pub value: Value,
}

/// A value with the distinctions that Python makes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing.
    None,
    /// True or false.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A float.
    Number(f64),
    /// A text.
    Text(String),
    /// Several values.
    List(Vec<Self>),
    /// Several values with names, in their order.
    #[serde(serialize_with = "python::entries")]
    Object(Vec<(String, Self)>),
}

/// Why EnvTrace JSON could not be read.
#[derive(Debug, Error)]
pub enum ImportError {
    /// It is not JSON.
    #[error("read the events as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON of another shape.
    #[error("find a list of events, or an object with one under \"events\"")]
    NoEvents,
    /// An event lacks something, or has it in a form nobody can use.
    #[error("read event {place}: {why}")]
    Event {
        /// Its place in the list, from zero.
        place: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// Which channels an export speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// Those that clients asked for things with: requests that follow another one by themselves, as a dial
    /// position follows a user position, are left out. In a trace without puts, all requests.
    #[default]
    Requests,
    /// Those, and the ones named.
    RequestsAnd(BTreeSet<String>),
    /// Only the ones named, whatever their role.
    Only(BTreeSet<String>),
}

impl Selection {
    /// The channels of a trace that are chosen.
    fn of<'a>(&self, trace: &'a Trace) -> BTreeMap<u32, &'a Channel> {
        let puts = trace.facts.iter().filter_map(|fact| match &fact.what {
            What::Put(put) => Some(put.pv),
            _ => None,
        });
        let asked: BTreeSet<u32> = puts.collect();
        let request = |pv: u32, channel: &Channel| {
            channel.role == Role::Request && (asked.is_empty() || asked.contains(&pv))
        };
        let named = |names: &BTreeSet<String>, channel: &Channel| {
            let plain =
                |name: &String| name.strip_suffix(".VAL").unwrap_or(name) == channel.plain_name();
            names.iter().any(plain)
        };
        let holds = |pv, channel| match self {
            Self::Requests => request(pv, channel),
            Self::RequestsAnd(names) => request(pv, channel) || named(names, channel),
            Self::Only(names) => named(names, channel),
        };
        let channels = trace.dictionary.iter().map(|(&pv, channel)| (pv, channel));
        channels
            .filter(|&(pv, channel)| holds(pv, channel))
            .collect()
    }
}

/// What a monitor of the selected channels would have seen.
///
/// Names lose a trailing `.VAL`; time stamps are Unix seconds.
pub fn export(trace: &Trace, selection: &Selection) -> Result<Vec<Event>, NotADate> {
    let epoch = trace.header.unix_epoch()?;
    let chosen = selection.of(trace);
    let events = trace.facts.iter().filter_map(|fact| {
        let What::Post(post) = &fact.what else {
            return None;
        };
        let channel = chosen.get(&post.pv)?;
        Some(Event {
            channel: channel.plain_name().to_owned(),
            timestamp: (epoch + fact.t).seconds(),
            value: exported(&post.value, channel.is_whole()),
        })
    });
    Ok(events.collect())
}

fn exported(datum: &Datum, is_whole: bool) -> Value {
    match datum {
        Datum::Number(number) if is_whole && number.fract() == 0.0 => Value::Whole(*number as i64),
        Datum::Number(number) => Value::Number(*number),
        Datum::Text(text) => Value::Text(text.lossy().into_owned()),
        Datum::List(items) => {
            Value::List(items.iter().map(|item| exported(item, is_whole)).collect())
        }
        Datum::Flag(flag) => Value::Flag(*flag),
        Datum::Digest(digest) => Value::Text(digest.to_string()),
    }
}

/// Makes a trace of events: each is a post of a channel that clients ask for things with.
///
/// Facts are in the order of their times. Where the time stamps are Unix time, or begin before zero, the
/// epoch is the second of the first event; else it is 1970 and the stamps are device time as they are.
pub fn import(events: &[Event]) -> Result<Trace, ImportError> {
    /// Stamps from here on (1973) are taken for Unix time rather than seconds since some start.
    const UNIX: f64 = 1e8;
    /// The year zero, before which no date can be written.
    const OLDEST: f64 = -62_167_219_200.0;
    let first = events
        .iter()
        .map(|event| event.timestamp)
        .fold(f64::INFINITY, f64::min);
    let start = match first {
        first if (0.0..UNIX).contains(&first) || !first.is_finite() => 0,
        first => first.max(OLDEST).floor() as i64,
    };
    let (mut trace, epoch) = epoch::begin(start, "EnvTrace JSON");
    let mut numbers = BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        let next = u32::try_from(numbers.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let pv = *numbers.entry(event.channel.as_str()).or_insert(next);
        let channel = trace
            .dictionary
            .entry(pv)
            .or_insert_with(|| Channel::named(&event.channel, Role::Request));
        channel.kind = kind(channel.kind.take(), &event.value);
        let t = Time::from_seconds(event.timestamp).filter(|_| event.timestamp >= OLDEST);
        let t = t.ok_or_else(|| ImportError::Event {
            place,
            why: format!("{} is not a time", event.timestamp),
        })?;
        let post = Post::plain(pv, imported(&event.value));
        trace.facts.push(Fact {
            n: 0,
            t: t - epoch,
            what: What::Post(post),
        });
    }
    trace.facts.sort_by_key(|fact| fact.t);
    for (fact, n) in trace.facts.iter_mut().zip(1..) {
        fact.n = n;
    }
    trace.end = End::Complete(trace.last());
    trace.counted = u64::try_from(trace.facts.len()).ok();
    Ok(trace)
}

/// The type of a channel whose values so far were of one kind and now include another.
fn kind(so_far: Option<String>, value: &Value) -> Option<String> {
    let kind = match value {
        Value::Whole(_) => "long",
        Value::Number(_) => "double",
        Value::Text(_) => "string",
        Value::None | Value::Flag(_) | Value::List(_) | Value::Object(_) => return so_far,
    };
    match so_far.as_deref() {
        Some("double") if kind == "long" => so_far,
        _ => Some(kind.to_owned()),
    }
}

fn imported(value: &Value) -> Datum {
    match value {
        Value::None | Value::Object(_) => Datum::from(value.spelled().as_str()),
        Value::Flag(flag) => Datum::Flag(*flag),
        Value::Whole(number) => Datum::Number(*number as f64),
        Value::Number(number) => Datum::Number(*number),
        Value::Text(text) => Datum::from(text.as_str()),
        Value::List(items) => Datum::List(items.iter().map(imported).collect()),
    }
}
