//! `dbnd`: small changes of a number are not told.

use beamtwin_pv::Value;

use super::Occasion;
use crate::circuit::Mask;

/// What a number must move by to be told, and the last that was.
#[derive(Clone, Debug)]
pub(super) struct Deadband {
    /// As it was asked for: a number, or percent of the value last told.
    wanted: f64,
    relative: bool,
    /// At present.
    width: f64,
    last: f64,
}

impl Deadband {
    pub(super) const fn new(wanted: f64, relative: bool) -> Self {
        Self {
            wanted,
            relative,
            width: wanted,
            last: f64::NAN,
        }
    }

    /// Whether a value passes. Texts and arrays do; a read is held back, but counts as told.
    pub(super) fn passes(&mut self, occasion: Occasion, value: &Value) -> bool {
        let number = match value {
            Value::Array(_) => None,
            scalar => scalar.as_f64(),
        };
        let Some(number) = number else {
            return true;
        };
        let mask = match occasion {
            Occasion::Read => Mask::empty(),
            Occasion::Event(mask) => mask,
        };
        let mut left = mask.difference(CHANGE);
        if beamtwin_pv::moved(self.last, number) > self.width {
            self.last = number;
            left |= mask & CHANGE;
        }
        if !left.is_empty() && self.relative {
            self.width = number * self.wanted / 100.0;
        }
        !left.is_empty()
    }
}

const CHANGE: Mask = Mask::VALUE.union(Mask::LOG);
