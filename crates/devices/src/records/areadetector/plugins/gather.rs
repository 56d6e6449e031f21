//! The records of a plugin that collects images, such as those under `Gather1:`.

use super::Row;
use crate::records::base::{LONGIN, LONGOUT, STRINGIN, STRINGOUT};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("NDArrayAddress_1", &LONGOUT),
    Row::new("NDArrayAddress_1_RBV", &LONGIN),
    Row::new("NDArrayAddress_2", &LONGOUT),
    Row::new("NDArrayAddress_2_RBV", &LONGIN),
    Row::new("NDArrayAddress_3", &LONGOUT),
    Row::new("NDArrayAddress_3_RBV", &LONGIN),
    Row::new("NDArrayAddress_4", &LONGOUT),
    Row::new("NDArrayAddress_4_RBV", &LONGIN),
    Row::new("NDArrayAddress_5", &LONGOUT),
    Row::new("NDArrayAddress_5_RBV", &LONGIN),
    Row::new("NDArrayAddress_6", &LONGOUT),
    Row::new("NDArrayAddress_6_RBV", &LONGIN),
    Row::new("NDArrayAddress_7", &LONGOUT),
    Row::new("NDArrayAddress_7_RBV", &LONGIN),
    Row::new("NDArrayAddress_8", &LONGOUT),
    Row::new("NDArrayAddress_8_RBV", &LONGIN),
    Row::new("NDArrayPort_1", &STRINGOUT).text("SIM1"),
    Row::new("NDArrayPort_1_RBV", &STRINGIN).text("SIM1"),
    Row::new("NDArrayPort_2", &STRINGOUT).text("SIM1"),
    Row::new("NDArrayPort_2_RBV", &STRINGIN).text("SIM1"),
    Row::new("NDArrayPort_3", &STRINGOUT).text("SIM1"),
    Row::new("NDArrayPort_3_RBV", &STRINGIN).text("SIM1"),
    Row::new("NDArrayPort_4", &STRINGOUT).text("SIM1"),
    Row::new("NDArrayPort_4_RBV", &STRINGIN).text("SIM1"),
    Row::new("NDArrayPort_5", &STRINGOUT).text("SIM1"),
    Row::new("NDArrayPort_5_RBV", &STRINGIN).text("SIM1"),
    Row::new("NDArrayPort_6", &STRINGOUT).text("SIM1"),
    Row::new("NDArrayPort_6_RBV", &STRINGIN).text("SIM1"),
    Row::new("NDArrayPort_7", &STRINGOUT).text("SIM1"),
    Row::new("NDArrayPort_7_RBV", &STRINGIN).text("SIM1"),
    Row::new("NDArrayPort_8", &STRINGOUT).text("SIM1"),
    Row::new("NDArrayPort_8_RBV", &STRINGIN).text("SIM1"),
];
