//! The records of a plugin that writes netCDF files, such as those under `netCDF1:`.

use super::Row;
use crate::records::base::{MBBI, MBBO};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("FileFormat", &MBBO).states(&["netCDF", "Invalid"]),
    Row::new("FileFormat_RBV", &MBBI).states(&["netCDF", "Undefined"]),
];
