//! Records of which nothing but the value is shown.

use beamtwin_sim::{Field, RecordType};

/// A record that sets off others; here it only has a value.
pub static FANOUT: RecordType = RecordType::new("fanout", &[Field::long("VAL").setting()]);

/// The record behind which a port of asyn is inspected; here it only keeps a number.
pub static ASYN: RecordType = RecordType::new("asyn", &[Field::long("VAL").setting()]);
