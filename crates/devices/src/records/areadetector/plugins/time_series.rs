//! The records of a time series plugin, such as those under `Stats1:TS:`.

use super::Row;
use crate::records::base::{AI, AO, BI, BO, BUSY, LONGIN, LONGOUT, MBBI, MBBO, WAVEFORM_DOUBLE};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("TSAcquire", &BUSY)
        .states(&["Done", "Acquire"])
        .undefined(),
    Row::new("TSAcquireMode", &MBBO)
        .states(&["Fixed length", "Circ. buffer"])
        .undefined(),
    Row::new("TSAcquireMode_RBV", &MBBI).states(&["Fixed length", "Circ. buffer"]),
    Row::new("TSAcquiring", &BI)
        .states(&["Done", "Acquiring"])
        .minor(1)
        .undefined(),
    Row::new("TSAveragingTime", &AO).number(0.1).precision(3),
    Row::new("TSAveragingTime_RBV", &AI)
        .number(0.1)
        .precision(3),
    Row::new("TSCurrentPoint", &LONGIN),
    Row::new("TSElapsedTime", &AI).precision(3).undefined(),
    Row::new("TSNumAverage", &LONGIN).number(1.0),
    Row::new("TSNumPoints", &LONGOUT).number(2048.0),
    Row::new("TSRead", &BO)
        .number(1.0)
        .states(&["Done", "Read"]),
    Row::new("TSTimeAxis", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSTimePerPoint", &AO).number(0.1).precision(3),
    Row::new("TSTimePerPointLink", &AO).number(0.1),
    Row::new("TSTimePerPoint_RBV", &AI).number(0.1).precision(3),
    Row::new("TSTimestamp", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
];
