//! A twin without sockets, driven by a recorded session.
//!
//! [`replay`] feeds the inputs of a trace to a fresh world and compares what comes out with what was
//! recorded, byte for byte. A trace is a pure function of file, seed, epoch and inputs; this is the proof.

mod findings;
mod replay;

pub use findings::{Stage, findings, verdict};
pub use replay::{Replay, ReplayError, Verdict, replay};
