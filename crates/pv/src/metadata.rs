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
    /// Whether what follows an index in a text is ignored, as an `mbbo` does.
    pub lenient: bool,
    /// Whether it is a link: text that can be read as text only.
    pub link: bool,
    /// The type of the record (`RTYP`).
    pub class: &'static str,
    /// Whether alarms of the record that go away by themselves are to be acknowledged (`ACKT`).
    pub transient: bool,
    /// The code of the highest severity that is not acknowledged (`ACKS`).
    pub unacknowledged: u16,
}
