//! The records of a Linkam controller, by the names that the endstation of 11-BM uses.
//!
//! Types follow what its profile collection asks for: numbers as doubles, `STARTHEAT` and `STATUS` as long
//! integers, models, serial numbers and versions as characters with a terminator. The names that begin with
//! `TST_` are those of the tensile stage.

use crate::records::Row;
use crate::records::base::{AI, AO, BO, LONGIN, LONGOUT, STRINGIN, WAVEFORM_CHAR};

/// A number that is measured or echoed.
const fn reading(suffix: &'static str, units: &'static str, precision: i16) -> Row {
    Row::new(suffix, &AI).units(units).precision(precision)
}

/// A number that is set.
const fn setting(suffix: &'static str, units: &'static str, precision: i16) -> Row {
    Row::new(suffix, &AO).units(units).precision(precision)
}

/// A text that never changes.
const fn label(suffix: &'static str, text: &'static str) -> Row {
    Row::new(suffix, &WAVEFORM_CHAR)
        .count(64)
        .text(text)
        .readonly()
}

const NO_YES: &[&str] = &["No", "Yes"];

/// In alphabetical order, but for the temperature, which comes first.
pub(super) const ROWS: &[Row] = &[
    reading("TEMP", "degC", 2),
    Row::new("CONFIG", &LONGIN),
    Row::new("CTRLLR:ERR", &STRINGIN).text("None"),
    Row::new("DISABLE", &BO).states(NO_YES),
    reading("DSC", "mW", 3),
    label("FIRM:VER", "beamtwin"),
    label("HARD:VER", "simulated"),
    reading("HOLDTIME", "s", 1),
    setting("HOLDTIME:SET", "s", 1),
    Row::new("INIT", &BO).states(NO_YES),
    Row::new("LNP_MODE:SET", &BO)
        .states(&["Manual", "Auto"])
        .number(1.0),
    reading("LNP_SPEED", "%", 0),
    setting("LNP_SPEED:SET", "%", 0),
    label("MODEL", "T96"),
    reading("POWER", "%", 1),
    reading("RAMPRATE", "degC/min", 2),
    setting("RAMPRATE:SET", "degC/min", 2),
    reading("RAMPTIME", "s", 1),
    label("SERIAL", "simulated"),
    reading("SETPOINT", "degC", 2),
    setting("SETPOINT:SET", "degC", 2),
    Row::new("STAGE:CONFIG", &LONGIN),
    label("STAGE:MODEL", "simulated stage"),
    label("STAGE:SERIAL", "simulated"),
    Row::new("STARTHEAT", &LONGOUT),
    Row::new("STATUS", &LONGIN),
    Row::new("TST_CYCLES_REMAINING", &LONGIN),
    reading("TST_FORCE", "N", 3),
    reading("TST_FORCE_SETPOINT", "N", 3),
    setting("TST_FORCE_SETPOINT:SET", "N", 3),
    reading("TST_JAW_TO_JAW_SIZE", "um", 1),
    setting("TST_JAW_TO_JAW_SIZE:SET", "um", 1),
    reading("TST_MAX_FORCE", "N", 3),
    reading("TST_MOTOR_POS", "um", 1),
    reading("TST_MTR_DIST_SP", "um", 1),
    setting("TST_MTR_DIST_SP:SET", "um", 1),
    reading("TST_MTR_VEL", "um/s", 1),
    setting("TST_MTR_VEL:SET", "um/s", 1),
    reading("TST_RAW_MOTOR_POS", "", 1),
    Row::new("TST_START_MOTOR", &LONGOUT),
    Row::new("TST_STATUS", &LONGIN),
    reading("TST_STRAIN", "%", 3),
    reading("TST_STRESS", "N/mm2", 3),
    Row::new("TST_TABLE_DIR", &LONGIN),
    Row::new("TST_TABLE_DIR:SET", &LONGOUT),
    Row::new("TST_TABLE_MODE", &LONGIN),
    Row::new("TST_TABLE_MODE:SET", &LONGOUT),
];
