//! A name in its parts.

use super::settings::{Parameters, Plugin};
use super::{Filters, json};

/// Splits a name as EPICS base does: the record and the field, and what may be said about it.
///
/// The record ends at the first dot, the field where no letter, digit or underscore follows. A search
/// looks at the first part alone.
#[must_use]
pub fn split(name: &str) -> (&str, &str) {
    let Some(dot) = name.find('.') else {
        return (name, "");
    };
    let field = &name[dot + 1..];
    let is_part = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let begins = |c: char| c == '_' || c.is_ascii_alphabetic();
    let size = if field.starts_with(begins) {
        field.find(|c| !is_part(c)).unwrap_or(field.len())
    } else {
        0
    };
    name.split_at(dot + 1 + size)
}

/// What stands behind a field.
#[derive(Clone, Debug, Default)]
pub struct Modifiers {
    /// Whether a text is asked for as an array of characters (`$`).
    pub long_string: bool,
    /// What its values pass.
    pub filters: Filters,
}

impl Modifiers {
    /// Reads what stands behind a field; nothing if an IOC would not open such a channel.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.as_bytes();
        let mut modifiers = Self::default();
        if let Some(behind) = rest.strip_prefix(b"$") {
            modifiers.long_string = true;
            rest = behind;
        }
        if let Some(behind) = rest.strip_prefix(b"[") {
            let (part, behind) = range(behind)?;
            modifiers.filters.0.push(part.finish()?);
            rest = behind;
        }
        if rest.starts_with(b"{") {
            let mut tokens = json::Tokens::new(rest);
            modifiers
                .filters
                .0
                .extend(super::settings::read(&mut tokens)?);
            return Some(modifiers);
        }
        rest.is_empty().then_some(modifiers)
    }
}

/// `start]`, `start:end]` or `start:step:end]`, each number optional but the first, if it stands alone.
fn range(text: &[u8]) -> Option<(Parameters, &[u8])> {
    let mut parameters = Parameters::new(Plugin::Array);
    let set = |parameters: &mut Parameters, name: &str, number: Option<i32>| {
        if let Some(number) = number {
            parameters.key(name.as_bytes())?;
            parameters.integer(number.into())?;
        }
        Some(())
    };
    let (start, rest) = number(text);
    set(&mut parameters, "s", start)?;
    if let (Some(_), Some(rest)) = (start, rest.strip_prefix(b"]")) {
        set(&mut parameters, "e", start)?;
        return Some((parameters, rest));
    }
    let (second, rest) = number(rest.strip_prefix(b":")?);
    if let Some(rest) = rest.strip_prefix(b"]") {
        set(&mut parameters, "e", second)?;
        return Some((parameters, rest));
    }
    set(&mut parameters, "i", second)?;
    let (third, rest) = number(rest.strip_prefix(b":")?);
    set(&mut parameters, "e", third)?;
    Some((parameters, rest.strip_prefix(b"]")?))
}

/// What `strtol` reads with a base that the number tells, as 32 bits; nothing if there is no number.
#[expect(clippy::cast_possible_truncation, reason = "as a C cast")]
pub(super) fn number(text: &[u8]) -> (Option<i32>, &[u8]) {
    let (value, rest) = long(text);
    (value.map(|value| value as i32), rest)
}

/// The same as 64 bits, at whose bounds it stays.
pub(super) fn long(text: &[u8]) -> (Option<i64>, &[u8]) {
    let trimmed = text.trim_ascii_start();
    let (negative, digits) = match trimmed {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => {
            (16, rest)
        }
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    let size = digits
        .iter()
        .position(|&c| !char::from(c).is_digit(base))
        .unwrap_or(digits.len());
    if size == 0 {
        return (None, text);
    }
    let value = digits[..size].iter().fold(0_i64, |value, &c| {
        let digit = i64::from(char::from(c).to_digit(base).unwrap_or_default());
        let value = value.saturating_mul(base.into());
        if negative {
            value.saturating_sub(digit)
        } else {
            value.saturating_add(digit)
        }
    });
    (Some(value), &digits[size..])
}
