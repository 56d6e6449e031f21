//! From a beamline file to a world, with good errors.
//!
//! A file is TOML: one table for each device, `[kind.name]`. [`load`] reads its text and answers with a
//! [`Beamline`] that can be built as often as wanted, or with all [`Problems`] of the file at once, each
//! with its place and, where possible, with advice. Nothing here opens a file.
//!
//! | module | step |
//! | --- | --- |
//! | `parse` | text to tables that remember their place |
//! | [`layers`] | built-in < `[defaults.kind]` < table < row |
//! | `each` | one table, many devices |
//! | `macros` | `$(name)` |
//! | `plan` | the file as it is meant |
//! | `settings` | a table to the settings of a kind, and all that is wrong in it |
//! | `common` | the settings that all kinds have |
//! | `wiring` | `"motor.x"` to devices; the beam path |
//! | `trial` | every device, built for a try |
//! | `checks`, `blame` | what devices object to, how they get along, and which place is to blame |
//! | `rules` | `[rules.name]` over the process variables of a world |
//! | `watchman` | those rules, judged while the world goes its way |
//! | `assemble` | plan to world |
//! | [`problem`] | what is wrong, and where |
//! | [`mod@explain`] | where a device's settings come from |
//! | [`mod@schema`] | JSON Schema for editors |
//!
//! ```
//! use beamtwin_beamline::load;
//! use beamtwin_pv::Epoch;
//!
//! let beamline = load(
//!     r#"
//!     [beamline]
//!     title = "Tutorial"
//!
//!     [mailbox.notes.pvs]
//!     "TUT:proposal" = 42
//!     "#,
//! )?;
//! let world = beamline.world(1, Epoch::default());
//! assert!(world.find("TUT:proposal").is_some());
//! # Ok::<(), beamtwin_beamline::Problems>(())
//! ```

mod assemble;
pub mod beamline;
mod blame;
mod checks;
mod common;
mod each;
pub mod explain;
pub mod layers;
mod macros;
mod nearest;
mod parse;
mod plan;
pub mod problem;
mod registry;
mod rules;
pub mod schema;
mod settings;
mod trial;
mod watchman;
mod wiring;

pub use beamline::{Beamline, Ready, Serving};
pub use explain::{Explained, Explanation, Source};
pub use layers::Layer;
pub use plan::Limits;
pub use problem::{Problem, Problems};
pub use schema::schema;

use beamtwin_pv::Epoch;
use beamtwin_sim::World;
use plan::Plan;

/// Reads a beamline file.
///
/// # Errors
/// All problems of the file, in its order. Where the text is no TOML, only that is reported.
pub fn load(text: &str) -> Result<Beamline, Problems> {
    let beamline = read(text)?;
    // Whatever the checks may have missed.
    build(beamline.clone(), 0, Epoch::default()).map(|_| beamline)
}

/// Reads a beamline file and builds its world at device time zero; with it, what the file says to whoever
/// serves it. A large file is built sooner so than by way of [`load`].
///
/// # Errors
/// As of [`load`].
pub fn open(text: &str, seed: u64, epoch: Epoch) -> Result<(World, Serving), Problems> {
    let beamline = read(text)?;
    let serving = beamline.serving();
    build(beamline, seed, epoch).map(|world| (world, serving))
}

fn read(text: &str) -> Result<Beamline, Problems> {
    let mut problems = Problems::default();
    // A file takes much more room as it is read than as a world, so each step lets go of the one before.
    let plan = Plan::read(text, &parse::parse(text)?, &mut problems);
    assemble::assemble(text, plan, problems)
}

fn build(beamline: Beamline, seed: u64, epoch: Epoch) -> Result<World, Problems> {
    let pvs = beamline.clients.pvs.clone();
    let ruled = beamline.rules.clone();
    let mut world = beamline.build(seed, epoch).map_err(|errors| {
        let errors = errors.iter().map(ToString::to_string);
        Problems(errors.map(Problem::everywhere).collect())
    })?;
    let mut unmeant = checks::unmeant(&pvs, &world);
    match rules::bind(&ruled, &world) {
        Ok(rules) => watchman::watch(&mut world, rules),
        Err(problems) => unmeant.0.extend(problems.0),
    }
    if unmeant.0.is_empty() {
        Ok(world)
    } else {
        unmeant.sort();
        Err(unmeant)
    }
}
