//! What `camonitor` prints: name, date, time, value, and the alarm if there is one.

use super::{FormError, Sample, word};
use crate::{Datum, Time, epoch};

/// The words that `camonitor` has for severities, the last two of a line.
const SEVERITIES: [&str; 3] = ["MINOR", "MAJOR", "INVALID"];

pub(super) fn read(text: &str) -> Result<Vec<Sample>, FormError> {
    let mut samples = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        // A channel that does not answer is said between asterisks.
        if text.trim().is_empty() || text.contains("***") {
            continue;
        }
        let sample = sample(text).map_err(|why| FormError::Line { line, why })?;
        samples.extend(sample);
    }
    Ok(samples)
}

/// The sample of a line; none of a channel that has never had a value.
fn sample(line: &str) -> Result<Option<Sample>, String> {
    let (channel, rest) = split(line.trim_end()).ok_or("it is but one word")?;
    let (day, rest) = split(rest).ok_or("it has no date and time")?;
    if day == "<undefined>" {
        return Ok(None);
    }
    let (clock, rest) = split(rest).unwrap_or((rest, ""));
    let t = time(day, clock).ok_or_else(|| format!("\"{day} {clock}\" is not a date and time"))?;
    let mut words: Vec<&str> = rest.split_whitespace().collect();
    let (mut status, mut severity) = (None, None);
    if let [.., kind, grade] = words[..]
        && SEVERITIES.contains(&grade)
        && kind
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    {
        (status, severity) = (Some(kind.to_owned()), Some(grade.to_owned()));
        words.truncate(words.len() - 2);
    }
    Ok(Some(Sample {
        severity,
        status,
        ..Sample::plain(channel, t, value(rest, &words))
    }))
}

/// A number, an array with its length before it, or a text, which may be several words.
fn value(rest: &str, words: &[&str]) -> Datum {
    match words {
        [] => Datum::from(""),
        [one] => word(one),
        [length, items @ ..] => {
            let numbers: Option<Vec<f64>> = items.iter().map(|item| item.parse().ok()).collect();
            match numbers {
                Some(numbers) if length.parse() == Ok(numbers.len()) => Datum::from(numbers),
                _ => {
                    // The text as it stands, without an alarm at its end.
                    let last = words[words.len() - 1];
                    let end = rest.rfind(last).map_or(rest.len(), |at| at + last.len());
                    Datum::from(rest[..end].trim_start())
                }
            }
        }
    }
}

/// A local time without a zone, which is taken for UTC.
fn time(day: &str, clock: &str) -> Option<Time> {
    epoch::unix(&format!("{day}T{clock}Z")).ok()
}

fn split(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.trim_start().split_once(char::is_whitespace)?;
    Some((word, rest.trim_start()))
}
