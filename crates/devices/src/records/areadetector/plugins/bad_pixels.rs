//! The records of a correction of bad pixels, such as those under `BadPix1:`.

use super::Row;
use crate::records::base::WAVEFORM_CHAR;

/// In alphabetical order.
pub const ROWS: &[Row] = &[Row::new("FileName", &WAVEFORM_CHAR).count(256).writable()];
