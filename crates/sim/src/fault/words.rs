//! The words of faults: which there are, and what is filled into them.

use beamtwin_pv::nearest::nearest;
use beamtwin_pv::quantity::Seconds;

use super::{FOR, NONE, UnknownFault, all};

/// What is to be filled in.
#[derive(Clone, Copy)]
pub(super) enum Blank {
    Number,
    Duration,
}

impl Blank {
    /// What it is, and how one is written.
    const fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::Number => ("a finite number", "0.5"),
            Self::Duration => ("a duration", "100 ms"),
        }
    }

    fn read(self, text: &str) -> Option<f64> {
        match self {
            Self::Number => number(text),
            Self::Duration => seconds(text),
        }
    }
}

/// What stands before the blank of a pattern, if it has one.
pub(super) fn blank(pattern: &'static str) -> Option<(&'static str, Blank)> {
    let number = pattern.strip_suffix("NUMBER");
    let number = number.map(|start| (start, Blank::Number));
    number.or_else(|| Some((pattern.strip_suffix("DURATION")?, Blank::Duration)))
}

/// The pattern that makes what was written, and the number in it, 0 where it has no blank; `None` if there is none.
///
/// # Errors
/// If something else has to stand in the blank.
pub(super) fn read(
    text: &str,
    own: &'static [&'static str],
) -> Result<Option<(&'static str, f64)>, UnknownFault> {
    for pattern in all(own) {
        let Some((start, blank)) = blank(pattern) else {
            if pattern.eq_ignore_ascii_case(text) {
                return Ok(Some((pattern, 0.0)));
            }
            continue;
        };
        let words = start.trim_end();
        let Some(rest) = behind(text, words) else {
            continue;
        };
        let Some(number) = blank.read(rest) else {
            let (what, example) = blank.described();
            let rest = match rest {
                "" => "nothing".to_owned(),
                rest => format!("`{rest}`"),
            };
            return Err(UnknownFault::Filled {
                words,
                what,
                rest,
                example,
            });
        };
        return Ok(Some((pattern, number)));
    }
    Ok(None)
}

/// What a text says behind these words, if it begins with them.
fn behind<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(words.len())?;
    let whole = rest.is_empty() || rest.starts_with(' ');
    (start.eq_ignore_ascii_case(words) && whole).then(|| rest.trim_start())
}

/// A finite number; one that is too small to be told from 0 is none.
fn number(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    let digits = text.split(['e', 'E']).next().unwrap_or_default();
    let lost = number == 0.0 && digits.contains(|c: char| ('1'..='9').contains(&c));
    (number.is_finite() && !lost).then_some(number)
}

/// The seconds of a duration that lies ahead.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let seconds: Seconds = text.parse().ok()?;
    seconds.duration().map(|_| seconds.0)
}

/// The pattern that may have been meant; what fills it does not count.
pub(super) fn meant(text: &str, own: &'static [&'static str]) -> Option<&'static str> {
    let fills = |word: &&str| !word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let words: Vec<&str> = text.split(' ').take_while(fills).collect();
    let bare = |pattern| blank(pattern).map_or(pattern, |(start, _)| start.trim_end());
    let near = nearest(&words.join(" "), all(own).map(bare))?;
    all(own).find(|pattern| bare(pattern) == near)
}

/// The faults that can be asked for, none among them.
pub(super) fn listed(own: &'static [&'static str]) -> String {
    let mut known = vec![NONE.to_owned()];
    match axes(own) {
        Some((axes, words)) => {
            known.push(format!("({}) ({})", axes.join(" | "), words.join(" | ")));
        }
        None => known.extend(own.iter().map(ToString::to_string)),
    }
    known.extend(all(&[]).map(str::to_owned));
    format!("{}; all but {NONE} also{FOR}DURATION", known.join(", "))
}

/// The first words and what follows them, where the same follows each of several.
fn axes(own: &'static [&'static str]) -> Option<(Vec<&'static str>, Vec<&'static str>)> {
    let pairs: Option<Vec<_>> = own.iter().map(|words| words.split_once(' ')).collect();
    let pairs = pairs?;
    let mut axes: Vec<&str> = pairs.iter().map(|(axis, _)| *axis).collect();
    axes.dedup();
    let of = |axis: &str| -> Vec<&'static str> {
        let own = pairs.iter().filter(|(first, _)| *first == axis);
        own.map(|(_, words)| *words).collect()
    };
    let words = of(axes.first()?);
    let same = axes.iter().all(|axis| of(axis) == words);
    (axes.len() > 1 && words.len() > 1 && same).then_some((axes, words))
}
