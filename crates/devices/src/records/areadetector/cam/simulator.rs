//! The records of the simulated detector beyond the common ones.

use super::Row;
use crate::records::base::{
    AI, AO, BI, CALC, LONGIN, LONGOUT, MBBI, MBBO, STRINGIN, WAVEFORM_CHAR,
};

/// In alphabetical order.
pub const SIMULATOR: &[Row] = &[
    Row::new("AcquirePeriod", &AO).number(0.005).precision(3),
    Row::new("AcquirePeriod_RBV", &AI)
        .number(0.005)
        .precision(3),
    Row::new("AcquireTime", &AO).number(0.001).precision(3),
    Row::new("AcquireTime_RBV", &AI).number(0.001).precision(3),
    Row::new("ArraySizeX_RBV", &LONGIN).number(1024.0),
    Row::new("ArraySizeY_RBV", &LONGIN).number(1024.0),
    Row::new("BinX_RBV", &LONGIN).number(1.0),
    Row::new("BinY_RBV", &LONGIN).number(1.0),
    Row::new("ColorMode", &MBBO).states(&["Mono", "RGB1", "RGB2", "RGB3"]),
    Row::new("ColorMode_RBV", &MBBI).states(&["Mono", "RGB1", "RGB2", "RGB3"]),
    Row::new("DataType", &MBBO).number(1.0).states(&[
        "Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float32",
        "Float64",
    ]),
    Row::new("DataType_RBV", &MBBI).number(1.0).states(&[
        "Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float32",
        "Float64",
    ]),
    Row::new("DriverVersion_RBV", &STRINGIN).text("2.11.0"),
    Row::new("FirmwareVersion_RBV", &STRINGIN).text("No firmware"),
    Row::new("GainBlue", &AO).number(1.0).precision(2),
    Row::new("GainBlue_RBV", &AI).number(1.0).precision(2),
    Row::new("GainGreen", &AO).number(1.0).precision(2),
    Row::new("GainGreen_RBV", &AI).number(1.0).precision(2),
    Row::new("GainRed", &AO).number(1.0).precision(2),
    Row::new("GainRed_RBV", &AI).number(1.0).precision(2),
    Row::new("GainX", &AO).number(1.0).precision(2),
    Row::new("GainX_RBV", &AI).number(1.0).precision(2),
    Row::new("GainY", &AO).number(1.0).precision(2),
    Row::new("GainY_RBV", &AI).number(1.0).precision(2),
    Row::new("Manufacturer_RBV", &STRINGIN).text("Simulated detector"),
    Row::new("MaxSizeX_RBV", &LONGIN).number(1024.0),
    Row::new("MaxSizeY_RBV", &LONGIN).number(1024.0),
    Row::new("MinX_RBV", &LONGIN),
    Row::new("MinY_RBV", &LONGIN),
    Row::new("Model_RBV", &STRINGIN).text("Basic simulator"),
    Row::new("Noise", &AO).precision(1),
    Row::new("Noise_RBV", &AI).precision(1),
    Row::new("NumImages", &LONGOUT).number(100.0),
    Row::new("NumImages_RBV", &LONGIN).number(100.0),
    Row::new("Offset", &AO).precision(1),
    Row::new("Offset_RBV", &AI).precision(1),
    Row::new("PeakNumX", &LONGOUT).number(1.0),
    Row::new("PeakNumX_RBV", &LONGIN).number(1.0),
    Row::new("PeakNumY", &LONGOUT).number(1.0),
    Row::new("PeakNumY_RBV", &LONGIN).number(1.0),
    Row::new("PeakStartX", &LONGOUT).number(1.0),
    Row::new("PeakStartX_RBV", &LONGIN).number(1.0),
    Row::new("PeakStartY", &LONGOUT).number(1.0),
    Row::new("PeakStartY_RBV", &LONGIN).number(1.0),
    Row::new("PeakStepX", &LONGOUT).number(1.0),
    Row::new("PeakStepX_RBV", &LONGIN).number(1.0),
    Row::new("PeakStepY", &LONGOUT).number(1.0),
    Row::new("PeakStepY_RBV", &LONGIN).number(1.0),
    Row::new("PeakVariation", &AO).precision(1),
    Row::new("PeakVariation_RBV", &AI).precision(1),
    Row::new("PeakWidthX", &LONGOUT).number(10.0),
    Row::new("PeakWidthX_RBV", &LONGIN).number(10.0),
    Row::new("PeakWidthY", &LONGOUT).number(20.0),
    Row::new("PeakWidthY_RBV", &LONGIN).number(20.0),
    Row::new("PoolAllocBuffers", &LONGIN),
    Row::new("PoolUsedBuffers", &CALC),
    Row::new("PoolUsedMem", &AI).precision(1).units("MB"),
    Row::new("PortName_RBV", &STRINGIN).text("SIM1"),
    Row::new("Reset", &LONGOUT).number(1.0).undefined(),
    Row::new("Reset_RBV", &LONGIN).number(1.0),
    Row::new("ReverseX_RBV", &BI).states(&["No", "Yes"]),
    Row::new("ReverseY_RBV", &BI).states(&["No", "Yes"]),
    Row::new("SDKVersion_RBV", &STRINGIN).text("2.11.0"),
    Row::new("SerialNumber_RBV", &STRINGIN).text("No serial number"),
    Row::new("SimMode", &MBBO).states(&["LinearRamp", "Peaks", "Sine", "Offset&Noise"]),
    Row::new("SimMode_RBV", &MBBI).states(&["LinearRamp", "Peaks", "Sine", "Offset&Noise"]),
    Row::new("SizeX", &LONGOUT).number(1024.0),
    Row::new("SizeX_RBV", &LONGIN).number(1024.0),
    Row::new("SizeY", &LONGOUT).number(1024.0),
    Row::new("SizeY_RBV", &LONGIN).number(1024.0),
    Row::new("StatusMessage_RBV", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("StringFromServer_RBV", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("StringToServer_RBV", &WAVEFORM_CHAR)
        .count(256)
        .readonly(),
    Row::new("Temperature", &AO)
        .number(25.0)
        .precision(1)
        .units("C"),
    Row::new("Temperature_RBV", &AI)
        .number(25.0)
        .precision(1)
        .units("C"),
    Row::new("TriggerMode", &MBBO).states(&["Internal", "External"]),
    Row::new("TriggerMode_RBV", &MBBI).states(&["Internal", "External"]),
    Row::new("XSine1Amplitude", &AO).number(1.0).precision(2),
    Row::new("XSine1Amplitude_RBV", &AI)
        .number(1.0)
        .precision(2),
    Row::new("XSine1Frequency", &AO).number(1.0).precision(2),
    Row::new("XSine1Frequency_RBV", &AI)
        .number(1.0)
        .precision(2),
    Row::new("XSine1Phase", &AO).precision(2),
    Row::new("XSine1Phase_RBV", &AI).precision(2),
    Row::new("XSine2Amplitude", &AO).number(1.0).precision(2),
    Row::new("XSine2Amplitude_RBV", &AI)
        .number(1.0)
        .precision(2),
    Row::new("XSine2Frequency", &AO).number(2.0).precision(2),
    Row::new("XSine2Frequency_RBV", &AI)
        .number(2.0)
        .precision(2),
    Row::new("XSine2Phase", &AO).number(90.0).precision(2),
    Row::new("XSine2Phase_RBV", &AI).number(90.0).precision(2),
    Row::new("XSineOperation", &MBBO)
        .states(&["Add", "Multiply"])
        .undefined(),
    Row::new("XSineOperation_RBV", &MBBI).states(&["Add", "Multiply"]),
    Row::new("YSine1Amplitude", &AO).number(1.0).precision(2),
    Row::new("YSine1Amplitude_RBV", &AI)
        .number(1.0)
        .precision(2),
    Row::new("YSine1Frequency", &AO).number(1.0).precision(2),
    Row::new("YSine1Frequency_RBV", &AI)
        .number(1.0)
        .precision(2),
    Row::new("YSine1Phase", &AO).precision(2),
    Row::new("YSine1Phase_RBV", &AI).precision(2),
    Row::new("YSine2Amplitude", &AO).number(1.0).precision(2),
    Row::new("YSine2Amplitude_RBV", &AI)
        .number(1.0)
        .precision(2),
    Row::new("YSine2Frequency", &AO).number(2.0).precision(2),
    Row::new("YSine2Frequency_RBV", &AI)
        .number(2.0)
        .precision(2),
    Row::new("YSine2Phase", &AO).number(90.0).precision(2),
    Row::new("YSine2Phase_RBV", &AI).number(90.0).precision(2),
    Row::new("YSineOperation", &MBBO)
        .states(&["Add", "Multiply"])
        .undefined(),
    Row::new("YSineOperation_RBV", &MBBI).states(&["Add", "Multiply"]),
];
