//! A value at a moment.

use crate::{Alarm, Timestamp, Value};

/// What a read answers and what a monitor carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The value.
    pub value: Value,
    /// The alarm of its record.
    pub alarm: Alarm,
    /// The EPICS time stamp of its record.
    pub stamp: Timestamp,
}
