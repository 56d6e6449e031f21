//! The plain record types of EPICS base that devices show.

use beamtwin_sim::{Field, RecordType};

/// An analog output.
pub static AO: RecordType = RecordType::new("ao", &[Field::double("VAL").setting()]);
