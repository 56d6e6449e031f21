//! The records that every camera has, with the same first values.

use super::Row;
use crate::records::base::{
    AI, AO, ASYN, BI, BO, BUSY, CALC, CALCOUT, FANOUT, LONGIN, LONGOUT, MBBI, MBBO, STRINGIN,
    SUBARRAY, WAVEFORM_CHAR, WAVEFORM_LONG,
};

/// In alphabetical order.
pub const COMMON: &[Row] = &[
    Row::new("ADCoreVersion_RBV", &STRINGIN).text("3.14.0"),
    Row::new("Acquire", &BO).states(&["Done", "Acquire"]),
    Row::new("AcquireBusy", &BUSY)
        .states(&["Done", "Acquiring"])
        .minor(1),
    Row::new("AcquireBusyCB", &BI)
        .states(&["Done", "Acquiring"])
        .minor(1),
    Row::new("Acquire_RBV", &BI)
        .states(&["Done", "Acquiring"])
        .minor(1),
    Row::new("ArrayCallbacks", &BO)
        .number(1.0)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("ArrayCallbacks_RBV", &BI)
        .number(1.0)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("ArrayCounter", &LONGOUT).undefined(),
    Row::new("ArrayCounter_RBV", &LONGIN).frames(),
    Row::new("ArrayRate_RBV", &CALC).precision(2).units("Hz"),
    Row::new("ArraySize0", &LONGIN).undefined(),
    Row::new("ArraySize0_RBV", &LONGIN).undefined(),
    Row::new("ArraySize1", &LONGIN).undefined(),
    Row::new("ArraySize1_RBV", &LONGIN).undefined(),
    Row::new("ArraySize2", &LONGIN).undefined(),
    Row::new("ArraySize2_RBV", &LONGIN).undefined(),
    Row::new("ArraySize3", &LONGIN).undefined(),
    Row::new("ArraySize3_RBV", &LONGIN).undefined(),
    Row::new("ArraySize4", &LONGIN).undefined(),
    Row::new("ArraySize4_RBV", &LONGIN).undefined(),
    Row::new("ArraySize5", &LONGIN).undefined(),
    Row::new("ArraySize5_RBV", &LONGIN).undefined(),
    Row::new("ArraySize6", &LONGIN).undefined(),
    Row::new("ArraySize6_RBV", &LONGIN).undefined(),
    Row::new("ArraySize7", &LONGIN).undefined(),
    Row::new("ArraySize7_RBV", &LONGIN).undefined(),
    Row::new("ArraySize8", &LONGIN).undefined(),
    Row::new("ArraySize8_RBV", &LONGIN).undefined(),
    Row::new("ArraySize9", &LONGIN).undefined(),
    Row::new("ArraySize9_RBV", &LONGIN).undefined(),
    Row::new("ArraySizeZ_RBV", &LONGIN),
    Row::new("ArraySize_RBV", &LONGIN),
    Row::new("AsynIO", &ASYN),
    Row::new("BayerPattern_RBV", &MBBI).states(&["RGGB", "GBRG", "GRBG", "BGGR"]),
    Row::new("BinX", &LONGOUT).number(1.0),
    Row::new("BinY", &LONGOUT).number(1.0),
    Row::new("ClearAcquireBusy", &CALCOUT),
    Row::new("Codec_RBV", &STRINGIN),
    Row::new("CompressedSize_RBV", &LONGIN).undefined(),
    Row::new("DetectorState_RBV", &MBBI)
        .states(&[
            "Idle",
            "Acquire",
            "Readout",
            "Correct",
            "Saving",
            "Aborting",
            "Error",
            "Waiting",
            "Initializing",
            "Disconnected",
            "Aborted",
        ])
        .minor(10),
    Row::new("Dim0SA", &SUBARRAY).count(10).undefined(),
    Row::new("Dim0SA_RBV", &SUBARRAY).count(10).undefined(),
    Row::new("Dim1SA", &SUBARRAY).count(10).undefined(),
    Row::new("Dim1SA_RBV", &SUBARRAY).count(10).undefined(),
    Row::new("Dim2SA", &SUBARRAY).count(10).undefined(),
    Row::new("Dim2SA_RBV", &SUBARRAY).count(10).undefined(),
    Row::new("Dim3SA", &SUBARRAY).count(10).undefined(),
    Row::new("Dim3SA_RBV", &SUBARRAY).count(10).undefined(),
    Row::new("Dim4SA", &SUBARRAY).count(10).undefined(),
    Row::new("Dim4SA_RBV", &SUBARRAY).count(10).undefined(),
    Row::new("Dim5SA", &SUBARRAY).count(10).undefined(),
    Row::new("Dim5SA_RBV", &SUBARRAY).count(10).undefined(),
    Row::new("Dim6SA", &SUBARRAY).count(10).undefined(),
    Row::new("Dim6SA_RBV", &SUBARRAY).count(10).undefined(),
    Row::new("Dim7SA", &SUBARRAY).count(10).undefined(),
    Row::new("Dim7SA_RBV", &SUBARRAY).count(10).undefined(),
    Row::new("Dim8SA", &SUBARRAY).count(10).undefined(),
    Row::new("Dim8SA_RBV", &SUBARRAY).count(10).undefined(),
    Row::new("Dim9SA", &SUBARRAY).count(10).undefined(),
    Row::new("Dim9SA_RBV", &SUBARRAY).count(10).undefined(),
    Row::new("Dimensions", &WAVEFORM_LONG)
        .count(10)
        .writable()
        .undefined(),
    Row::new("Dimensions_RBV", &WAVEFORM_LONG)
        .count(10)
        .readonly()
        .undefined(),
    Row::new("EmptyFreeList", &BO).undefined(),
    Row::new("EpicsTSNsec_RBV", &LONGIN),
    Row::new("EpicsTSSec_RBV", &LONGIN),
    Row::new("FrameType", &MBBO).states(&["Normal", "Background", "FlatField", "DblCorrelation"]),
    Row::new("FrameType_RBV", &MBBI).states(&[
        "Normal",
        "Background",
        "FlatField",
        "DblCorrelation",
    ]),
    Row::new("Gain", &AO).number(1.0).precision(3),
    Row::new("Gain_RBV", &AI).number(1.0).precision(3),
    Row::new("ImageMode", &MBBO)
        .number(2.0)
        .states(&["Single", "Multiple", "Continuous"]),
    Row::new("ImageMode_RBV", &MBBI)
        .number(2.0)
        .states(&["Single", "Multiple", "Continuous"]),
    Row::new("MinX", &LONGOUT),
    Row::new("MinY", &LONGOUT),
    Row::new("NDAttributesFile", &WAVEFORM_CHAR)
        .count(256)
        .writable(),
    Row::new("NDAttributesMacros", &WAVEFORM_CHAR)
        .count(256)
        .writable(),
    Row::new("NDAttributesStatus", &MBBI)
        .number(1.0)
        .states(&[
            "Attributes file OK",
            "File not found",
            "XML syntax error",
            "Macro substitution error",
        ])
        .minor(1),
    Row::new("NDimensions", &LONGOUT).undefined(),
    Row::new("NDimensions_RBV", &LONGIN),
    Row::new("NumExposures", &LONGOUT).number(1.0),
    Row::new("NumExposuresCounter_RBV", &LONGIN),
    Row::new("NumExposures_RBV", &LONGIN).number(1.0),
    Row::new("NumImagesCounter_RBV", &LONGIN),
    Row::new("NumPreAllocBuffers", &LONGOUT).number(100.0),
    Row::new("NumPreAllocBuffers_RBV", &LONGIN).number(100.0),
    Row::new("NumQueuedArrays", &LONGIN),
    Row::new("PoolFreeBuffers", &LONGIN),
    // Older than the captured release; the cameras of ophyd still ask for it.
    Row::new("PoolMaxBuffers", &LONGIN),
    Row::new("PoolMaxMem", &AI).precision(1).units("MB"),
    Row::new("PoolPollStats", &BO).undefined(),
    Row::new("PreAllocBuffers", &BUSY)
        .states(&["Done", "Allocate"])
        .undefined(),
    Row::new("ReadStatus", &BO).number(1.0),
    Row::new("ReverseX", &BO).states(&["No", "Yes"]),
    Row::new("ReverseY", &BO).states(&["No", "Yes"]),
    Row::new("SetAcquireBusy", &CALCOUT),
    Row::new("ShutterCloseDelay", &AO).precision(3),
    Row::new("ShutterCloseDelay_RBV", &AI).precision(3),
    Row::new("ShutterCloseEPICS", &CALCOUT).undefined(),
    Row::new("ShutterControl", &BO).states(&["Close", "Open"]),
    Row::new("ShutterControlEPICS", &BI)
        .states(&["Closed", "Open"])
        .undefined(),
    Row::new("ShutterControl_RBV", &BI).states(&["Close", "Open"]),
    Row::new("ShutterFanout", &FANOUT).undefined(),
    Row::new("ShutterMode", &MBBO).states(&["None", "EPICS PV", "Detector output"]),
    Row::new("ShutterMode_RBV", &MBBI).states(&["None", "EPICS PV", "Camera output"]),
    Row::new("ShutterOpenDelay", &AO).precision(3),
    Row::new("ShutterOpenDelay_RBV", &AI).precision(3),
    Row::new("ShutterOpenEPICS", &CALCOUT).undefined(),
    Row::new("ShutterStatusEPICS_RBV", &MBBI)
        .states(&["Closed", "Open"])
        .undefined(),
    Row::new("ShutterStatus_RBV", &BI)
        .states(&["Closed", "Open"])
        .minor(1),
    Row::new("TemperatureActual", &AI)
        .precision(1)
        .units("C")
        .undefined(),
    Row::new("TimeRemaining_RBV", &AI).precision(3),
    Row::new("TimeStamp_RBV", &AI).precision(3),
    Row::new("UniqueId_RBV", &LONGIN),
    Row::new("WaitForPlugins", &BO).states(&["No", "Yes"]),
];
