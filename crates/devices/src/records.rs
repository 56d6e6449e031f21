//! Tables of record types.

pub mod areadetector;
pub mod base;
mod monitor;
pub mod motor;
mod panel;
pub mod process;
pub mod row;

pub(crate) use panel::Panel;
pub use row::Row;
