//! The records of statistics of several regions, such as those under `ROIStat1:`.

use super::Row;
use crate::records::base::{AI, BI, BO, LONGIN, LONGOUT, MBBO, STRINGOUT, WAVEFORM_DOUBLE};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("ResetAll", &BO).undefined(),
    Row::new("TSAcquiring", &BI)
        .states(&["Done", "Acquiring"])
        .minor(1)
        .undefined(),
    Row::new("TSControl", &MBBO)
        .states(&["Erase/Start", "Start", "Stop", "Read", "Erase"])
        .undefined(),
    Row::new("TSCurrentPoint", &LONGIN).undefined(),
    Row::new("TSNumPoints", &LONGOUT).number(2048.0),
    Row::new("TSRead", &LONGOUT).number(3.0),
];

/// Of each region, such as those under `ROIStat1:1:`.
pub const REGION: &[Row] = &[
    Row::new("BgdWidth", &LONGOUT),
    Row::new("BgdWidth_RBV", &LONGIN),
    Row::new("MaxSizeX_RBV", &LONGIN),
    Row::new("MaxSizeY_RBV", &LONGIN),
    Row::new("MaxValue_RBV", &AI),
    Row::new("MeanValue_RBV", &AI),
    Row::new("MinValue_RBV", &AI),
    Row::new("MinX", &LONGOUT),
    Row::new("MinX_RBV", &LONGIN),
    Row::new("MinY", &LONGOUT),
    Row::new("MinY_RBV", &LONGIN),
    Row::new("Name", &STRINGOUT).undefined(),
    Row::new("Net_RBV", &AI),
    Row::new("Reset", &BO).undefined(),
    Row::new("SizeX", &LONGOUT),
    Row::new("SizeX_RBV", &LONGIN),
    Row::new("SizeY", &LONGOUT),
    Row::new("SizeY_RBV", &LONGIN),
    Row::new("TSMaxValue", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSMeanValue", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSMinValue", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSNet", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSTimestamp", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSTotal", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("Total_RBV", &AI),
    Row::new("Use", &BO).states(&["No", "Yes"]),
    Row::new("Use_RBV", &BI).states(&["No", "Yes"]),
];
