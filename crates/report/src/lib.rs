//! What a comparison, or a trace, says to a reader.
//!
//! Everything here is a pure function of a value that another crate made:
//!
//! - [`comparison`]: a comparison by our own method.
//! - [`envtrace`]: an evaluation as EnvTrace makes it.
//! - [`paper`]: an evaluation as the program behind its paper makes it.
//! - [`info`]: what a trace holds.
//! - [`page`]: a comparison as a page of HTML, to look at.
//! - [`preflight`]: what a session will do, before beamtime.
//!
//! Each has `text`, for a person, and `json`, for a program.
//!
//! ```
//! use beamtwin_align::{Settings, compare};
//! use beamtwin_trace::envtrace::{import, parse};
//!
//! let json = r#"[{"channel":"x","timestamp":0,"value":0.5}]"#;
//! let trace = import(&parse(json.as_bytes()).expect("events")).expect("a trace");
//! let comparison = compare(&trace, &trace, &Settings::default());
//! assert!(beamtwin_report::comparison::text(&comparison).starts_with("ALIKE"));
//! ```

pub mod comparison;
pub mod envtrace;
pub mod info;
pub mod page;
pub mod paper;
pub mod preflight;

mod screen;
mod words;

pub use screen::Screen;
pub use words::printable;
