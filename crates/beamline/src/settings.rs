//! From a table to the settings of a kind, with all that is wrong in it, not just the first.

mod made_up;
mod path;
mod reading;
mod schema;
mod surplus;
mod words;

pub(crate) use path::{item, shown};
pub(crate) use reading::read;
pub(crate) use schema::names;
pub(crate) use surplus::surplus;
pub(crate) use words::unknown;

use std::ops::Range;

/// One mistake in a table.
#[derive(Clone, Debug)]
pub(crate) struct Complaint {
    pub(crate) span: Range<usize>,
    /// The setting it is about, dotted where nested; empty for the table itself.
    pub(crate) path: Vec<String>,
    /// What is wrong, without the name of the device.
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The setting that is not there, for a missing one.
    pub(crate) missing: Option<String>,
}

/// What could be read of a table.
pub(crate) struct Read<T> {
    /// The settings. If there was a mistake, several guesses at them: settings that are wrong are at their
    /// defaults, or have made-up values that differ from guess to guess.
    pub(crate) guesses: Vec<T>,
    pub(crate) complaints: Vec<Complaint>,
    /// What was wrong or not there, so that nothing can be said about it.
    pub(crate) gone: Vec<Vec<String>>,
    /// Whether there was no mistake at all.
    pub(crate) sound: bool,
}
