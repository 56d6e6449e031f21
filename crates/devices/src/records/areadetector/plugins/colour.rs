//! The records of a colour conversion, such as those under `CC1:`.

use super::Row;
use crate::records::base::{MBBI, MBBO};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("ColorModeOut", &MBBO).states(&[
        "Mono", "Bayer", "RGB1", "RGB2", "RGB3", "YUV444", "YUV422", "YUV421",
    ]),
    Row::new("ColorModeOut_RBV", &MBBI).states(&[
        "Mono", "Bayer", "RGB1", "RGB2", "RGB3", "YUV444", "YUV422", "YUV421",
    ]),
    Row::new("FalseColor", &MBBO)
        .states(&["None", "Rainbow", "Iron"])
        .undefined(),
    Row::new("FalseColor_RBV", &MBBI).states(&["None", "Rainbow", "Iron"]),
];
