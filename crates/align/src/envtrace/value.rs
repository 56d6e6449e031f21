//! Values with Python's idea of equality, and their spelling.

use beamtwin_trace::envtrace::{Event, Value};
use serde::ser::{SerializeTuple, Serializer};

use super::Comparator;

impl Comparator {
    /// Whether two values count as the same.
    pub(super) fn agree(self, gt: &Value, pred: &Value) -> bool {
        match self {
            Self::AlwaysTrue => true,
            Self::Exact => equal(gt, pred),
            Self::Tolerance(tolerance) => match (number(gt), number(pred)) {
                (Some(gt), Some(pred)) => close(gt, pred, tolerance),
                _ => spelled(gt) == spelled(pred),
            },
        }
    }
}

/// A number, which for the package a flag or a text of digits is not.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Whole(number) => Some(*number as f64),
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

/// `math.isclose` with a relative tolerance alone, so that nothing is close to zero but zero.
fn close(one: f64, other: f64, relative: f64) -> bool {
    if one == other {
        return true;
    }
    if one.is_infinite() || other.is_infinite() {
        return false;
    }
    (one - other).abs() <= relative * one.abs().max(other.abs())
}

/// Python's `==`, for which a flag is a number.
fn equal(one: &Value, other: &Value) -> bool {
    let numeric = |value: &Value| match value {
        Value::Flag(flag) => Some(f64::from(u8::from(*flag))),
        _ => number(value),
    };
    match (numeric(one), numeric(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => match (one, other) {
            (Value::List(one), Value::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(a, b)| equal(a, b))
            }
            _ => one == other,
        },
        _ => false,
    }
}

/// Python's `float`, for continuous channels.
pub(super) fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Flag(flag) => Some(f64::from(u8::from(*flag))),
        Value::Text(text) => text.trim().parse().ok(),
        _ => number(value),
    }
}

/// Python's `str`.
pub(super) fn spelled(value: &Value) -> String {
    match value {
        Value::None => "None".to_owned(),
        Value::Flag(flag) => if *flag { "True" } else { "False" }.to_owned(),
        Value::Whole(number) => number.to_string(),
        Value::Number(number) => spelled_float(*number),
        Value::Text(text) => text.clone(),
        Value::List(items) => {
            let item = |item: &Value| match item {
                Value::Text(text) => format!("'{text}'"),
                other => spelled(other),
            };
            format!(
                "[{}]",
                items.iter().map(item).collect::<Vec<_>>().join(", ")
            )
        }
    }
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

/// Writes an event as `[channel, timestamp, value]`.
pub(super) fn event<S: Serializer>(
    event: &Option<Event>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Some(event) = event else {
        return serializer.serialize_none();
    };
    let mut tuple = serializer.serialize_tuple(3)?;
    tuple.serialize_element(&event.channel)?;
    tuple.serialize_element(&event.timestamp)?;
    tuple.serialize_element(&json(&event.value))?;
    tuple.end()
}

fn json(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::None => Json::Null,
        Value::Flag(flag) => Json::from(*flag),
        Value::Whole(number) => Json::from(*number),
        Value::Number(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(items) => items.iter().map(json).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_spelled_as_python_spells_them() {
        let spelled = |number| spelled(&Value::Number(number));
        assert_eq!(spelled(1.0), "1.0");
        assert_eq!(spelled(1e16), "1e+16");
        assert_eq!(spelled(1.5e300), "1.5e+300");
        assert_eq!(spelled(0.0001), "0.0001");
        assert_eq!(spelled(0.00005), "5e-05");
        assert_eq!(spelled(f64::NEG_INFINITY), "-inf");
    }

    #[test]
    fn a_flag_equals_a_number_only_where_the_comparison_is_exact() {
        let (flag, one) = (Value::Flag(true), Value::Whole(1));
        assert!(Comparator::Exact.agree(&flag, &one));
        assert!(!Comparator::Tolerance(1e-3).agree(&flag, &one));
    }

    #[test]
    fn nothing_is_close_to_zero_but_zero() {
        let agree = |a, b| Comparator::Tolerance(1e-3).agree(&Value::Number(a), &Value::Number(b));
        assert!(!agree(0.0, 1e-12));
        assert!(agree(13500.0, 13513.0));
        assert!(agree(0.0, -0.0));
        assert!(!agree(f64::NAN, f64::NAN));
        assert!(agree(f64::INFINITY, f64::INFINITY));
    }
}
