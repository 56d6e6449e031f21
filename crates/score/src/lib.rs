//! Scores many sessions of several candidates against references, item by item.
//!
//! - [`Suite`]: the items with their references, the candidates with their sessions, the settings.
//! - [`run()`]: compares what has not been compared yet, on all cores; [`Kept`] are the results of earlier runs.
//! - [`Scores`]: what came out, with intervals over repeats; as [`table`], [`mod@csv`], [`page`], and JSON by `serde`.
//!
//! A session is compared with each reference of its item by the method of the suite, and the best one counts.

pub mod csv;
pub mod interval;
pub mod page;
pub mod table;

mod folder;
mod kept;
mod method;
mod outcome;
mod problem;
mod reference;
mod run;
mod scores;
mod shape;
mod suite;

pub use kept::Kept;
pub use method::Method;
pub use outcome::{Dimension, Outcome};
pub use problem::{Problem, Problems};
pub use reference::Reference;
pub use run::run;
pub use scores::{Cell, Estimate, Judged, Scores, SessionScore, Share, Standing};
pub use suite::{Candidate, Item, Suite};
