//! The records of the Pilatus driver beyond the common ones.

use super::Row;
use crate::records::base::{
    AI, AO, ASYN, BI, BO, BUSY, CALC, LONGIN, LONGOUT, MBBI, MBBO, STRINGIN, STRINGOUT,
    WAVEFORM_CHAR,
};

/// In alphabetical order.
pub const PILATUS: &[Row] = &[
    Row::new("AcquirePeriod", &AO).precision(3),
    Row::new("AcquirePeriod_RBV", &AI).precision(3),
    Row::new("AcquireTime", &AO).number(1.0).precision(3),
    Row::new("AcquireTime_RBV", &AI).number(1.0).precision(3),
    Row::new("Alpha", &AO).precision(4).units("deg"),
    Row::new("AngleIncr", &AO)
        .number(0.1)
        .precision(4)
        .units("deg"),
    Row::new("Armed", &BI).states(&["Unarmed", "Armed"]),
    Row::new("ArraySizeX_RBV", &LONGIN).number(487.0),
    Row::new("ArraySizeY_RBV", &LONGIN).number(619.0),
    Row::new("AutoIncrement", &BO).states(&["No", "Yes"]),
    Row::new("AutoIncrement_RBV", &BI).states(&["No", "Yes"]),
    Row::new("AutoSave", &BO).states(&["No", "Yes"]).undefined(),
    Row::new("AutoSave_RBV", &BI).states(&["No", "Yes"]),
    Row::new("BadPixelFile", &WAVEFORM_CHAR)
        .count(256)
        .writable(),
    Row::new("BeamX", &AO).precision(3).units("pixels"),
    Row::new("BeamY", &AO).precision(3).units("pixels"),
    Row::new("BinX_RBV", &LONGIN).undefined(),
    Row::new("BinY_RBV", &LONGIN).undefined(),
    Row::new("CamserverAsyn", &ASYN),
    Row::new("Capture", &BUSY).states(&["Done", "Capture"]),
    Row::new("Capture_RBV", &BI).states(&["Done", "Capturing"]),
    Row::new("CbfTemplateFile", &WAVEFORM_CHAR)
        .count(256)
        .writable(),
    Row::new("Chi", &AO).precision(4).units("deg"),
    Row::new("ChiIncr", &AO)
        .number(0.1)
        .precision(4)
        .units("deg"),
    Row::new("ColorMode", &MBBO).states(&[
        "Mono", "Bayer", "RGB1", "RGB2", "RGB3", "YUV444", "YUV422", "YUV421",
    ]),
    Row::new("ColorMode_RBV", &MBBI).states(&[
        "Mono", "Bayer", "RGB1", "RGB2", "RGB3", "YUV444", "YUV422", "YUV421",
    ]),
    Row::new("CreateDirectory", &LONGOUT),
    Row::new("CreateDirectory_RBV", &LONGIN),
    Row::new("DataType", &MBBO).number(5.0).states(&[
        "Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float32",
        "Float64",
    ]),
    Row::new("DataType_RBV", &MBBI).states(&[
        "Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float32",
        "Float64",
    ]),
    Row::new("DelayTime", &AO).precision(6).units("s"),
    Row::new("DelayTime_RBV", &AI).precision(6).units("s"),
    Row::new("DeleteDriverFile", &BO).states(&["No", "Yes"]),
    Row::new("DeleteDriverFile_RBV", &BI).states(&["No", "Yes"]),
    Row::new("Det2theta", &AO).precision(4).units("deg"),
    Row::new("DetDist", &AO)
        .number(1000.0)
        .precision(3)
        .units("mm"),
    Row::new("DetVOffset", &AO).precision(3).units("mm"),
    Row::new("DriverVersion_RBV", &STRINGIN).text("2.9.0"),
    Row::new("Energy", &AO)
        .number(20.0)
        .precision(3)
        .units("keV"),
    Row::new("EnergyHigh", &AO).precision(3).units("eV"),
    Row::new("EnergyLow", &AO).precision(3).units("eV"),
    Row::new("Energy_RBV", &AI).precision(3).units("keV"),
    Row::new("FileFormat", &MBBO).states(&["TIFF", "Invalid"]),
    Row::new("FileFormat_RBV", &MBBI).states(&["TIFF", "Invalid"]),
    Row::new("FileName", &WAVEFORM_CHAR).count(256).writable(),
    Row::new("FileName_RBV", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("FileNumber", &LONGOUT),
    Row::new("FileNumber_RBV", &LONGIN),
    Row::new("FilePath", &WAVEFORM_CHAR).count(256).writable(),
    Row::new("FilePathExists_RBV", &BI)
        .states(&["No", "Yes"])
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
    Row::new("FilterTransm", &AO).number(1.0).precision(4),
    Row::new("FirmwareVersion_RBV", &STRINGIN).text("Unknown"),
    Row::new("FlatFieldFile", &WAVEFORM_CHAR)
        .count(256)
        .writable(),
    Row::new("FlatFieldValid", &BI).states(&["No", "Yes"]),
    Row::new("Flux", &AO).precision(4).units("ph/s"),
    Row::new("FreeCapture", &BO)
        .states(&["Done", "Free"])
        .undefined(),
    Row::new("FullFileName_RBV", &WAVEFORM_CHAR)
        .count(512)
        .readonly()
        .undefined(),
    Row::new("GainMenu", &MBBO).number(1.0).states(&[
        "7-30KeV/Fast/LowG",
        "5-18KeV/Med/MedG",
        "3-6KeV/Slow/HighG",
        "2-5KeV/Slow/UltraG",
    ]),
    Row::new("GapFill", &MBBO).states(&["N.A.", "0", "-1"]),
    Row::new("GapFill_RBV", &MBBI).states(&["N.A.", "0", "-1"]),
    Row::new("HeaderString", &WAVEFORM_CHAR)
        .count(68)
        .writable(),
    Row::new("Humid0_RBV", &AI)
        .number(22.100000381469727)
        .precision(1)
        .units("%"),
    Row::new("Humid1_RBV", &AI)
        .number(33.5)
        .precision(1)
        .units("%"),
    Row::new("Humid2_RBV", &AI)
        .number(2.0)
        .precision(1)
        .units("%"),
    Row::new("ImageFileTmot", &AO)
        .number(20.0)
        .precision(3)
        .units("s"),
    Row::new("Kappa", &AO).precision(4).units("deg"),
    Row::new("LazyOpen", &BO).states(&["No", "Yes"]),
    Row::new("LazyOpen_RBV", &BI).states(&["No", "Yes"]),
    Row::new("Manufacturer_RBV", &STRINGIN).text("Dectris"),
    Row::new("MaxSizeX_RBV", &LONGIN).number(487.0),
    Row::new("MaxSizeY_RBV", &LONGIN).number(619.0),
    Row::new("MinFlatField", &LONGOUT)
        .number(100.0)
        .units("Counts"),
    Row::new("MinFlatField_RBV", &LONGIN)
        .number(100.0)
        .units("Counts"),
    Row::new("MinX_RBV", &LONGIN).undefined(),
    Row::new("MinY_RBV", &LONGIN).undefined(),
    Row::new("Model_RBV", &STRINGIN).text("Pilatus"),
    Row::new("NumBadPixels", &LONGIN),
    Row::new("NumCapture", &LONGOUT).number(1.0),
    Row::new("NumCapture_RBV", &LONGIN).number(1.0),
    Row::new("NumCaptured_RBV", &LONGIN),
    Row::new("NumImages", &LONGOUT).number(1.0),
    Row::new("NumImages_RBV", &LONGIN).number(1.0),
    Row::new("NumOscill", &LONGOUT).number(1.0),
    Row::new("Omega", &AO).precision(4).units("deg"),
    Row::new("OmegaIncr", &AO)
        .number(0.1)
        .precision(4)
        .units("deg"),
    Row::new("OscillAxis", &STRINGOUT).text("X, CW"),
    Row::new("Phi", &AO).precision(4).units("deg"),
    Row::new("PhiIncr", &AO)
        .number(0.1)
        .precision(4)
        .units("deg"),
    Row::new("PixelCutOff_RBV", &AI)
        .number(1092000.0)
        .units("counts"),
    Row::new("Polarization", &AO).number(0.99).precision(4),
    Row::new("PoolAllocBuffers", &LONGIN).number(1.0),
    Row::new("PoolUsedBuffers", &CALC).number(1.0),
    Row::new("PoolUsedMem", &AI)
        .number(1.1499519348144531)
        .precision(1)
        .units("MB"),
    Row::new("PortName_RBV", &STRINGIN).text("PIL"),
    Row::new("ReadFile", &BUSY).states(&["Done", "Read"]),
    Row::new("ReadFile_RBV", &BI).states(&["Done", "Reading"]),
    Row::new("ResetPower", &BO)
        .states(&["Done", "Reset"])
        .undefined(),
    Row::new("ResetPowerTime", &LONGOUT)
        .number(1.0)
        .units("Seconds"),
    Row::new("ResetPowerTime_RBV", &LONGIN)
        .number(1.0)
        .units("Seconds"),
    Row::new("ReverseX_RBV", &BI)
        .states(&["No", "Yes"])
        .undefined(),
    Row::new("ReverseY_RBV", &BI)
        .states(&["No", "Yes"])
        .undefined(),
    Row::new("SDKVersion_RBV", &STRINGIN).text("tvx-7.3.13-121212"),
    Row::new("SerialNumber_RBV", &STRINGIN).text("Unknown"),
    Row::new("SizeX", &LONGOUT).number(487.0),
    Row::new("SizeX_RBV", &LONGIN),
    Row::new("SizeY", &LONGOUT).number(619.0),
    Row::new("SizeY_RBV", &LONGIN),
    Row::new("StartAngle", &AO).precision(4).units("deg"),
    Row::new("StatusMessage_RBV", &WAVEFORM_CHAR)
        .count(256)
        .text("Camserver returned OK")
        .readonly(),
    Row::new("StringFromServer_RBV", &WAVEFORM_CHAR)
        .count(256)
        .text("15 OK Rate correction is on; tau = 199.1e-9 s, cutoff = 1092000 counts")
        .readonly(),
    Row::new("StringToServer_RBV", &WAVEFORM_CHAR)
        .count(256)
        .text("Tau")
        .readonly(),
    Row::new("TVXVersion_RBV", &STRINGIN).text("tvx-7.3.13-121212"),
    Row::new("Temp0_RBV", &AI)
        .number(31.399999618530273)
        .precision(1)
        .units("C"),
    Row::new("Temp1_RBV", &AI)
        .number(25.799999237060547)
        .precision(1)
        .units("C"),
    Row::new("Temp2_RBV", &AI)
        .number(28.600000381469727)
        .precision(1)
        .units("C"),
    Row::new("TempSuffix", &STRINGOUT),
    Row::new("TempSuffix_RBV", &STRINGIN),
    Row::new("Temperature", &AO)
        .number(31.399999618530273)
        .precision(1)
        .units("C"),
    Row::new("Temperature_RBV", &AI)
        .number(31.399999618530273)
        .precision(1)
        .units("C"),
    Row::new("ThresholdApply", &BUSY).states(&["Done", "Apply"]),
    Row::new("ThresholdAutoApply", &BO)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("ThresholdAutoApply_RBV", &BI)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("ThresholdEnergy", &AO)
        .number(10.0)
        .precision(3)
        .units("keV"),
    Row::new("ThresholdEnergy_RBV", &AI)
        .precision(3)
        .units("keV"),
    Row::new("TriggerMode", &MBBO).states(&[
        "Internal",
        "Ext. Enable",
        "Ext. Trigger",
        "Mult. Trigger",
        "Alignment",
    ]),
    Row::new("TriggerMode_RBV", &MBBI).states(&[
        "Internal",
        "Ext. Enable",
        "Ext. Trigger",
        "Mult. Trigger",
        "Alignment",
    ]),
    Row::new("Wavelength", &AO)
        .number(1.54)
        .precision(4)
        .units("Angstro"),
    Row::new("WriteFile", &BUSY).states(&["Done", "Write"]),
    Row::new("WriteFile_RBV", &BI).states(&["Done", "Writing"]),
    Row::new("WriteMessage", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("WriteStatus", &BI).states(&["Write OK", "Write error"]),
];
