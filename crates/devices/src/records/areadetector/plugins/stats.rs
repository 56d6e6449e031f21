//! The records of a statistics plugin, such as those under `Stats1:`.

use super::Row;
use crate::records::base::{AI, AO, BI, BO, DFANOUT, LONGIN, LONGOUT, SSEQ, WAVEFORM_DOUBLE};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("BgdWidth", &LONGOUT).number(1.0),
    Row::new("BgdWidth_RBV", &LONGIN).number(1.0),
    Row::new("CentroidThreshold", &AO).number(1.0),
    Row::new("CentroidThreshold_RBV", &AI).number(1.0),
    Row::new("CentroidTotal", &AO).undefined(),
    Row::new("CentroidTotal_RBV", &AI).undefined(),
    Row::new("CentroidX", &AO).undefined(),
    Row::new("CentroidX_RBV", &AI).precision(1).undefined(),
    Row::new("CentroidY", &AO).undefined(),
    Row::new("CentroidY_RBV", &AI).precision(1).undefined(),
    Row::new("ComputeCentroid", &BO).states(&["No", "Yes"]),
    Row::new("ComputeCentroid_RBV", &BI)
        .states(&["No", "Yes"])
        .minor(1),
    Row::new("ComputeHistogram", &BO).states(&["No", "Yes"]),
    Row::new("ComputeHistogram_RBV", &BI)
        .states(&["No", "Yes"])
        .minor(1),
    Row::new("ComputeProfiles", &BO).states(&["No", "Yes"]),
    Row::new("ComputeProfiles_RBV", &BI)
        .states(&["No", "Yes"])
        .minor(1),
    Row::new("ComputeStatistics", &BO)
        .number(1.0)
        .states(&["No", "Yes"]),
    Row::new("ComputeStatistics_RBV", &BI)
        .number(1.0)
        .states(&["No", "Yes"])
        .minor(1),
    Row::new("CursorVal", &AI).precision(1).undefined(),
    Row::new("CursorX", &LONGOUT).number(256.0),
    Row::new("CursorX_RBV", &LONGIN).number(256.0),
    Row::new("CursorY", &LONGOUT).number(256.0),
    Row::new("CursorY_RBV", &LONGIN).number(256.0),
    Row::new("Eccentricity", &AO).undefined(),
    Row::new("Eccentricity_RBV", &AI).precision(3).undefined(),
    Row::new("HistAbove", &LONGOUT).undefined(),
    Row::new("HistAbove_RBV", &LONGIN),
    Row::new("HistBelow", &LONGOUT).undefined(),
    Row::new("HistBelow_RBV", &LONGIN),
    Row::new("HistEntropy", &AO).undefined(),
    Row::new("HistEntropy_RBV", &AI).precision(3).undefined(),
    Row::new("HistMax", &AO).number(255.0),
    Row::new("HistMax_RBV", &AI).number(255.0),
    Row::new("HistMin", &AO),
    Row::new("HistMin_RBV", &AI),
    Row::new("HistSize", &LONGOUT).number(256.0),
    Row::new("HistSize_RBV", &LONGIN).number(256.0),
    Row::new("HistogramX_RBV", &WAVEFORM_DOUBLE)
        .count(256)
        .readonly()
        .undefined(),
    Row::new("Histogram_RBV", &WAVEFORM_DOUBLE)
        .count(256)
        .readonly()
        .undefined(),
    Row::new("KurtosisX", &AO).undefined(),
    Row::new("KurtosisX_RBV", &AI).precision(3).undefined(),
    Row::new("KurtosisY", &AO).undefined(),
    Row::new("KurtosisY_RBV", &AI).precision(3).undefined(),
    Row::new("MaxSizeX", &LONGIN),
    Row::new("MaxSizeY", &LONGIN),
    Row::new("MaxValue", &AO).undefined(),
    Row::new("MaxValue_RBV", &AI).undefined(),
    Row::new("MaxX", &AO).undefined(),
    Row::new("MaxX_RBV", &AI).undefined(),
    Row::new("MaxY", &AO).undefined(),
    Row::new("MaxY_RBV", &AI).undefined(),
    Row::new("MeanValue", &AO).undefined(),
    Row::new("MeanValue_RBV", &AI).undefined(),
    Row::new("MinValue", &AO).undefined(),
    Row::new("MinValue_RBV", &AI).undefined(),
    Row::new("MinX", &AO).undefined(),
    Row::new("MinX_RBV", &AI).undefined(),
    Row::new("MinY", &AO).undefined(),
    Row::new("MinY_RBV", &AI).undefined(),
    Row::new("Net", &AO).undefined(),
    Row::new("Net_RBV", &AI).undefined(),
    Row::new("Orientation", &AO).undefined(),
    Row::new("Orientation_RBV", &AI).precision(3).undefined(),
    Row::new("ProfileAverageX_RBV", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("ProfileAverageY_RBV", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("ProfileCentroidX_RBV", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("ProfileCentroidY_RBV", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("ProfileCursorX_RBV", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("ProfileCursorY_RBV", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("ProfileSizeX_RBV", &LONGIN).undefined(),
    Row::new("ProfileSizeY_RBV", &LONGIN).undefined(),
    Row::new("ProfileThresholdX_RBV", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("ProfileThresholdY_RBV", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("Reset", &SSEQ).undefined(),
    Row::new("Reset1", &SSEQ).undefined(),
    Row::new("Reset2", &SSEQ).undefined(),
    Row::new("SetXHOPR", &DFANOUT),
    Row::new("SetYHOPR", &DFANOUT),
    Row::new("SigmaValue", &AO).undefined(),
    Row::new("SigmaX", &AO).undefined(),
    Row::new("SigmaXY", &AO).undefined(),
    Row::new("SigmaXY_RBV", &AI).precision(3).undefined(),
    Row::new("SigmaX_RBV", &AI).precision(1).undefined(),
    Row::new("SigmaY", &AO).undefined(),
    Row::new("SigmaY_RBV", &AI).precision(1).undefined(),
    Row::new("Sigma_RBV", &AI).precision(1).undefined(),
    Row::new("SkewX", &AO).undefined(),
    Row::new("SkewX_RBV", &AI).precision(3).undefined(),
    Row::new("SkewY", &AO).undefined(),
    Row::new("SkewY_RBV", &AI).precision(3).undefined(),
    Row::new("TSCentroidTotal", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSCentroidX", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSCentroidY", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSEccentricity", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSKurtosisX", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSKurtosisY", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSMaxValue", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSMaxX", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSMaxY", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSMeanValue", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSMinValue", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSMinX", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSMinY", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSNet", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSOrientation", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSSigma", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSSigmaX", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSSigmaXY", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSSigmaY", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSSkewX", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSSkewY", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSTimestamp", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("TSTotal", &WAVEFORM_DOUBLE)
        .count(2048)
        .readonly()
        .undefined(),
    Row::new("Total", &AO).undefined(),
    Row::new("Total_RBV", &AI).undefined(),
];
