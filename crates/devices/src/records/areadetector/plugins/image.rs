//! The records of an image plugin, such as those under `image1:`.

use super::Row;
use crate::records::base::WAVEFORM_LONG;

/// In alphabetical order.
pub const ROWS: &[Row] = &[Row::new("ArrayData", &WAVEFORM_LONG)
    .count(1048576)
    .readonly()
    .undefined()];
