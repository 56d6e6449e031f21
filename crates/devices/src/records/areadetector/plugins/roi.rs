//! The records of a region of interest, such as those under `ROI1:`.

use super::Row;
use crate::records::base::{
    AI, AO, BI, BO, DFANOUT, LONGIN, LONGOUT, MBBI, MBBO, STRINGIN, STRINGOUT,
};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("AutoSizeX", &BO).states(&["No", "Yes"]),
    Row::new("AutoSizeX_RBV", &BI).states(&["No", "Yes"]),
    Row::new("AutoSizeY", &BO).states(&["No", "Yes"]),
    Row::new("AutoSizeY_RBV", &BI).states(&["No", "Yes"]),
    Row::new("AutoSizeZ", &BO).states(&["No", "Yes"]),
    Row::new("AutoSizeZ_RBV", &BI).states(&["No", "Yes"]),
    Row::new("BinX", &LONGOUT).number(1.0),
    Row::new("BinX_RBV", &LONGIN).number(1.0),
    Row::new("BinY", &LONGOUT).number(1.0),
    Row::new("BinY_RBV", &LONGIN).number(1.0),
    Row::new("BinZ", &LONGOUT).number(1.0),
    Row::new("BinZ_RBV", &LONGIN).number(1.0),
    Row::new("CollapseDims", &BO).states(&["Disable", "Enable"]),
    Row::new("CollapseDims_RBV", &BI)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("DataTypeOut", &MBBO).number(10.0).states(&[
        "Int8",
        "UInt8",
        "Int16",
        "UInt16",
        "Int32",
        "UInt32",
        "Int64",
        "UInt64",
        "Float32",
        "Float64",
        "Automatic",
    ]),
    Row::new("DataTypeOut_RBV", &MBBI).number(10.0).states(&[
        "Int8",
        "UInt8",
        "Int16",
        "UInt16",
        "Int32",
        "UInt32",
        "Int64",
        "UInt64",
        "Float32",
        "Float64",
        "Automatic",
    ]),
    Row::new("EnableScale", &BO).states(&["Disable", "Enable"]),
    Row::new("EnableScale_RBV", &BI)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("EnableX", &BO)
        .number(1.0)
        .states(&["Disable", "Enable"]),
    Row::new("EnableX_RBV", &BI)
        .number(1.0)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("EnableY", &BO)
        .number(1.0)
        .states(&["Disable", "Enable"]),
    Row::new("EnableY_RBV", &BI)
        .number(1.0)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("EnableZ", &BO)
        .number(1.0)
        .states(&["Disable", "Enable"]),
    Row::new("EnableZ_RBV", &BI)
        .number(1.0)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("MaxSizeX_RBV", &LONGIN).undefined(),
    Row::new("MaxSizeY_RBV", &LONGIN).undefined(),
    Row::new("MaxSizeZ_RBV", &LONGIN).undefined(),
    Row::new("MaxX", &LONGIN),
    Row::new("MaxY", &LONGIN),
    Row::new("MinX", &LONGOUT),
    Row::new("MinX_RBV", &LONGIN),
    Row::new("MinY", &LONGOUT),
    Row::new("MinY_RBV", &LONGIN),
    Row::new("MinZ", &LONGOUT),
    Row::new("MinZ_RBV", &LONGIN),
    Row::new("Name", &STRINGOUT).undefined(),
    Row::new("Name_RBV", &STRINGIN),
    Row::new("ReverseX", &BO).states(&["No", "Yes"]),
    Row::new("ReverseX_RBV", &BI).states(&["No", "Yes"]),
    Row::new("ReverseY", &BO).states(&["No", "Yes"]),
    Row::new("ReverseY_RBV", &BI).states(&["No", "Yes"]),
    Row::new("ReverseZ", &BO).states(&["No", "Yes"]),
    Row::new("ReverseZ_RBV", &BI).states(&["No", "Yes"]),
    Row::new("Scale", &AO).number(1.0),
    Row::new("Scale_RBV", &AI).number(1.0),
    Row::new("SetXHOPR", &DFANOUT),
    Row::new("SetYHOPR", &DFANOUT),
    Row::new("SizeX", &LONGOUT).number(1000000.0),
    Row::new("SizeX_RBV", &LONGIN).number(1000000.0),
    Row::new("SizeY", &LONGOUT).number(1000000.0),
    Row::new("SizeY_RBV", &LONGIN).number(1000000.0),
    Row::new("SizeZ", &LONGOUT).number(1000000.0),
    Row::new("SizeZ_RBV", &LONGIN).number(1000000.0),
];
