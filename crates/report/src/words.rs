//! Small words of reports: counts, times, and columns.

use beamtwin_align::{Entry, Row};
use beamtwin_trace::{End, Time};

/// A count with its noun, in the plural where there is not one.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A time in seconds, to the millisecond.
pub(crate) fn seconds(t: Time) -> String {
    format!("{:.3} s", t.seconds())
}

/// A time with its sign.
pub(crate) fn signed(t: Time) -> String {
    format!("{:+.3} s", t.seconds())
}

/// A text cut to a width, with a sign that it was cut.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

/// What one side asked for in a row, and whether in vain.
pub(crate) fn value(row: &Row, entry: &Entry) -> String {
    let refused = if entry.refused.is_some() {
        ", refused"
    } else {
        ""
    };
    row.worded(entry) + refused
}

/// How a recording ended.
pub(crate) fn end(end: &End) -> String {
    match end {
        End::Complete(t) => format!("complete, closed at {}", seconds(*t)),
        End::Stopped(t, reason) => format!("stopped at {}: {reason}", seconds(*t)),
        End::CutShort => "cut short: there is no footer".to_owned(),
    }
}

/// A value as indented JSON, with a last newline.
pub(crate) fn json(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_string_pretty(value).expect("reports have only texts as keys");
    json + "\n"
}
