//! The records of a codec, such as those under `Codec1:`.

use super::Row;
use crate::records::base::{AI, LONGIN, LONGOUT, MBBI, MBBO, WAVEFORM_CHAR};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("BloscCLevel", &LONGOUT).number(5.0),
    Row::new("BloscCLevel_RBV", &LONGIN).number(5.0),
    Row::new("BloscCompressor", &MBBO)
        .states(&["BloscLZ", "LZ4", "LZ4HC", "SNAPPY", "ZLIB", "ZSTD"]),
    Row::new("BloscCompressor_RBV", &MBBI)
        .states(&["BloscLZ", "LZ4", "LZ4HC", "SNAPPY", "ZLIB", "ZSTD"]),
    Row::new("BloscNumThreads", &LONGOUT).number(1.0),
    Row::new("BloscNumThreads_RBV", &LONGIN).number(1.0),
    Row::new("BloscShuffle", &MBBO).states(&["None", "Byte", "Bit"]),
    Row::new("BloscShuffle_RBV", &MBBI).states(&["None", "Byte", "Bit"]),
    Row::new("CodecError", &WAVEFORM_CHAR).count(256).readonly(),
    Row::new("CodecStatus", &MBBI)
        .states(&["Success", "Warning", "Error"])
        .minor(1)
        .major(2),
    Row::new("CompFactor_RBV", &AI)
        .number(1.0)
        .precision(2)
        .units("%"),
    Row::new("Compressor", &MBBO)
        .states(&["None", "JPEG", "Zlib", "Blosc", "LZ4", "LZ4HDF5", "BSLZ4"]),
    Row::new("Compressor_RBV", &MBBI)
        .states(&["None", "JPEG", "Zlib", "Blosc", "LZ4", "LZ4HDF5", "BSLZ4"]),
    Row::new("JPEGQuality", &LONGOUT).number(85.0),
    Row::new("JPEGQuality_RBV", &LONGIN).number(85.0),
    Row::new("LZ4HDF5BlockSize", &LONGOUT),
    Row::new("LZ4HDF5BlockSize_RBV", &LONGIN),
    Row::new("Mode", &MBBO)
        .states(&["Compress", "Decompress"])
        .undefined(),
    Row::new("Mode_RBV", &MBBI).states(&["Compress", "Decompress"]),
    Row::new("ZlibCLevel", &LONGOUT).number(6.0),
    Row::new("ZlibCLevel_RBV", &LONGIN).number(6.0),
];
