//! A client and a circuit in memory.
#![expect(clippy::unwrap_used, reason = "a test")]

mod backlog;
mod faults;
mod filters;
mod pair;
mod puts;
mod special;
mod stream;
mod talk;
mod versions;
mod whatever;
