//! RFC 3339 dates as Unix time, as far as a trace needs them.

use thiserror::Error;

use crate::{Header, Time, Trace, VERSION};

/// Why an epoch is not a date.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("read {0:?} as a date like 2026-01-01T00:00:00Z")]
pub struct NotADate(String);

/// The Unix time of an RFC 3339 date.
pub(crate) fn unix(date: &str) -> Result<Time, NotADate> {
    parse(date).ok_or_else(|| NotADate(date.to_owned()))
}

fn parse(date: &str) -> Option<Time> {
    let (day, clock) = date.split_once(['T', 't', ' '])?;
    let mut parts = day.split('-').map(number);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (clock, offset) = split_offset(clock)?;
    let mut parts = clock.splitn(3, ':');
    let (hours, minutes) = (number(parts.next()?)?, number(parts.next()?)?);
    let seconds: Time = parts.next()?.parse().ok()?;
    let whole = days_from_civil(year, month, day)
        .checked_mul(86_400)?
        .checked_add(hours * 3600 + minutes * 60 - offset)?
        .checked_mul(1_000_000_000)?;
    Some(Time::from_nanos(whole) + seconds)
}

/// An empty trace of somebody else's recording that begins at a whole number of Unix seconds; and these as a time.
pub(crate) fn begin(seconds: i64, program: &str) -> (Trace, Time) {
    let trace = Trace::new(Header {
        version: VERSION,
        beamline: String::new(),
        epoch: date(seconds),
        seed: 0,
        file: None,
        program: program.to_owned(),
        paths: Vec::new(),
    });
    (
        trace,
        Time::from_nanos(seconds.saturating_mul(1_000_000_000)),
    )
}

/// The date of a whole number of Unix seconds.
pub(crate) fn date(seconds: i64) -> String {
    let (days, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil_from_days(days);
    let (hours, minutes, seconds) = (clock / 3600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}Z")
}

fn number(text: &str) -> Option<i64> {
    (text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Separates the clock from its offset to UTC, in seconds.
fn split_offset(clock: &str) -> Option<(&str, i64)> {
    if let Some(utc) = clock.strip_suffix(['Z', 'z']) {
        return Some((utc, 0));
    }
    let at = clock.rfind(['+', '-'])?;
    let (clock, offset) = clock.split_at(at);
    let (hours, minutes) = offset[1..].split_once(':')?;
    let seconds = number(hours)? * 3600 + number(minutes)? * 60;
    Some((
        clock,
        if offset.starts_with('-') {
            -seconds
        } else {
            seconds
        },
    ))
}

/// Days since 1970-01-01 of a Gregorian date (Howard Hinnant's `days_from_civil`).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The Gregorian date of a number of days since 1970-01-01, the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = (shifted + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(date: &str) -> f64 {
        unix(date).unwrap().seconds()
    }

    #[test]
    fn dates_are_unix_times() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), 0.0);
        assert_eq!(seconds("2026-01-01T00:00:00Z"), 1_767_225_600.0);
        assert_eq!(seconds("2024-02-29T12:30:00.25+01:00"), 1_709_206_200.25);
    }

    #[test]
    fn dates_and_unix_times_are_inverse() {
        for day in (-800_000..800_000).step_by(97) {
            let seconds = day * 86_400 + 12_345;
            if let Ok(back) = unix(&date(seconds)) {
                assert_eq!(back.nanos(), seconds * 1_000_000_000, "{}", date(seconds));
            }
        }
        assert_eq!(date(1_767_225_600), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "today",
            "2026-13-01T00:00:00Z",
            "2026-01-01",
            "2026-01-01T00:00:00",
        ] {
            assert!(unix(text).is_err(), "{text}");
        }
    }
}
