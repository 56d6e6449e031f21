//! The choices of menus that several record types have.

pub(super) const IVOA: &[&str] = &[
    "Continue normally",
    "Don't drive outputs",
    "Set output to IVOV",
];
pub(super) const OMSL: &[&str] = &["supervisory", "closed_loop"];
pub(super) const SIMM: &[&str] = &["NO", "YES", "RAW"];
pub(super) const YES_NO: &[&str] = &["NO", "YES"];

/// What `SSCN` holds where simulation mode scans as the record does: none of its choices.
pub(super) const NO_SCAN: f64 = 65535.0;
pub(super) use beamtwin_sim::record::common::SCAN;
