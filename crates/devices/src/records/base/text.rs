//! Text records.

use beamtwin_pv::Severity;
use beamtwin_sim::{Field, RecordType};

use super::describe::bare;
use super::menus::{IVOA, NO_SCAN, OMSL, SCAN, SIMM, YES_NO};

const POST: &[&str] = &["On Change", "Always"];

/// A text input.
pub static STRINGIN: RecordType = RecordType::new(
    "stringin",
    &[
        Field::string("VAL"),
        Field::string("OVAL"),
        Field::string("INP").setting(),
        Field::menu("MPST", POST).setting(),
        Field::menu("APST", POST).setting(),
        Field::string("SIOL").setting(),
        Field::string("SVAL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
    ],
)
.described(bare);

/// A text output.
pub static STRINGOUT: RecordType = RecordType::new(
    "stringout",
    &[
        Field::string("VAL").setting(),
        Field::string("OVAL"),
        Field::string("DOL").setting(),
        Field::menu("OMSL", OMSL).setting(),
        Field::string("OUT").setting(),
        Field::menu("MPST", POST).setting(),
        Field::menu("APST", POST).setting(),
        Field::string("SIOL").setting(),
        Field::string("SIML").setting(),
        Field::menu("SIMM", YES_NO).setting(),
        Field::menu("SIMS", Severity::LABELS).setting(),
        Field::menu("OLDSIMM", SIMM),
        Field::menu("SSCN", SCAN).setting().starts(NO_SCAN),
        Field::double("SDLY").setting().starts(-1.0),
        Field::menu("IVOA", IVOA).setting(),
        Field::string("IVOV").setting(),
    ],
)
.described(bare);
