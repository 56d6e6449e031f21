//! Recordings that other programs made, as traces.
//!
//! What they hold is what a monitor saw: posts, of channels that all count as requests, since none of
//! these forms says what a client asked for. Facts are in the order of their times.

mod archiver;
mod bluesky;
mod camonitor;

use std::borrow::Cow;
use std::collections::BTreeMap;

use thiserror::Error;

use crate::envtrace::without_bare_floats;
use crate::recording::unmarked;
use crate::{Channel, Datum, End, Fact, Post, Role, Time, Trace, What, epoch};

/// The form of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form<'a> {
    /// What `camonitor` prints.
    Camonitor,
    /// What the Archiver Appliance gives as `getData.json`.
    ArchiverJson,
    /// What the Archiver Appliance gives as `getData.csv`, of the channel named.
    ArchiverCsv(&'a str),
    /// The documents of Bluesky runs, one in a line.
    Bluesky,
}

/// Why a recording could not be imported.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormError {
    /// A line says something else than expected.
    #[error("read line {line}: {why}")]
    Line {
        /// Its number, from one.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The whole is something else than expected.
    #[error("{0}")]
    Whole(String),
    /// There is nothing in it.
    #[error("find a single sample in it")]
    Empty,
}

/// Makes a trace of what another program recorded. A byte order mark at its beginning is skipped.
pub fn import(bytes: &[u8], form: Form<'_>) -> Result<Trace, FormError> {
    let bytes = unmarked(bytes);
    let bytes = match form {
        // Python and Java write not-a-number as no JSON does.
        Form::ArchiverJson | Form::Bluesky => Cow::from(without_bare_floats(bytes)),
        Form::Camonitor | Form::ArchiverCsv(_) => Cow::from(bytes),
    };
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        FormError::Line {
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            why: "it is not UTF-8 text".to_owned(),
        }
    })?;
    let samples = match form {
        Form::Camonitor => camonitor::read(text),
        Form::ArchiverJson => archiver::read_json(text),
        Form::ArchiverCsv(channel) => archiver::read_csv(text, channel),
        Form::Bluesky => bluesky::read(text),
    }?;
    trace(samples, form.program())
}

impl Form<'_> {
    const fn program(self) -> &'static str {
        match self {
            Self::Camonitor => "camonitor",
            Self::ArchiverJson | Self::ArchiverCsv(_) => "Archiver Appliance",
            Self::Bluesky => "Bluesky",
        }
    }
}

/// What a monitor saw of a channel at a moment of Unix time.
#[derive(Debug, Clone, PartialEq)]
struct Sample {
    channel: String,
    t: Time,
    value: Datum,
    severity: Option<String>,
    status: Option<String>,
    units: Option<String>,
}

impl Sample {
    fn plain(channel: &str, t: Time, value: Datum) -> Self {
        Self {
            channel: channel.to_owned(),
            t,
            value,
            severity: None,
            status: None,
            units: None,
        }
    }
}

fn trace(mut samples: Vec<Sample>, program: &str) -> Result<Trace, FormError> {
    samples.sort_by_key(|sample| sample.t);
    let first = samples.first().ok_or(FormError::Empty)?.t;
    let start = first.nanos().div_euclid(1_000_000_000);
    let (mut trace, epoch) = epoch::begin(start, program);
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    for (n, sample) in (1..).zip(samples) {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let pv = *numbers
            .entry(sample.channel.clone())
            .or_insert(next.saturating_add(1));
        let channel = trace
            .dictionary
            .entry(pv)
            .or_insert_with(|| Channel::named(&sample.channel, Role::Request));
        if channel.units.is_none() {
            channel.units = sample.units;
        }
        let post = Post {
            severity: sample.severity,
            status: sample.status,
            ..Post::plain(pv, sample.value)
        };
        trace.facts.push(Fact {
            n,
            t: sample.t - epoch,
            what: What::Post(post),
        });
    }
    trace.end = End::Complete(trace.last());
    trace.counted = u64::try_from(trace.facts.len()).ok();
    Ok(trace)
}

/// A word as a number, or else as the text it is.
fn word(text: &str) -> Datum {
    text.parse()
        .map_or_else(|_| Datum::from(text), Datum::Number)
}

/// A JSON value as a value of a trace, if it is one.
fn datum(json: &serde_json::Value) -> Option<Datum> {
    use serde_json::Value as Json;
    Some(match json {
        Json::Bool(flag) => Datum::Flag(*flag),
        Json::Number(number) => Datum::Number(number.as_f64()?),
        Json::String(text) => Datum::from(text.as_str()),
        Json::Array(items) => Datum::List(items.iter().map(datum).collect::<Option<_>>()?),
        Json::Object(map) => Datum::Number(map.get("float")?.as_str()?.parse().ok()?),
        Json::Null => return None,
    })
}
