//! Tables of record types.

pub mod base;
