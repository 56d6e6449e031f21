//! Records of which nothing but the value is shown.

use beamtwin_sim::{Field, RecordType};

/// A record that sets off others; here it only has a value.
pub static FANOUT: RecordType = RecordType::new("fanout", &[Field::long("VAL").setting()]);

/// The record behind which a port of asyn is inspected; here it only keeps a number.
pub static ASYN: RecordType = RecordType::new("asyn", &[Field::long("VAL").setting()]);

/// A record that gives its value to others; here it only has it.
pub static DFANOUT: RecordType = RecordType::new("dfanout", &[Field::double("VAL").setting()]);

/// A record that sets off others one after the other; here it only has a value.
pub static SEQ: RecordType = RecordType::new("seq", &[Field::long("VAL").setting()]);

/// As [`SEQ`], of numbers and texts.
pub static SSEQ: RecordType = RecordType::new("sseq", &[Field::long("VAL").setting()]);
