//! `ts`: the time stamp, or the present time as one.

use beamtwin_pv::{Array, Sample, Timestamp, Value, ValueKind};

/// What becomes of the time stamp of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// It is the present time.
    Now,
    /// It is the value, in seconds.
    Double(Epoch),
    /// Its whole seconds are the value.
    Seconds(Epoch),
    /// The rest of it is the value, in nanoseconds.
    Nanos,
    /// Seconds and nanoseconds are the value.
    Both(Epoch),
    /// It is the value, as a date.
    Text(Style),
}

/// From when it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Epoch {
    Epics,
    Unix,
}

/// How a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Epics,
    Iso,
}

impl Stamp {
    pub(super) const fn shape(self, kind: ValueKind, count: u32) -> (ValueKind, u32) {
        match self {
            Self::Now => (kind, count),
            // 32 bits without a sign, which Channel Access shows as a double.
            Self::Double(_) | Self::Seconds(_) | Self::Nanos => (ValueKind::Double, 1),
            Self::Both(_) => (ValueKind::Double, 2),
            Self::Text(_) => (ValueKind::String, 1),
        }
    }

    /// Puts the time stamp in the place of the value, if it is to be there.
    pub(super) fn replace(self, sample: &mut Sample) {
        let Timestamp { seconds, nanos } = sample.stamp;
        let since = |epoch| match epoch {
            Epoch::Epics => seconds,
            Epoch::Unix => seconds.wrapping_add(UNIX),
        };
        sample.value = match self {
            Self::Now => return,
            Self::Double(epoch) => Value::Double(f64::from(since(epoch)) + f64::from(nanos) * 1e-9),
            Self::Seconds(epoch) => whole(since(epoch)),
            Self::Nanos => whole(nanos),
            Self::Both(epoch) => {
                let both = [since(epoch), nanos];
                Value::Array(match both.map(i32::try_from) {
                    [Ok(seconds), Ok(nanos)] => Array::Long([seconds, nanos].into()),
                    _ => Array::Double(both.map(f64::from).into()),
                })
            }
            Self::Text(style) => Value::String(date(sample.stamp, style).into()),
        };
    }
}

/// Fills an array with zeros to as many elements as its channel has: the C server copies so many, that the value fits its
/// time.
pub(super) fn fill(value: &mut Value, room: usize) {
    if let Value::Array(array) = value
        && array.len() < room
    {
        let kind = array.kind();
        let zeros = std::iter::repeat_n(kind.zero(), room - array.len());
        if let Some(filled) = Array::collect(kind, array.iter().chain(zeros)) {
            *array = filled;
        }
    }
}

/// A whole number, which has no digits behind a point when it is read as text.
fn whole(number: u32) -> Value {
    i32::try_from(number).map_or(Value::Double(number.into()), Value::Long)
}

/// A time stamp as a date of UTC, to the microsecond.
fn date(Timestamp { seconds, nanos }: Timestamp, style: Style) -> String {
    if (seconds, nanos) == (0, 0) {
        return "<undefined>".to_owned();
    }
    let (days, clock) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hours, minutes, seconds) = (clock / 3600, clock / 60 % 60, clock % 60);
    // Rounded, but never into the next second.
    let micros = (nanos + 500).min(999_999_999) / 1000;
    let (between, zone) = match style {
        Style::Epics => (' ', ""),
        Style::Iso => ('T', "+0000"),
    };
    format!(
        "{year:04}-{month:02}-{day:02}{between}{hours:02}:{minutes:02}:{seconds:02}.{micros:06}{zone}"
    )
}

/// The Gregorian date of a number of days since 1990-01-01: years count from the first of March.
const fn civil(days: u32) -> (u32, u32, u32) {
    // Days from 1600-03-01 to 1990-01-01, and in 400, 100 and 4 years and in one.
    let days = days + 142_385;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let day = day - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = 1600 + era * 400 + year + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Seconds from 1970 to 1990.
const UNIX: u32 = 631_152_000;
