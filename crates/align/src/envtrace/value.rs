//! Values compared as the package compares them.

use beamtwin_trace::envtrace::{Event, Value};
use serde::ser::{SerializeTuple, Serializer};

use super::Comparator;

impl Comparator {
    /// Whether two values count as the same.
    pub(super) fn agree(self, gt: &Value, pred: &Value) -> bool {
        match (self, numbers(gt, pred)) {
            (Self::AlwaysTrue, _) => true,
            (Self::Exact, Some((gt, pred))) => gt == pred,
            (Self::Tolerance(tolerance), Some((gt, pred))) => close(gt, pred, tolerance),
            (Self::Exact | Self::Tolerance(_), None) => gt.spelled() == pred.spelled(),
        }
    }

    /// Whether `math.isclose` refuses to compare two values, as the tolerance is negative.
    pub(super) fn refuses(self, gt: &Value, pred: &Value) -> bool {
        matches!(self, Self::Tolerance(tolerance) if tolerance < 0.0) && numbers(gt, pred).is_some()
    }
}

fn numbers(gt: &Value, pred: &Value) -> Option<(f64, f64)> {
    Some((number(gt)?, number(pred)?))
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
    tuple.serialize_element(&event.value)?;
    tuple.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_are_compared_as_numbers() {
        let (flag, one) = (Value::Flag(true), Value::Whole(1));
        let text = Value::Text("1".to_owned());
        for comparator in [Comparator::Exact, Comparator::Tolerance(1e-3)] {
            assert!(!comparator.agree(&flag, &one));
            assert!(comparator.agree(&text, &one));
            assert!(!comparator.agree(&text, &Value::Number(1.0)));
            assert!(comparator.agree(&one, &Value::Number(1.0)));
        }
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
