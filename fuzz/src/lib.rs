//! What must hold of any bytes at all. Each function panics where it does not.
//!
//! | file | holds |
//! | --- | --- |
//! | `files` | readers of traces and of what others recorded |
//! | `ca` | Channel Access: datagrams, streams, payloads, names |
//! | `beamline` | beamline files |
//! | `tries` | samples with a few bytes changed, for a compiler that cannot fuzz |
//!
//! The same functions are run by tests of `beamtwin-trace`, `beamtwin-ca` and `beamtwin-beamline`, on a stable compiler.

pub mod beamline;
pub mod ca;
pub mod files;
/// The server that the tests of `beamtwin-ca` talk to.
#[path = "../../crates/ca/tests/pair/pair.rs"]
#[allow(dead_code, reason = "those tests need more of it")]
mod pair;
pub mod tries;
