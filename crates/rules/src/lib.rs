//! What must never or always hold over devices and time, judged with margins.
//!
//! A [`Rule`] is a condition over process variables that must hold at all times, or be wrong for no longer than
//! `within`. How far it is from being broken is its margin: the robustness of signal temporal logic. The page
//! `docs/src/rules.md` has the meaning of all of it.
//!
//! | module | holds |
//! | --- | --- |
//! | `expression` | a text to a tree, by the parser of CEL |
//! | [`names`] | what a name in an expression leads to |
//! | `reading` | a tree to a formula, with its names and types checked |
//! | `formula` | a formula, and its margin over a stretch of time |
//! | `course` | values that run straight between knots |
//! | `signal` | what is known of a process variable over time |
//! | [`margin`] | how far a condition is from being otherwise |
//! | [`rule`] | a rule, made of texts |
//! | `watch` | one rule, as time passes |
//! | [`judge`] | all rules, as time passes |
//! | [`verdict`] | what became of a rule |
//! | `words` | the same in words |
//! | [`recorded`] | all rules, on a recorded session |
//!
//! ```
//! use beamtwin_pv::SimTime;
//! use beamtwin_rules::{Judge, Known, Names, Outcome, Terms, Unknown};
//!
//! struct Motor;
//! impl Names for Motor {
//!     fn word(&self, name: &str) -> Result<Known, Unknown> {
//!         match name {
//!             "motor.x.position" => Ok(Known::curve("TUT:x.RBV", "mm")),
//!             _ => Err(Unknown::new("there is nothing else")),
//!         }
//!     }
//!     fn pv(&self, name: &str) -> Result<Known, Unknown> {
//!         Err(Unknown::new(format!("no PV is called `{name}`")))
//!     }
//! }
//!
//! let terms = Terms { always: Some("motor.x.position < 3".into()), ..Terms::default() };
//! let rule = terms.rule("x", &Motor).expect("it is sound");
//! let mut judge = Judge::new(vec![rule]);
//! let x = judge.signals()[0].at;
//! judge.set(x, SimTime::ZERO, 0.0);
//! judge.set(x, SimTime::from_nanos(500_000_000), 2.5);
//! let report = judge.finish(SimTime::from_nanos(1_000_000_000));
//! assert_eq!(report[0].outcome, Outcome::Held);
//! assert_eq!(report[0].margin.as_ref().map(|it| it.by), Some(0.5));
//! ```

mod course;
mod expression;
mod formula;
pub mod judge;
pub mod margin;
pub mod names;
mod reading;
pub mod recorded;
pub mod rule;
mod signal;
pub mod verdict;
mod watch;
mod words;

pub use judge::{Judge, Signal};
pub use margin::Margin;
pub use names::{Known, Names, Test, Unknown};
pub use rule::{Key, Mistake, Rule, Severity, Terms};
pub use verdict::{Breach, Broken, Closest, Outcome, Verdict};
