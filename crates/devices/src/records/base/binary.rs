//! Records of two states.

use beamtwin_pv::Severity;
use beamtwin_sim::{Field, RecordType};

use super::describe::{bare, binary_output};
use super::menus::{IVOA, NO_SCAN, OMSL, SCAN, SIMM, YES_NO};

/// What says something about the value: `HIGH` is a time here.
const NAMES: &[&str] = &["ONAM", "ZNAM"];

/// A binary input.
pub static BI: RecordType = RecordType::new(
    "bi",
    &[
        Field::string("INP").setting(),
        Field::states("VAL"),
        Field::menu("ZSV", Severity::LABELS).setting(),
        Field::menu("OSV", Severity::LABELS).setting(),
        Field::menu("COSV", Severity::LABELS).setting(),
        Field::string("ZNAM").setting(),
        Field::string("ONAM").setting(),
        Field::ulong("RVAL").setting(),
        Field::ulong("ORAW"),
        Field::ulong("MASK"),
        Field::long("LALM"),
        Field::long("MLST"),
        Field::string("SIOL").setting(),
        Field::ulong("SVAL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", SIMM).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
    ],
)
.described(bare);

/// A binary output.
pub static BO: RecordType = RecordType::new(
    "bo",
    &[
        Field::states("VAL").setting(),
        Field::menu("OMSL", OMSL).setting(),
        Field::string("DOL").setting(),
        Field::string("OUT").setting(),
        Field::double("HIGH").setting(),
        Field::string("ZNAM").setting(),
        Field::string("ONAM").setting(),
        Field::ulong("RVAL").setting(),
        Field::ulong("ORAW"),
        Field::ulong("MASK"),
        Field::menu("ZSV", Severity::LABELS).setting(),
        Field::menu("OSV", Severity::LABELS).setting(),
        Field::menu("COSV", Severity::LABELS).setting(),
        Field::ulong("RBV"),
        Field::ulong("ORBV"),
        Field::long("MLST"),
        Field::long("LALM"),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", SIMM).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("IVOA", IVOA).setting(),
        Field::long("IVOV").setting(),
    ],
)
.described(binary_output)
.properties(NAMES);

/// A binary output that is done when somebody writes 0.
pub static BUSY: RecordType = RecordType::new(
    "busy",
    &[
        Field::states("VAL").setting(),
        Field::menu("OMSL", OMSL).setting(),
        Field::string("DOL").setting(),
        Field::string("OUT").setting(),
        Field::double("HIGH").setting(),
        Field::string("ZNAM").setting(),
        Field::string("ONAM").setting(),
        Field::ulong("RVAL").setting(),
        Field::ulong("ORAW"),
        Field::ulong("OVAL"),
        Field::ulong("MASK"),
        Field::menu("ZSV", Severity::LABELS).setting(),
        Field::menu("OSV", Severity::LABELS).setting(),
        Field::menu("COSV", Severity::LABELS).setting(),
        Field::ulong("RBV"),
        Field::ulong("ORBV"),
        Field::long("MLST"),
        Field::long("LALM"),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("IVOA", IVOA).setting(),
        Field::long("IVOV").setting(),
    ],
)
.described(binary_output)
.properties(NAMES);
