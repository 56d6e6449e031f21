//! What a value means: units, precision, limits, labels.

use std::sync::Arc;

use crate::text::Text;

/// Lower and upper bound; both zero where nobody set them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

impl Range {
    /// From `low` to `high`.
    #[must_use]
    pub const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }
}

/// An integer that Channel Access shows as a double. Beyond 2⁵³ it is not exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer {
    /// 64 bits with a sign.
    Int64,
    /// 32 bits without.
    Ulong,
}

impl Integer {
    /// As C casts a number to it and shows it as a double again.
    #[must_use]
    pub const fn of(self, number: f64) -> f64 {
        let whole = Self::whole(number);
        match self {
            Self::Int64 => whole as f64,
            Self::Ulong => whole as u32 as f64,
        }
    }

    /// The integer that is shown as this number: the least there is for what is none, as on x86-64.
    #[must_use]
    pub const fn whole(number: f64) -> i64 {
        if number >= -9_223_372_036_854_775_808.0 && number < 9_223_372_036_854_775_808.0 {
            number as i64
        } else {
            i64::MIN
        }
    }
}

/// What `DBR_GR_*` and `DBR_CTRL_*` tell of a value, and `DBR_CLASS_NAME` and `DBR_STSACK_STRING` of its record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// Engineering units.
    pub units: Text,
    /// Digits after the point.
    pub precision: i16,
    /// Digits after the point of a number that becomes text, where that is not [`precision`](Self::precision):
    /// 6 where a record knows none.
    pub digits: Option<i16>,
    /// What a display should span (`LOPR`, `HOPR`).
    pub display: Range,
    /// The `LOLO` and `HIHI` alarm limits; NaN where there are none.
    pub alarm: Range,
    /// The `LOW` and `HIGH` alarm limits; NaN where there are none.
    pub warning: Range,
    /// What a client may write (`DRVL`, `DRVH`).
    pub control: Range,
    /// The labels of an enum, in order.
    pub labels: Arc<[Text]>,
    /// How many states the record can have, named or not; 0 for a menu.
    pub states: u16,
    /// Whether the database takes the value for an array of one, as that of an `mbbo`: what follows an index in a text
    /// is ignored, for instance.
    pub as_array: bool,
    /// What kind of integer it is, where Channel Access has no type for it and shows a double.
    pub integer: Option<Integer>,
    /// Whether it is a link: text that can be read as text only.
    pub link: bool,
    /// The type of the record (`RTYP`).
    pub class: &'static str,
    /// Whether alarms of the record that go away by themselves are to be acknowledged (`ACKT`).
    pub transient: bool,
    /// The code of the highest severity that is not acknowledged (`ACKS`).
    pub unacknowledged: u16,
}
