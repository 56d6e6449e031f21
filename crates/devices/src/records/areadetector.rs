//! Tables of areaDetector: which records a camera has.
//!
//! Suffixes, record types, first values, states, precision and units are those of ADCore 3.14 with its
//! simulated detector 2.11 and its Pilatus driver 2.9, as captured from running servers.

pub mod cam;
pub mod plugins;
