//! Arrays.

use beamtwin_pv::{Severity, ValueKind};
use beamtwin_sim::{Field, RecordType};

use super::describe::waveform;
use super::menus::{NO_SCAN, SCAN, SIMM, YES_NO};

const FTYPE: &[&str] = &[
    "STRING", "CHAR", "UCHAR", "SHORT", "USHORT", "LONG", "ULONG", "INT64", "UINT64", "FLOAT",
    "DOUBLE", "ENUM",
];
const POST_ARRAY: &[&str] = &["Always", "On Change"];

/// An array of chars.
pub static WAVEFORM_CHAR: RecordType = RecordType::new(
    "waveform",
    &[
        Field::char("VAL").array().setting(),
        Field::short("RARM").setting(),
        Field::short("PREC").setting(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::double("NELM").constant().starts(1.0),
        Field::menu("FTVL", FTYPE).constant().starts(1.0),
        Field::short("BUSY"),
        Field::double("NORD"),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("MPST", POST_ARRAY).setting(),
        Field::menu("APST", POST_ARRAY).setting(),
        Field::double("HASH").setting(),
    ],
)
.described(waveform);

/// An array of doubles.
pub static WAVEFORM_DOUBLE: RecordType = RecordType::new(
    "waveform",
    &[
        Field::double("VAL").array().setting(),
        Field::short("RARM").setting(),
        Field::short("PREC").setting(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::double("NELM").constant().starts(1.0),
        Field::menu("FTVL", FTYPE).constant().starts(10.0),
        Field::short("BUSY"),
        Field::double("NORD"),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("MPST", POST_ARRAY).setting(),
        Field::menu("APST", POST_ARRAY).setting(),
        Field::double("HASH").setting(),
    ],
)
.described(waveform);

/// An array of enums.
pub static WAVEFORM_ENUM: RecordType = RecordType::new(
    "waveform",
    &[
        Field::of("VAL", ValueKind::Enum).array().setting(),
        Field::short("RARM").setting(),
        Field::short("PREC").setting(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::double("NELM").constant().starts(1.0),
        Field::menu("FTVL", FTYPE).constant().starts(11.0),
        Field::short("BUSY"),
        Field::double("NORD"),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("MPST", POST_ARRAY).setting(),
        Field::menu("APST", POST_ARRAY).setting(),
        Field::double("HASH").setting(),
    ],
)
.described(waveform);

/// An array of floats.
pub static WAVEFORM_FLOAT: RecordType = RecordType::new(
    "waveform",
    &[
        Field::float("VAL").array().setting(),
        Field::short("RARM").setting(),
        Field::short("PREC").setting(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::double("NELM").constant().starts(1.0),
        Field::menu("FTVL", FTYPE).constant().starts(9.0),
        Field::short("BUSY"),
        Field::double("NORD"),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("MPST", POST_ARRAY).setting(),
        Field::menu("APST", POST_ARRAY).setting(),
        Field::double("HASH").setting(),
    ],
)
.described(waveform);

/// An array of longs.
pub static WAVEFORM_LONG: RecordType = RecordType::new(
    "waveform",
    &[
        Field::long("VAL").array().setting(),
        Field::short("RARM").setting(),
        Field::short("PREC").setting(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::double("NELM").constant().starts(1.0),
        Field::menu("FTVL", FTYPE).constant().starts(5.0),
        Field::short("BUSY"),
        Field::double("NORD"),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("MPST", POST_ARRAY).setting(),
        Field::menu("APST", POST_ARRAY).setting(),
        Field::double("HASH").setting(),
    ],
)
.described(waveform);

/// An array of shorts.
pub static WAVEFORM_SHORT: RecordType = RecordType::new(
    "waveform",
    &[
        Field::short("VAL").array().setting(),
        Field::short("RARM").setting(),
        Field::short("PREC").setting(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::double("NELM").constant().starts(1.0),
        Field::menu("FTVL", FTYPE).constant().starts(3.0),
        Field::short("BUSY"),
        Field::double("NORD"),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("MPST", POST_ARRAY).setting(),
        Field::menu("APST", POST_ARRAY).setting(),
        Field::double("HASH").setting(),
    ],
)
.described(waveform);

/// An array of strings.
pub static WAVEFORM_STRING: RecordType = RecordType::new(
    "waveform",
    &[
        Field::string("VAL").array().setting(),
        Field::short("RARM").setting(),
        Field::short("PREC").setting(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::double("NELM").constant().starts(1.0),
        Field::menu("FTVL", FTYPE).constant(),
        Field::short("BUSY"),
        Field::double("NORD"),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("MPST", POST_ARRAY).setting(),
        Field::menu("APST", POST_ARRAY).setting(),
        Field::double("HASH").setting(),
    ],
)
.described(waveform);

/// A part of an array.
pub static SUBARRAY: RecordType = RecordType::new(
    "subArray",
    &[
        Field::long("VAL").array(),
        Field::short("PREC").setting(),
        Field::menu("FTVL", FTYPE).constant(),
        Field::string("INP").setting(),
        Field::string("EGU").setting(),
        Field::double("HOPR").setting(),
        Field::double("LOPR").setting(),
        Field::double("MALM"),
        Field::double("NELM").setting().starts(1.0),
        Field::double("INDX").setting(),
        Field::short("BUSY"),
        Field::long("NORD"),
    ],
)
.described(waveform);
