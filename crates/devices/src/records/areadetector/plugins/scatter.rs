//! The records of a plugin that deals images out, such as those under `Scatter1:`.

use super::Row;
use crate::records::base::{MBBI, MBBO};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("ScatterMethod", &MBBO)
        .states(&["Round robin"])
        .undefined(),
    Row::new("ScatterMethod_RBV", &MBBI).states(&["Round robin"]),
];
