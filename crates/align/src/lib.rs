//! Aligns and scores two recorded sessions

pub mod algorithms;
pub mod alignment;
pub mod envtrace;
