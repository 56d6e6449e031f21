//! The records of a transformation, such as those under `Trans1:`.

use super::Row;
use crate::records::base::MBBO;

/// In alphabetical order.
pub const ROWS: &[Row] = &[Row::new("Type", &MBBO).states(&[
    "None",
    "Rot90",
    "Rot180",
    "Rot270",
    "Mirror",
    "Rot90Mirror",
    "Rot180Mirror",
    "Rot270Mirror",
])];
