//! The choices of menus that several record types have.

pub(super) const IVOA: &[&str] = &[
    "Continue normally",
    "Don't drive outputs",
    "Set output to IVOV",
];
pub(super) const OMSL: &[&str] = &["supervisory", "closed_loop"];
pub(super) const SIMM: &[&str] = &["NO", "YES", "RAW"];
pub(super) const YES_NO: &[&str] = &["NO", "YES"];
