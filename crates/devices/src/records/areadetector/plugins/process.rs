//! The records of a processing plugin, such as those under `Proc1:`.

use super::Row;
use crate::records::base::{
    AI, AO, BI, BO, BUSY, CALC, LONGIN, LONGOUT, MBBI, MBBO, SEQ, SSEQ, STRINGOUT,
};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("AutoOffsetScale", &BUSY).states(&["Done", "Calculating"]),
    Row::new("AutoResetFilter", &BO)
        .states(&["No", "Yes"])
        .undefined(),
    Row::new("AutoResetFilter_RBV", &BI).states(&["No", "Yes"]),
    Row::new("AverageSeq", &SEQ).undefined(),
    Row::new("CopyToFilterSeq", &SEQ).undefined(),
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
    Row::new("DifferenceSeq", &SEQ).undefined(),
    Row::new("EnableBackground", &BO)
        .states(&["Disable", "Enable"])
        .undefined(),
    Row::new("EnableBackground_RBV", &BI)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("EnableFilter", &BO)
        .states(&["Disable", "Enable"])
        .undefined(),
    Row::new("EnableFilter_RBV", &BI)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("EnableFlatField", &BO)
        .states(&["Disable", "Enable"])
        .undefined(),
    Row::new("EnableFlatField_RBV", &BI)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("EnableHighClip", &BO)
        .states(&["Disable", "Enable"])
        .undefined(),
    Row::new("EnableHighClip_RBV", &BI)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("EnableLowClip", &BO)
        .states(&["Disable", "Enable"])
        .undefined(),
    Row::new("EnableLowClip_RBV", &BI)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("EnableOffsetScale", &BO)
        .states(&["Disable", "Enable"])
        .undefined(),
    Row::new("EnableOffsetScale_RBV", &BI)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("FC1", &AO).number(1.0).precision(2),
    Row::new("FC1_RBV", &AI).number(1.0).precision(2),
    Row::new("FC2", &AO).number(-1.0).precision(2),
    Row::new("FC2_RBV", &AI).number(-1.0).precision(2),
    Row::new("FC3", &AO).precision(2),
    Row::new("FC3_RBV", &AI).precision(2),
    Row::new("FC4", &AO).number(1.0).precision(2),
    Row::new("FC4_RBV", &AI).number(1.0).precision(2),
    Row::new("FOffset", &AO).precision(2),
    Row::new("FOffset_RBV", &AI).precision(2),
    Row::new("FScale", &AO).number(1.0).precision(2),
    Row::new("FScale_RBV", &AI).number(1.0).precision(2),
    Row::new("FilterCallbacks", &BO)
        .states(&["Every array", "Array N only"])
        .undefined(),
    Row::new("FilterCallbacks_RBV", &BI).states(&["Every array", "Array N only"]),
    Row::new("FilterType", &MBBO)
        .states(&[
            "RecursiveAve",
            "Average",
            "Sum",
            "Difference",
            "RecursiveAveDiff",
            "CopyToFilter",
        ])
        .undefined(),
    Row::new("FilterTypeSeq", &SEQ),
    Row::new("HighClipThresh", &AO).number(100.0),
    Row::new("HighClipThresh_RBV", &AI).number(100.0),
    Row::new("HighClipValue", &AO).number(100.0),
    Row::new("HighClipValue_RBV", &AI).number(100.0),
    Row::new("LowClipThresh", &AO),
    Row::new("LowClipThresh_RBV", &AI),
    Row::new("LowClipValue", &AO),
    Row::new("LowClipValue_RBV", &AI),
    Row::new("NumFilter", &LONGOUT).number(1.0),
    Row::new("NumFilterRecip", &CALC).number(1.0),
    Row::new("NumFilter_RBV", &LONGIN).number(1.0),
    Row::new("NumFiltered_RBV", &LONGIN).undefined(),
    Row::new("OC1", &AO).number(1.0).precision(2),
    Row::new("OC1_RBV", &AI).number(1.0).precision(2),
    Row::new("OC2", &AO).number(-1.0).precision(2),
    Row::new("OC2_RBV", &AI).number(-1.0).precision(2),
    Row::new("OC3", &AO).precision(2),
    Row::new("OC3_RBV", &AI).precision(2),
    Row::new("OC4", &AO).number(1.0).precision(2),
    Row::new("OC4_RBV", &AI).number(1.0).precision(2),
    Row::new("OOffset", &AO).precision(2),
    Row::new("OOffset_RBV", &AI).precision(2),
    Row::new("OScale", &AO).number(1.0).precision(2),
    Row::new("OScale_RBV", &AI).number(1.0).precision(2),
    Row::new("Offset", &AO).precision(2),
    Row::new("Offset_RBV", &AI).precision(2),
    Row::new("PortBackup", &STRINGOUT).undefined(),
    Row::new("RC1", &AO).precision(2),
    Row::new("RC1_RBV", &AI).precision(2),
    Row::new("RC2", &AO).number(1.0).precision(2),
    Row::new("RC2_RBV", &AI).number(1.0).precision(2),
    Row::new("ROffset", &AO).precision(2),
    Row::new("ROffset_RBV", &AI).precision(2),
    Row::new("ReadBackgroundTIFFSeq", &SSEQ).undefined(),
    Row::new("ReadFlatFieldTIFFSeq", &SSEQ).undefined(),
    Row::new("RecursiveAveDiffSeq", &SEQ).undefined(),
    Row::new("RecursiveAveSeq", &SEQ),
    Row::new("ResetFilter", &BO)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("ResetFilter_RBV", &BI)
        .states(&["No", "Yes"])
        .undefined(),
    Row::new("SaveBackground", &BO)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("SaveBackground_RBV", &BI)
        .states(&["No", "Yes"])
        .undefined(),
    Row::new("SaveFlatField", &BO)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("SaveFlatField_RBV", &BI)
        .states(&["No", "Yes"])
        .undefined(),
    Row::new("Scale", &AO).number(1.0).precision(2),
    Row::new("ScaleFlatField", &AO).number(255.0),
    Row::new("ScaleFlatField_RBV", &AI).number(255.0),
    Row::new("Scale_RBV", &AI).number(1.0).precision(2),
    Row::new("SumSeq", &SEQ).undefined(),
    Row::new("ValidBackground_RBV", &BI).states(&["Invalid", "Valid"]),
    Row::new("ValidFlatField_RBV", &BI).states(&["Invalid", "Valid"]),
];
