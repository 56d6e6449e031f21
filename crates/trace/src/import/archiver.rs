//! What the Archiver Appliance gives: JSON of any number of channels, CSV of one.

use serde_json::Value as Json;

use super::{FormError, Sample, datum, word};
use crate::{Datum, Time};

/// The severities by their numbers; from 3904 on the archiver says why there is no sample.
const SEVERITIES: [&str; 4] = ["NO_ALARM", "MINOR", "MAJOR", "INVALID"];

pub(super) fn read_json(text: &str) -> Result<Vec<Sample>, FormError> {
    let whole =
        |why: String| FormError::Whole(format!("read it as what getData.json gives: {why}"));
    let json: Json = serde_json::from_str(text).map_err(|error| whole(error.to_string()))?;
    let channels = json
        .as_array()
        .ok_or_else(|| whole("it is no list".to_owned()))?;
    let mut samples = Vec::new();
    for (place, part) in channels.iter().enumerate() {
        let at = |why: &str| whole(format!("channel {place}, from zero, {why}"));
        let meta = &part["meta"];
        let name = meta["name"].as_str().ok_or_else(|| at("has no name"))?;
        let data = part["data"].as_array().ok_or_else(|| at("has no data"))?;
        let units = meta["EGU"].as_str().filter(|units| !units.is_empty());
        for (number, item) in data.iter().enumerate() {
            let read = || {
                let nanos = item["nanos"].as_i64().unwrap_or(0);
                let t = time(item["secs"].as_i64()?, nanos)?;
                Some(Sample {
                    severity: severity(item["severity"].as_i64().unwrap_or(0)),
                    units: units.map(str::to_owned),
                    ..Sample::plain(name, t, value(&item["val"])?)
                })
            };
            let sample = read().ok_or_else(|| {
                whole(format!(
                    "sample {number} of {name}, from zero, has no secs or no val"
                ))
            })?;
            samples.push(sample);
        }
    }
    Ok(samples)
}

/// A value; the archiver puts numbers that JSON has no word for between quotes.
fn value(json: &Json) -> Option<Datum> {
    match json {
        Json::String(text) if ["NaN", "Infinity", "-Infinity"].contains(&text.as_str()) => {
            text.parse().ok().map(Datum::Number)
        }
        Json::Array(items) => items
            .iter()
            .map(value)
            .collect::<Option<_>>()
            .map(Datum::List),
        other => datum(other),
    }
}

/// Lines of seconds, value, severity, status, and nanoseconds; a value may hold commas.
pub(super) fn read_csv(text: &str, channel: &str) -> Result<Vec<Sample>, FormError> {
    let mut samples = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() || text.starts_with('#') {
            continue;
        }
        let sample = sample(text.trim(), channel).ok_or_else(|| FormError::Line {
            line,
            why: "it is not seconds, value, severity, status, nanoseconds".to_owned(),
        })?;
        samples.push(sample);
    }
    Ok(samples)
}

fn sample(line: &str, channel: &str) -> Option<Sample> {
    let (seconds, rest) = line.split_once(',')?;
    let mut last = rest.rsplitn(4, ',');
    let (nanos, _status, grade) = (last.next()?, last.next()?, last.next()?);
    let value = last.next()?.trim();
    let t = time(seconds.trim().parse().ok()?, nanos.trim().parse().ok()?)?;
    Some(Sample {
        severity: severity(grade.trim().parse().ok()?),
        ..Sample::plain(channel, t, csv_value(value))
    })
}

fn csv_value(text: &str) -> Datum {
    let list = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let numbers = list.and_then(|list| list.split(',').map(|it| it.trim().parse().ok()).collect());
    numbers.map_or_else(|| word(text), |numbers: Vec<f64>| Datum::from(numbers))
}

fn severity(number: i64) -> Option<String> {
    let name = usize::try_from(number)
        .ok()
        .and_then(|at| SEVERITIES.get(at));
    name.filter(|_| number > 0).map(|name| (*name).to_owned())
}

fn time(seconds: i64, nanos: i64) -> Option<Time> {
    let nanos = seconds.checked_mul(1_000_000_000)?.checked_add(nanos)?;
    Some(Time::from_nanos(nanos))
}
