//! The records of a plugin that writes HDF5 files, such as those under `HDF1:`.

use super::Row;
use crate::records::base::{
    AI, AO, BI, BO, BUSY, LONGIN, LONGOUT, MBBI, MBBO, STRINGIN, STRINGOUT, WAVEFORM_CHAR,
};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("BloscCompressor", &MBBO)
        .states(&["BloscLZ", "LZ4", "LZ4HC", "SNAPPY", "ZLIB", "ZSTD"]),
    Row::new("BloscCompressor_RBV", &MBBI)
        .states(&["BloscLZ", "LZ4", "LZ4HC", "SNAPPY", "ZLIB", "ZSTD"]),
    Row::new("BloscLevel", &LONGOUT).number(5.0),
    Row::new("BloscLevel_RBV", &LONGIN).number(5.0),
    Row::new("BloscShuffle", &MBBO)
        .number(1.0)
        .states(&["None", "Byte", "Bit"]),
    Row::new("BloscShuffle_RBV", &MBBI)
        .number(1.0)
        .states(&["None", "Byte", "Bit"]),
    Row::new("BoundaryAlign", &LONGOUT).units("bytes"),
    Row::new("BoundaryAlign_RBV", &LONGIN).units("bytes"),
    Row::new("BoundaryThreshold", &LONGOUT)
        .number(65536.0)
        .units("bytes"),
    Row::new("BoundaryThreshold_RBV", &LONGIN)
        .number(65536.0)
        .units("bytes"),
    Row::new("ChunkSize2", &LONGOUT),
    Row::new("ChunkSize2_RBV", &LONGIN),
    Row::new("ChunkSize3", &LONGOUT),
    Row::new("ChunkSize3_RBV", &LONGIN),
    Row::new("ChunkSize4", &LONGOUT),
    Row::new("ChunkSize4_RBV", &LONGIN),
    Row::new("ChunkSize5", &LONGOUT),
    Row::new("ChunkSize5_RBV", &LONGIN),
    Row::new("ChunkSize6", &LONGOUT),
    Row::new("ChunkSize6_RBV", &LONGIN),
    Row::new("ChunkSize7", &LONGOUT),
    Row::new("ChunkSize7_RBV", &LONGIN),
    Row::new("ChunkSize8", &LONGOUT),
    Row::new("ChunkSize8_RBV", &LONGIN),
    Row::new("ChunkSize9", &LONGOUT),
    Row::new("ChunkSize9_RBV", &LONGIN),
    Row::new("ChunkSizeAuto", &BO)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("ChunkSizeAuto_RBV", &BI)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("Compression", &MBBO).states(&[
        "None", "N-bit", "szip", "zlib", "Blosc", "BSLZ4", "LZ4", "JPEG",
    ]),
    Row::new("Compression_RBV", &MBBI).states(&[
        "None", "N-bit", "szip", "zlib", "Blosc", "BSLZ4", "LZ4", "JPEG",
    ]),
    Row::new("DataBitsOffset", &LONGOUT).units("bit"),
    Row::new("DataBitsOffset_RBV", &LONGIN).units("bit"),
    Row::new("DimAttDatasets", &BO).states(&["No", "Yes"]),
    Row::new("DimAttDatasets_RBV", &BI).states(&["No", "Yes"]),
    Row::new("ExtraDimChunk3", &LONGOUT),
    Row::new("ExtraDimChunk3_RBV", &LONGIN),
    Row::new("ExtraDimChunk4", &LONGOUT),
    Row::new("ExtraDimChunk4_RBV", &LONGIN),
    Row::new("ExtraDimChunk5", &LONGOUT),
    Row::new("ExtraDimChunk5_RBV", &LONGIN),
    Row::new("ExtraDimChunk6", &LONGOUT),
    Row::new("ExtraDimChunk6_RBV", &LONGIN),
    Row::new("ExtraDimChunk7", &LONGOUT),
    Row::new("ExtraDimChunk7_RBV", &LONGIN),
    Row::new("ExtraDimChunk8", &LONGOUT),
    Row::new("ExtraDimChunk8_RBV", &LONGIN),
    Row::new("ExtraDimChunk9", &LONGOUT),
    Row::new("ExtraDimChunk9_RBV", &LONGIN),
    Row::new("ExtraDimChunkX", &LONGOUT),
    Row::new("ExtraDimChunkX_RBV", &LONGIN),
    Row::new("ExtraDimChunkY", &LONGOUT),
    Row::new("ExtraDimChunkY_RBV", &LONGIN),
    Row::new("ExtraDimName3_RBV", &STRINGIN).text("scan dimension 3"),
    Row::new("ExtraDimName4_RBV", &STRINGIN).text("scan dimension 4"),
    Row::new("ExtraDimName5_RBV", &STRINGIN).text("scan dimension 5"),
    Row::new("ExtraDimName6_RBV", &STRINGIN).text("scan dimension 6"),
    Row::new("ExtraDimName7_RBV", &STRINGIN).text("scan dimension 7"),
    Row::new("ExtraDimName8_RBV", &STRINGIN).text("scan dimension 8"),
    Row::new("ExtraDimName9_RBV", &STRINGIN).text("scan dimension 9"),
    Row::new("ExtraDimNameN_RBV", &STRINGIN).text("scan dimension 0"),
    Row::new("ExtraDimNameX_RBV", &STRINGIN).text("scan dimension 1"),
    Row::new("ExtraDimNameY_RBV", &STRINGIN).text("scan dimension 2"),
    Row::new("ExtraDimSize3", &LONGOUT).number(1.0),
    Row::new("ExtraDimSize3_RBV", &LONGIN).number(1.0),
    Row::new("ExtraDimSize4", &LONGOUT).number(1.0),
    Row::new("ExtraDimSize4_RBV", &LONGIN).number(1.0),
    Row::new("ExtraDimSize5", &LONGOUT).number(1.0),
    Row::new("ExtraDimSize5_RBV", &LONGIN).number(1.0),
    Row::new("ExtraDimSize6", &LONGOUT).number(1.0),
    Row::new("ExtraDimSize6_RBV", &LONGIN).number(1.0),
    Row::new("ExtraDimSize7", &LONGOUT).number(1.0),
    Row::new("ExtraDimSize7_RBV", &LONGIN).number(1.0),
    Row::new("ExtraDimSize8", &LONGOUT).number(1.0),
    Row::new("ExtraDimSize8_RBV", &LONGIN).number(1.0),
    Row::new("ExtraDimSize9", &LONGOUT).number(1.0),
    Row::new("ExtraDimSize9_RBV", &LONGIN).number(1.0),
    Row::new("ExtraDimSizeN", &LONGOUT).number(1.0),
    Row::new("ExtraDimSizeN_RBV", &LONGIN).number(1.0),
    Row::new("ExtraDimSizeX", &LONGOUT).number(1.0),
    Row::new("ExtraDimSizeX_RBV", &LONGIN).number(1.0),
    Row::new("ExtraDimSizeY", &LONGOUT).number(1.0),
    Row::new("ExtraDimSizeY_RBV", &LONGIN).number(1.0),
    Row::new("FileFormat", &MBBO).states(&["HDF5", "Invalid"]),
    Row::new("FileFormat_RBV", &MBBI).states(&["HDF5", "Undefined"]),
    Row::new("FillValue", &AO).precision(1),
    Row::new("FillValue_RBV", &AI).precision(1),
    Row::new("FlushNow", &BUSY).states(&["Done", "Flush"]),
    Row::new("IOSpeed", &AI).precision(1).units("Mbit/s"),
    Row::new("JPEGQuality", &LONGOUT).number(90.0),
    Row::new("JPEGQuality_RBV", &LONGIN).number(90.0),
    Row::new("NDAttributeChunk", &LONGOUT),
    Row::new("NDAttributeChunk_RBV", &LONGIN),
    Row::new("NDAttributesFile", &WAVEFORM_CHAR)
        .count(2048)
        .writable(),
    Row::new("NumColChunks", &LONGOUT),
    Row::new("NumColChunks_RBV", &LONGIN),
    Row::new("NumDataBits", &LONGOUT).number(8.0).units("bit"),
    Row::new("NumDataBits_RBV", &LONGIN)
        .number(8.0)
        .units("bit"),
    Row::new("NumExtraDims", &LONGOUT),
    Row::new("NumExtraDims_RBV", &LONGIN),
    Row::new("NumFramesChunks", &LONGOUT),
    Row::new("NumFramesChunks_RBV", &LONGIN),
    Row::new("NumFramesFlush", &LONGOUT),
    Row::new("NumFramesFlush_RBV", &LONGIN),
    Row::new("NumRowChunks", &LONGOUT),
    Row::new("NumRowChunks_RBV", &LONGIN),
    Row::new("PosIndexDim3", &STRINGOUT).undefined(),
    Row::new("PosIndexDim3_RBV", &STRINGIN),
    Row::new("PosIndexDim4", &STRINGOUT).undefined(),
    Row::new("PosIndexDim4_RBV", &STRINGIN),
    Row::new("PosIndexDim5", &STRINGOUT).undefined(),
    Row::new("PosIndexDim5_RBV", &STRINGIN),
    Row::new("PosIndexDim6", &STRINGOUT).undefined(),
    Row::new("PosIndexDim6_RBV", &STRINGIN),
    Row::new("PosIndexDim7", &STRINGOUT).undefined(),
    Row::new("PosIndexDim7_RBV", &STRINGIN),
    Row::new("PosIndexDim8", &STRINGOUT).undefined(),
    Row::new("PosIndexDim8_RBV", &STRINGIN),
    Row::new("PosIndexDim9", &STRINGOUT).undefined(),
    Row::new("PosIndexDim9_RBV", &STRINGIN),
    Row::new("PosIndexDimN", &STRINGOUT).undefined(),
    Row::new("PosIndexDimN_RBV", &STRINGIN),
    Row::new("PosIndexDimX", &STRINGOUT).undefined(),
    Row::new("PosIndexDimX_RBV", &STRINGIN),
    Row::new("PosIndexDimY", &STRINGOUT).undefined(),
    Row::new("PosIndexDimY_RBV", &STRINGIN),
    Row::new("PosNameDim3", &STRINGOUT).undefined(),
    Row::new("PosNameDim3_RBV", &STRINGIN),
    Row::new("PosNameDim4", &STRINGOUT).undefined(),
    Row::new("PosNameDim4_RBV", &STRINGIN),
    Row::new("PosNameDim5", &STRINGOUT).undefined(),
    Row::new("PosNameDim5_RBV", &STRINGIN),
    Row::new("PosNameDim6", &STRINGOUT).undefined(),
    Row::new("PosNameDim6_RBV", &STRINGIN),
    Row::new("PosNameDim7", &STRINGOUT).undefined(),
    Row::new("PosNameDim7_RBV", &STRINGIN),
    Row::new("PosNameDim8", &STRINGOUT).undefined(),
    Row::new("PosNameDim8_RBV", &STRINGIN),
    Row::new("PosNameDim9", &STRINGOUT).undefined(),
    Row::new("PosNameDim9_RBV", &STRINGIN),
    Row::new("PosNameDimN", &STRINGOUT).undefined(),
    Row::new("PosNameDimN_RBV", &STRINGIN),
    Row::new("PosNameDimX", &STRINGOUT).undefined(),
    Row::new("PosNameDimX_RBV", &STRINGIN),
    Row::new("PosNameDimY", &STRINGOUT).undefined(),
    Row::new("PosNameDimY_RBV", &STRINGIN),
    Row::new("PositionMode", &BO).states(&["Off", "On"]),
    Row::new("PositionMode_RBV", &BI).states(&["Off", "On"]),
    Row::new("RunTime", &AI).precision(3).units("s"),
    Row::new("SWMRActive_RBV", &BI).states(&["Off", "Active"]),
    Row::new("SWMRCbCounter_RBV", &LONGIN),
    Row::new("SWMRMode", &BO).states(&["Off", "On"]),
    Row::new("SWMRMode_RBV", &BI).states(&["Off", "On"]),
    Row::new("SWMRSupported_RBV", &BI)
        .number(1.0)
        .states(&["Not Supported", "Supported"]),
    Row::new("SZipNumPixels", &LONGOUT)
        .number(16.0)
        .units("bit"),
    Row::new("SZipNumPixels_RBV", &LONGIN)
        .number(16.0)
        .units("bit"),
    Row::new("StoreAttr", &BO)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("StoreAttr_RBV", &BI)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("StorePerform", &BO)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("StorePerform_RBV", &BI)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("XMLErrorMsg_RBV", &WAVEFORM_CHAR)
        .text("Default layout selected")
        .count(256)
        .readonly(),
    Row::new("XMLFileName", &WAVEFORM_CHAR)
        .count(2048)
        .writable(),
    Row::new("XMLFileName_RBV", &WAVEFORM_CHAR)
        .count(2048)
        .readonly(),
    Row::new("XMLValid_RBV", &BI)
        .number(1.0)
        .states(&["No", "Yes"])
        .major(0),
    Row::new("ZLevel", &LONGOUT).number(6.0),
    Row::new("ZLevel_RBV", &LONGIN).number(6.0),
];
