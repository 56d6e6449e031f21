//! A twin, and what drives it: a recorded session, or a command.
//!
//! - [`replay()`] feeds the inputs of a trace to a fresh world and compares what comes out with what was
//!   recorded, byte for byte. A trace is a pure function of file, seed, epoch and inputs; this is the proof.
//!   [`replay_until()`] stops at a moment, to go on from there.
//! - [`preflight()`] runs a command against a twin of its own, in a [`network`] of its own where the system allows it.
//! - [`findings()`] says what a session did, and what speaks against doing it for real, from its trace alone.

mod findings;
mod preflight;
mod replay;

pub use findings::{Stage, findings, verdict};
pub use preflight::{Job, Ports, PreflightError, Progress, network, preflight};
pub use replay::{Begun, Replay, ReplayError, Verdict, replay, replay_until};
