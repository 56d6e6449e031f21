//! Aligns and scores two recorded sessions.
//!
//! - [`compare()`] and [`best_of`]: the `beamtwin` method, which asks whether two sessions did the
//!   same; [`Comparison`] is what they find, [`Settings`] how they judge.
//! - [`envtrace`]: the scores of the EnvTrace package, for those who must compare with them.
//! - [`paper`]: the scores of the program behind the EnvTrace paper.
//! - [`algorithms`]: how sequences are laid side by side; [`alignment`]: ranges and rows.
//! - [`Tolerance`]: when two values are the same.
//!
//! The crate knows channels, values, and times, but no protocol: it would as well score the log of
//! a robot.
//!
//! ```
//! use beamtwin_align::{Settings, compare};
//! use beamtwin_trace::envtrace::{import, parse};
//!
//! let trace = |json: &str| import(&parse(json.as_bytes()).expect("events")).expect("a trace");
//! let reference = trace(
//!     r#"[{"channel":"x","timestamp":0,"value":0.5},{"channel":"x","timestamp":1,"value":1.0}]"#,
//! );
//! let session = trace(
//!     r#"[{"channel":"x","timestamp":0,"value":0.6},{"channel":"x","timestamp":1,"value":1.0}]"#,
//! );
//! let comparison = compare(&reference, &session, &Settings::default());
//! assert!(!comparison.alike);
//! assert_eq!(comparison.reasons, ["x was asked for 0.6 instead of 0.5 at 0.0 s"]);
//! ```

pub mod algorithms;
pub mod alignment;
pub mod envtrace;
pub mod paper;

mod common;
mod compare;
mod comparison;
mod curves;
mod cut;
mod described;
mod ends;
mod exposed;
mod glob;
mod images;
mod moves;
mod order;
mod pace;
mod paces;
mod place;
mod reasons;
mod refused;
mod score;
mod sequence;
mod settings;
mod titles;
mod tolerance;
mod who;

pub use compare::{best_of, compare};
pub use comparison::{Comparison, Counts, Ended, Entry, Note, Parts, Row, RowOp, Side, worded};
pub use curves::{Climb, Curve};
pub use cut::Cut;
pub use exposed::{Aspect, Gate, groups};
pub use pace::{Interval, Pace};
pub use settings::{CurveBounds, Settings, SettingsError, TimeBounds, Weights};
pub use tolerance::Tolerance;
