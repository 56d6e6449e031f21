//! PV names as clients write them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// `record`, `record.FIELD` or `record.FIELD$`, split at the first dot.
///
/// A record's name may hold braces, colons and dashes, never a dot or a space. A trailing `$` asks
/// for a text field as an array of characters (a long string).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PvName {
    text: String,
    /// Where the record's name ends.
    dot: usize,
}

/// Why a text is no PV name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NameError {
    /// Nothing before the dot.
    #[error("a PV name needs a record")]
    NoRecord,
    /// White space or a control character.
    #[error("a PV name holds no white space")]
    Space,
}

impl PvName {
    /// The name of the record.
    #[must_use]
    pub fn record(&self) -> &str {
        &self.text[..self.dot]
    }

    /// The field, `VAL` if none was written; without a `$`.
    #[must_use]
    pub fn field(&self) -> &str {
        match self.suffix().trim_end_matches('$') {
            "" => "VAL",
            field => field,
        }
    }

    /// Whether a `$` asks for a long string.
    #[must_use]
    pub fn is_long_string(&self) -> bool {
        self.suffix().ends_with('$')
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn suffix(&self) -> &str {
        self.text.get(self.dot + 1..).unwrap_or_default()
    }
}

impl FromStr for PvName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(NameError::Space);
        }
        let dot = text.find('.').unwrap_or(text.len());
        if dot == 0 {
            return Err(NameError::NoRecord);
        }
        Ok(Self {
            text: text.to_owned(),
            dot,
        })
    }
}

impl fmt::Display for PvName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_splits_at_the_first_dot() {
        let name: PvName = "a:{b}c.DESC$".parse().unwrap();
        assert_eq!(
            (name.record(), name.field(), name.is_long_string()),
            ("a:{b}c", "DESC", true)
        );
    }

    #[test]
    fn a_name_without_a_field_means_val() {
        let name: PvName = "a".parse().unwrap();
        assert_eq!((name.field(), name.is_long_string()), ("VAL", false));
        let long: PvName = "a.$".parse().unwrap();
        assert_eq!((long.field(), long.is_long_string()), ("VAL", true));
    }

    #[test]
    fn a_name_needs_a_record_and_no_spaces() {
        assert_eq!(".VAL".parse::<PvName>(), Err(NameError::NoRecord));
        assert_eq!("a b".parse::<PvName>(), Err(NameError::Space));
    }
}
