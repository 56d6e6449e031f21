//! What Python makes of a value: its spelling, its float, its truth.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use thiserror::Error;

use super::Value;

/// What Python raises of a value that is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotAFloat {
    /// A text that spells no number.
    #[error("ValueError")]
    Value,
    /// Something that is neither a number nor a text.
    #[error("TypeError")]
    Type,
}

impl Value {
    /// `float` of it.
    pub fn float(&self) -> Result<f64, NotAFloat> {
        match self {
            Self::Flag(flag) => Ok(f64::from(u8::from(*flag))),
            Self::Whole(number) => Ok(*number as f64),
            Self::Number(number) => Ok(*number),
            Self::Text(text) => number(text.trim()).ok_or(NotAFloat::Value),
            Self::None | Self::List(_) | Self::Object(_) => Err(NotAFloat::Type),
        }
    }

    /// `bool` of it.
    pub fn truth(&self) -> bool {
        match self {
            Self::None => false,
            Self::Flag(flag) => *flag,
            Self::Whole(number) => *number != 0,
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Object(entries) => !entries.is_empty(),
        }
    }

    /// `str` of it.
    pub fn spelled(&self) -> String {
        match self {
            Self::None => "None".to_owned(),
            Self::Flag(flag) => if *flag { "True" } else { "False" }.to_owned(),
            Self::Whole(number) => number.to_string(),
            Self::Number(number) => spelled_float(*number),
            Self::Text(text) => text.clone(),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::quoted).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Object(entries) => {
                let entry = |(key, value): &(String, Self)| {
                    format!("{}: {}", quoted_text(key), value.quoted())
                };
                let entries: Vec<_> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// `repr` of it.
    fn quoted(&self) -> String {
        match self {
            Self::Text(text) => quoted_text(text),
            other => other.spelled(),
        }
    }
}

/// A number as Python reads it from a text, with `_` between digits.
fn number(text: &str) -> Option<f64> {
    let digit = |at: Option<usize>| {
        at.and_then(|at| text.as_bytes().get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let apart = |(at, _)| digit(usize::checked_sub(at, 1)) && digit(Some(at + 1));
    text.match_indices('_')
        .all(apart)
        .then(|| text.replace('_', "").parse().ok())?
}

fn quoted_text(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if letter == quote => out.extend(['\\', quote]),
            _ if letter.is_ascii_control() => {
                out.push_str(&format!("\\x{:02x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push(quote);
    out
}

fn spelled_float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    let rust = format!("{number:?}");
    // Python pads the exponent to two digits, gives it a sign, and turns to it from 1e-4 down.
    let Some((mantissa, exponent)) = rust.split_once('e') else {
        if number != 0.0 && number.abs() < 1e-4 {
            return spelled_scientific(&format!("{number:e}"));
        }
        return rust;
    };
    spelled_scientific(&format!(
        "{}e{exponent}",
        mantissa.strip_suffix(".0").unwrap_or(mantissa)
    ))
}

fn spelled_scientific(rust: &str) -> String {
    let (mantissa, exponent) = rust.split_once('e').unwrap_or((rust, "0"));
    match exponent.strip_prefix('-') {
        Some(digits) => format!("{mantissa}e-{digits:0>2}"),
        None => format!("{mantissa}e+{exponent:0>2}"),
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

/// Takes whatever a file holds.
struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or(Value::Number(number as f64), Value::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut places = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<Value, Value>()? {
            let key = key.spelled();
            // Of a name that comes twice, Python keeps the first place and the last value.
            let place = *places.entry(key.clone()).or_insert(entries.len());
            match entries.get_mut(place) {
                Some((_, known)) => *known = value,
                None => entries.push((key, value)),
            }
        }
        Ok(match &entries[..] {
            [(key, Value::Text(name))] if key == "float" => match name.as_str() {
                "nan" => Value::Number(f64::NAN),
                "inf" => Value::Number(f64::INFINITY),
                "-inf" => Value::Number(f64::NEG_INFINITY),
                _ => Value::Object(entries),
            },
            _ => Value::Object(entries),
        })
    }
}

pub(super) fn entries<S: Serializer>(
    entries: &[(String, Value)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    for (key, value) in entries {
        map.serialize_entry(key, value)?;
    }
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_spelled_as_python_spells_them() {
        let spelled = |number| Value::Number(number).spelled();
        assert_eq!(spelled(1.0), "1.0");
        assert_eq!(spelled(1e16), "1e+16");
        assert_eq!(spelled(1.5e300), "1.5e+300");
        assert_eq!(spelled(0.0001), "0.0001");
        assert_eq!(spelled(0.00005), "5e-05");
        assert_eq!(spelled(f64::NEG_INFINITY), "-inf");
    }

    #[test]
    fn texts_inside_others_are_quoted() {
        let text = |text: &str| Value::Text(text.to_owned());
        let list = Value::List(vec![
            text("a"),
            text("it's"),
            text("\"'\\\n\u{1}"),
            Value::None,
        ]);
        assert_eq!(list.spelled(), r#"['a', "it's", '"\'\\\n\x01', None]"#);
        let object = Value::Object(vec![("k".to_owned(), Value::Number(1.0))]);
        assert_eq!(object.spelled(), "{'k': 1.0}");
    }

    #[test]
    fn of_a_name_that_comes_twice_the_last_value_counts() {
        let value: Value = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(value.spelled(), "{'a': 3, 'b': 2}");
    }

    #[test]
    fn a_float_is_read_from_a_text() {
        let float = |text: &str| Value::Text(text.to_owned()).float();
        assert_eq!(float(" 1_0 "), Ok(10.0));
        assert_eq!(float("-Infinity"), Ok(f64::NEG_INFINITY));
        for text in ["", "_1", "1_", "1__0", "1_.5", "0x1"] {
            assert_eq!(float(text), Err(NotAFloat::Value), "{text}");
        }
        assert_eq!(Value::None.float(), Err(NotAFloat::Type));
        assert_eq!(Value::List(vec![]).float(), Err(NotAFloat::Type));
    }
}
