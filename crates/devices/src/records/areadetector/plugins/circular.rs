//! The records of a circular buffer, such as those under `CB1:`.

use super::Row;
use crate::records::base::{AI, BI, BO, BUSY, LONGIN, LONGOUT, STRINGIN, STRINGOUT, WAVEFORM_CHAR};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("ActualTriggerCount_RBV", &LONGIN),
    Row::new("Capture", &BUSY)
        .states(&["Done", "Capture"])
        .minor(1),
    Row::new("Capture_RBV", &BI)
        .states(&["Done", "Capturing"])
        .minor(1),
    Row::new("CurrentQty_RBV", &LONGIN),
    Row::new("FlushOnSoftTrg", &BO).states(&["OnNewImage", "Immediately"]),
    Row::new("FlushOnSoftTrg_RBV", &BI).states(&["OnNewImage", "Immediately"]),
    Row::new("PostCount", &LONGOUT).number(100.0),
    Row::new("PostCount_RBV", &LONGIN).number(100.0),
    Row::new("PostTriggerQty_RBV", &LONGIN),
    Row::new("PreCount", &LONGOUT).number(100.0),
    Row::new("PreCount_RBV", &LONGIN).number(100.0),
    Row::new("PresetTriggerCount", &LONGOUT).number(1.0),
    Row::new("PresetTriggerCount_RBV", &LONGIN).number(1.0),
    Row::new("StatusMessage", &STRINGIN).text("Idle"),
    Row::new("Trigger", &BUSY)
        .number(1.0)
        .states(&["Done", "Trigger"])
        .minor(1),
    Row::new("TriggerA", &STRINGOUT).undefined(),
    Row::new("TriggerAVal", &AI).precision(3).undefined(),
    Row::new("TriggerA_RBV", &STRINGIN),
    Row::new("TriggerB", &STRINGOUT).undefined(),
    Row::new("TriggerBVal", &AI).precision(3).undefined(),
    Row::new("TriggerB_RBV", &STRINGIN),
    Row::new("TriggerCalc", &WAVEFORM_CHAR)
        .count(256)
        .writable(),
    Row::new("TriggerCalcVal", &AI).precision(3).undefined(),
    Row::new("TriggerCalc_RBV", &WAVEFORM_CHAR)
        .text("0")
        .count(256)
        .readonly(),
    Row::new("Trigger_RBV", &BI)
        .states(&["Done", "Triggered"])
        .minor(1)
        .undefined(),
];
