//! The records of a plugin that writes JPEG files, such as those under `JPEG1:`.

use super::Row;
use crate::records::base::{LONGIN, LONGOUT, MBBI, MBBO};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("FileFormat", &MBBO).states(&["JPEG", "Invalid"]),
    Row::new("FileFormat_RBV", &MBBI).states(&["JPEG", "Undefined"]),
    Row::new("JPEGQuality", &LONGOUT).number(50.0),
    Row::new("JPEGQuality_RBV", &LONGIN).number(50.0),
];
