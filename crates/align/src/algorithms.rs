//! Algorithms that lay two sequences side by side. They see only tokens, never channels or values.
//!
//! Which one? [`optimal`] pairs as much as can be paired, at the least cost, and is what the
//! `beamtwin` method uses. [`difflib`] gives the very answer of Python's `difflib`, which is not
//! always the best, and is what the `envtrace` method needs.

pub mod difflib;
pub mod optimal;
