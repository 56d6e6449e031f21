//! The records that every plugin has, with the same first values.

use super::Row;
use crate::records::base::{
    AI, AO, ASYN, BI, BO, BUSY, CALC, CALCOUT, LONGIN, LONGOUT, MBBI, MBBO, STRINGIN, STRINGOUT,
    SUBARRAY, WAVEFORM_CHAR, WAVEFORM_LONG,
};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
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
        .minor(1)
        .undefined(),
    Row::new("ArrayCallbacks", &BO)
        .number(1.0)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("ArrayCallbacks_RBV", &BI)
        .number(1.0)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("ArrayCounter", &LONGOUT).undefined(),
    Row::new("ArrayCounter_RBV", &LONGIN),
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
    Row::new("ArraySizeX_RBV", &LONGIN),
    Row::new("ArraySizeY_RBV", &LONGIN),
    Row::new("ArraySizeZ_RBV", &LONGIN),
    Row::new("ArraySize_RBV", &LONGIN),
    Row::new("AsynIO", &ASYN),
    Row::new("BayerPattern_RBV", &MBBI).states(&["RGGB", "GBRG", "GRBG", "BGGR"]),
    Row::new("BlockingCallbacks", &BO).states(&["No", "Yes"]),
    Row::new("BlockingCallbacks_RBV", &BI).states(&["No", "Yes"]),
    Row::new("ClearAcquireBusy", &CALCOUT),
    Row::new("Codec_RBV", &STRINGIN),
    Row::new("ColorMode", &MBBO).states(&[
        "Mono", "Bayer", "RGB1", "RGB2", "RGB3", "YUV444", "YUV422", "YUV421",
    ]),
    Row::new("ColorMode_RBV", &MBBI).states(&[
        "Mono", "Bayer", "RGB1", "RGB2", "RGB3", "YUV444", "YUV422", "YUV421",
    ]),
    Row::new("CompressedSize_RBV", &LONGIN).undefined(),
    Row::new("DataType", &MBBO).states(&[
        "Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float32",
        "Float64",
    ]),
    Row::new("DataType_RBV", &MBBI).states(&[
        "Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float32",
        "Float64",
    ]),
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
    Row::new("DisorderedArrays", &LONGOUT).undefined(),
    Row::new("DisorderedArrays_RBV", &LONGIN),
    Row::new("DriverVersion_RBV", &STRINGIN).text("3.14.0"),
    Row::new("DroppedArrays", &LONGOUT),
    Row::new("DroppedArrays_RBV", &LONGIN),
    Row::new("DroppedOutputArrays", &LONGOUT),
    Row::new("DroppedOutputArrays_RBV", &LONGIN),
    Row::new("EmptyFreeList", &BO).undefined(),
    Row::new("EnableCallbacks", &BO).states(&["Disable", "Enable"]),
    Row::new("EnableCallbacks_RBV", &BI)
        .states(&["Disable", "Enable"])
        .minor(1),
    Row::new("EpicsTSNsec_RBV", &LONGIN),
    Row::new("EpicsTSSec_RBV", &LONGIN),
    Row::new("ExecutionTime_RBV", &AI)
        .precision(3)
        .units("ms")
        .undefined(),
    Row::new("FirmwareVersion_RBV", &STRINGIN).text("Unknown"),
    Row::new("Manufacturer_RBV", &STRINGIN).text("Unknown"),
    Row::new("MaxArrayRate", &AO).precision(3).units("Hz"),
    Row::new("MaxArrayRate_COUT", &CALCOUT).undefined(),
    Row::new("MaxArrayRate_RBV", &CALC).precision(3).units("Hz"),
    Row::new("MaxByteRate", &AO).precision(3).units("s"),
    Row::new("MaxByteRate_RBV", &AI).precision(3).units("s"),
    Row::new("MaxThreads_RBV", &LONGIN).number(4.0),
    Row::new("MinCallbackTime", &AO).precision(3).units("s"),
    Row::new("MinCallbackTime_RBV", &AI).precision(3).units("s"),
    Row::new("Model_RBV", &STRINGIN).text("Unknown"),
    Row::new("NDArrayAddress", &LONGOUT),
    Row::new("NDArrayAddress_RBV", &LONGIN),
    Row::new("NDArrayPort", &STRINGOUT).text("SIM1"),
    Row::new("NDArrayPort_RBV", &STRINGIN).text("SIM1"),
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
        .minor(1)
        .major(2)
        .major(3),
    Row::new("NDimensions", &LONGOUT).undefined(),
    Row::new("NDimensions_RBV", &LONGIN),
    Row::new("NumPreAllocBuffers", &LONGOUT).number(100.0),
    Row::new("NumPreAllocBuffers_RBV", &LONGIN).number(100.0),
    Row::new("NumQueuedArrays", &LONGIN),
    Row::new("NumThreads", &LONGOUT).number(1.0),
    Row::new("NumThreads_RBV", &LONGIN).number(1.0),
    Row::new("PluginType_RBV", &STRINGIN).text("NDPluginTransform"),
    Row::new("PoolAllocBuffers", &LONGIN),
    Row::new("PoolFreeBuffers", &LONGIN),
    Row::new("PoolMaxMem", &AI).precision(1).units("MB"),
    Row::new("PoolPollStats", &BO).undefined(),
    Row::new("PoolUsedBuffers", &CALC),
    Row::new("PoolUsedMem", &AI).precision(1).units("MB"),
    Row::new("PortName_RBV", &STRINGIN).text("TRANS1"),
    Row::new("PreAllocBuffers", &BUSY)
        .states(&["Done", "Allocate"])
        .undefined(),
    Row::new("ProcessPlugin", &BO).number(1.0),
    Row::new("QueueFree", &LONGIN).number(20.0),
    Row::new("QueueFreeLow", &CALCOUT).number(5.0),
    Row::new("QueueSize", &LONGOUT).number(20.0),
    Row::new("QueueSize_RBV", &LONGIN).number(20.0),
    Row::new("QueueUse", &CALC),
    Row::new("QueueUseHIGH", &CALCOUT).number(15.0),
    Row::new("QueueUseHIHI", &CALCOUT).number(20.0),
    Row::new("SDKVersion_RBV", &STRINGIN).text("Unknown"),
    Row::new("SerialNumber_RBV", &STRINGIN).text("Unknown"),
    Row::new("SetAcquireBusy", &CALCOUT).undefined(),
    Row::new("SortFree", &LONGIN).undefined(),
    Row::new("SortFreeLow", &CALCOUT).number(5.0),
    Row::new("SortMode", &MBBO)
        .states(&["Unsorted", "Sorted"])
        .undefined(),
    Row::new("SortMode_RBV", &MBBI).states(&["Unsorted", "Sorted"]),
    Row::new("SortSize", &LONGOUT).number(20.0),
    Row::new("SortSize_RBV", &LONGIN).number(20.0),
    Row::new("SortTime", &AO).number(0.1).precision(3),
    Row::new("SortTime_RBV", &AI).number(0.1).precision(3),
    Row::new("TimeStamp_RBV", &AI).precision(3),
    Row::new("UniqueId_RBV", &LONGIN),
    Row::new("WaitForPlugins", &BO).states(&["No", "Yes"]),
];
