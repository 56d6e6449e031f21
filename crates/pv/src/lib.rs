//! The vocabulary that all protocols share: what a process variable is.
//!
//! | module | holds |
//! | --- | --- |
//! | [`value`] | scalars, enums, text and shared arrays |
//! | [`alarm`] | EPICS severity and status |
//! | [`time`] | device time in nanoseconds, and the epoch that dates it |
//! | [`metadata`] | units, precision, limits, enum labels |
//! | [`sample`] | a value with its alarm and its time stamp |
//! | [`convert`] | text, numbers and enums into each other, as the C database does it |
//! | [`deadband`] | how far a number moved |
//! | [`name`] | `record`, `record.FIELD`, `record.FIELD$` |
//! | [`numbered`] | hash tables by numbers that we gave ourselves |
//! | [`mod@nearest`] | what somebody may have meant to write |
//! | [`quantity`] | "100 ms", "13.5 keV", "10 degC/min" |
//!
//! Channel Access is one view of these types; nothing here knows a protocol, a clock or a socket.
//!
//! ```
//! use beamtwin_pv::{PvName, Value};
//!
//! let name: PvName = "XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr.RBV".parse().unwrap();
//! assert_eq!((name.record(), name.field()), ("XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr", "RBV"));
//! assert_eq!(Value::from(2.5).to_string(), "2.5");
//! ```

pub mod alarm;
pub mod convert;
pub mod deadband;
pub mod metadata;
pub mod name;
pub mod nearest;
pub mod numbered;
pub mod quantity;
pub mod sample;
pub mod text;
pub mod time;
pub mod value;

pub use alarm::{Alarm, AlarmStatus, Severity};
pub use convert::Conversion;
pub use deadband::moved;
pub use metadata::{Integer, Metadata, Range};
pub use name::{NameError, PvName};
pub use numbered::Numbered;
pub use sample::Sample;
pub use text::Text;
pub use time::{Epoch, SimTime, Timestamp};
pub use value::{Array, Value, ValueKind};
