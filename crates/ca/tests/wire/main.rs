//! The conversations of `tests/wire`: what a C client said to a C server is said to ours.
#![expect(clippy::unwrap_used, reason = "a test")]

mod beacons;
mod capture;
mod circuits;
mod datagrams;
mod normal;
