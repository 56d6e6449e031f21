//! The records of a plugin that shows attributes, such as those under `Attr1:`.

use super::Row;
use crate::records::base::{AI, BO, WAVEFORM_CHAR, WAVEFORM_DOUBLE};

/// In alphabetical order.
pub const ROWS: &[Row] = &[Row::new("Reset", &BO).states(&["Done Reset", "Reset"])];

/// Of each attribute, such as those under `Attr1:1:`.
pub const ATTRIBUTE: &[Row] = &[
    Row::new("AttrName", &WAVEFORM_CHAR).count(256).writable(),
    Row::new("AttrName_RBV", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("TSArrayValue", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("ValueSum_RBV", &AI).precision(4),
    Row::new("Value_RBV", &AI).precision(4),
];
