//! Tables of record types.

pub mod base;
pub mod motor;
