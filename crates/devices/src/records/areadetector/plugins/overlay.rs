//! The records of a plugin that draws over images, such as those under `Over1:`.

use super::Row;
use crate::records::base::{
    BI, BO, DFANOUT, LONGIN, LONGOUT, MBBI, MBBO, STRINGIN, STRINGOUT, WAVEFORM_CHAR,
};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("MaxSizeX_RBV", &LONGIN).undefined(),
    Row::new("MaxSizeY_RBV", &LONGIN).undefined(),
];

/// Of each overlay, such as those under `Over1:1:`.
pub const OVERLAY: &[Row] = &[
    Row::new("Blue", &LONGOUT).number(1.0),
    Row::new("Blue_RBV", &LONGIN).number(1.0),
    Row::new("CenterX", &LONGOUT),
    Row::new("CenterXLink", &LONGOUT).undefined(),
    Row::new("CenterX_RBV", &LONGIN),
    Row::new("CenterY", &LONGOUT),
    Row::new("CenterYLink", &LONGOUT).undefined(),
    Row::new("CenterY_RBV", &LONGIN),
    Row::new("DisplayText", &WAVEFORM_CHAR)
        .count(256)
        .writable(),
    Row::new("DisplayText_RBV", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("DrawMode", &MBBO)
        .states(&["Set", "XOR"])
        .undefined(),
    Row::new("DrawMode_RBV", &MBBI).states(&["Set", "XOR"]),
    Row::new("Font", &MBBO)
        .states(&["6x13", "6x13 Bold", "9x15", "9x15 Bold"])
        .undefined(),
    Row::new("Font_RBV", &MBBI).states(&["6x13", "6x13 Bold", "9x15", "9x15 Bold"]),
    Row::new("Green", &LONGOUT).number(1.0),
    Row::new("Green_RBV", &LONGIN).number(1.0),
    Row::new("MaxSizeX", &LONGIN),
    Row::new("MaxSizeY", &LONGIN),
    Row::new("Name", &STRINGOUT),
    Row::new("Name_RBV", &STRINGIN),
    Row::new("PositionX", &LONGOUT),
    Row::new("PositionXLink", &LONGOUT).undefined(),
    Row::new("PositionX_RBV", &LONGIN),
    Row::new("PositionY", &LONGOUT),
    Row::new("PositionYLink", &LONGOUT).undefined(),
    Row::new("PositionY_RBV", &LONGIN),
    Row::new("Red", &LONGOUT).number(1.0),
    Row::new("Red_RBV", &LONGIN).number(1.0),
    Row::new("SetXHOPR", &DFANOUT),
    Row::new("SetYHOPR", &DFANOUT),
    Row::new("Shape", &MBBO)
        .number(1.0)
        .states(&["Cross", "Rectangle", "Ellipse", "Text"]),
    Row::new("Shape_RBV", &MBBI)
        .number(1.0)
        .states(&["Cross", "Rectangle", "Ellipse", "Text"]),
    Row::new("SizeX", &LONGOUT).number(1.0),
    Row::new("SizeXLink", &LONGOUT).undefined(),
    Row::new("SizeX_RBV", &LONGIN).number(1.0),
    Row::new("SizeY", &LONGOUT).undefined(),
    Row::new("SizeYLink", &LONGOUT).undefined(),
    Row::new("SizeY_RBV", &LONGIN),
    Row::new("TimeStampFormat", &STRINGOUT).text("%Y-%m-%d %H:%M:%S.%03f"),
    Row::new("TimeStampFormat_RBV", &STRINGIN).text("%Y-%m-%d %H:%M:%S.%03f"),
    Row::new("Use", &BO).states(&["No", "Yes"]),
    Row::new("Use_RBV", &BI).states(&["No", "Yes"]).minor(1),
    Row::new("WidthX", &LONGOUT).undefined(),
    Row::new("WidthXLink", &LONGOUT).undefined(),
    Row::new("WidthX_RBV", &LONGIN),
    Row::new("WidthY", &LONGOUT).undefined(),
    Row::new("WidthYLink", &LONGOUT).undefined(),
    Row::new("WidthY_RBV", &LONGIN),
];

/// What the overlays of an example are called.
pub const NAMES: [&str; 8] = [
    "ROI1", "ROI2", "ROI3", "ROI4", "Cursor1", "Cursor2", "Box1", "Box2",
];
