//! Small words of reports: counts, times, and columns.

use std::borrow::Cow;

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

/// A text as a terminal may show it: control characters, and those that turn the direction of writing, are
/// spelt as `\u{1b}`. New lines and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_unsafe = |letter: char| match letter {
        '\n' | '\t' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            true
        }
        other => other.is_control(),
    };
    if !text.contains(is_unsafe) {
        return Cow::from(text);
    }
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_unsafe(letter) {
            out.extend(letter.escape_unicode());
        } else {
            out.push(letter);
        }
    }
    Cow::from(out)
}

/// A text cut to a width, with a sign that it was cut.
pub(crate) fn cut(text: &str, width: usize) -> String {
    let text = printable(text);
    if text.chars().count() <= width {
        return text.into_owned();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_command_a_terminal_is_spelt() {
        assert_eq!(
            printable("a\u{1b}[31mb\u{7}\u{9b}c"),
            "a\\u{1b}[31mb\\u{7}\\u{9b}c"
        );
        assert_eq!(printable("x\u{202e}\u{2066}y"), "x\\u{202e}\\u{2066}y");
        let plain = "Größe\tin µm\nзавтра 明日";
        assert!(matches!(printable(plain), Cow::Borrowed(same) if same == plain));
    }
}
