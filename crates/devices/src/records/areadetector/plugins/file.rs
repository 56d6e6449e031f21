//! The records of every plugin that writes files.

use super::Row;
use crate::records::base::{
    BI, BO, BUSY, LONGIN, LONGOUT, MBBI, MBBO, STRINGIN, STRINGOUT, WAVEFORM_CHAR,
};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("AutoIncrement", &BO).states(&["No", "Yes"]),
    Row::new("AutoIncrement_RBV", &BI).states(&["No", "Yes"]),
    Row::new("AutoSave", &BO).states(&["No", "Yes"]).undefined(),
    Row::new("AutoSave_RBV", &BI).states(&["No", "Yes"]),
    Row::new("Capture", &BUSY).states(&["Done", "Capture"]),
    Row::new("Capture_RBV", &BI)
        .states(&["Done", "Capturing"])
        .minor(1),
    Row::new("CreateDirectory", &LONGOUT),
    Row::new("CreateDirectory_RBV", &LONGIN),
    Row::new("DeleteDriverFile", &BO).states(&["No", "Yes"]),
    Row::new("DeleteDriverFile_RBV", &BI).states(&["No", "Yes"]),
    Row::new("FileFormat", &MBBO).states(&["TIFF", "Invalid"]),
    Row::new("FileFormat_RBV", &MBBI).states(&["TIFF", "Undefined"]),
    Row::new("FileName", &WAVEFORM_CHAR).count(256).writable(),
    Row::new("FileName_RBV", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("FileNumber", &LONGOUT),
    Row::new("FileNumber_RBV", &LONGIN),
    Row::new("FilePath", &WAVEFORM_CHAR).count(256).writable(),
    Row::new("FilePathExists_RBV", &BI)
        .states(&["No", "Yes"])
        .major(0)
        .undefined(),
    Row::new("FilePath_RBV", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("FileTemplate", &WAVEFORM_CHAR)
        .count(256)
        .writable(),
    Row::new("FileTemplate_RBV", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("FileWriteMode", &MBBO).states(&["Single", "Capture", "Stream"]),
    Row::new("FileWriteMode_RBV", &MBBI).states(&["Single", "Capture", "Stream"]),
    Row::new("FreeCapture", &BO)
        .states(&["Done", "Free"])
        .undefined(),
    Row::new("FullFileName_RBV", &WAVEFORM_CHAR)
        .count(512)
        .readonly()
        .undefined(),
    Row::new("LazyOpen", &BO).states(&["No", "Yes"]),
    Row::new("LazyOpen_RBV", &BI).states(&["No", "Yes"]),
    Row::new("NumCapture", &LONGOUT).number(1.0),
    Row::new("NumCapture_RBV", &LONGIN).number(1.0),
    Row::new("NumCaptured_RBV", &LONGIN),
    Row::new("ReadFile", &BUSY).states(&["Done", "Read"]),
    Row::new("ReadFile_RBV", &BI)
        .states(&["Done", "Reading"])
        .minor(1),
    Row::new("TempSuffix", &STRINGOUT),
    Row::new("TempSuffix_RBV", &STRINGIN),
    Row::new("WriteFile", &BUSY).states(&["Done", "Write"]),
    Row::new("WriteFile_RBV", &BI)
        .states(&["Done", "Writing"])
        .minor(1),
    Row::new("WriteMessage", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("WriteStatus", &BI)
        .states(&["Write OK", "Write error"])
        .major(1),
];
