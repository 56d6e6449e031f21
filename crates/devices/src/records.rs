//! Tables of record types.

pub mod areadetector;
pub mod base;
pub mod motor;
pub mod process;
