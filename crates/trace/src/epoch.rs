//! RFC 3339 dates as Unix time, as far as a trace needs them.

use thiserror::Error;

use crate::Time;

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
