//! The records of a camera, such as those under `cam1:`.

mod common;
mod pilatus;
mod simulator;

pub use common::COMMON;
pub use pilatus::PILATUS;
pub use simulator::SIMULATOR;

use super::super::Row;
