//! The records of plugins, such as those under `Stats1:`, one table for each kind.
//!
//! [`COMMON`] is what every plugin has, [`FILE`] what those that write files have beside it. Where a plugin
//! lists a record of these tables again, its own row counts.

pub mod attribute;
pub mod bad_pixels;
pub mod circular;
pub mod codec;
pub mod colour;
mod common;
pub mod fft;
mod file;
pub mod gather;
pub mod hdf;
pub mod image;
pub mod jpeg;
pub mod netcdf;
pub mod overlay;
pub mod process;
pub mod roi;
pub mod roi_stat;
pub mod scatter;
pub mod stats;
pub mod time_series;
pub mod transform;

pub use common::ROWS as COMMON;
pub use file::ROWS as FILE;

use super::super::Row;
