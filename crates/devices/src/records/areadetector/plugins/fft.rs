//! The records of a Fourier transformation, such as those under `FFT1:`.

use super::Row;
use crate::records::base::{AI, AO, BI, BO, LONGIN, LONGOUT, STRINGOUT, WAVEFORM_DOUBLE};

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    Row::new("FFTAbsValue", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("FFTDirection", &BO)
        .states(&["Time to freq.", "Freq. to time"])
        .undefined(),
    Row::new("FFTDirection_RBV", &BI).states(&["Time to freq.", "Freq. to time"]),
    Row::new("FFTFreqAxis", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("FFTImaginary", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("FFTNumAverage", &LONGOUT).number(1.0),
    Row::new("FFTNumAverage_RBV", &LONGIN).number(1.0),
    Row::new("FFTNumAveraged", &LONGIN).undefined(),
    Row::new("FFTReal", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("FFTResetAverage", &BO)
        .number(1.0)
        .states(&["Done", "Reset"]),
    Row::new("FFTSuppressDC", &BO)
        .states(&["Disable", "Enable"])
        .undefined(),
    Row::new("FFTSuppressDC_RBV", &BI).states(&["Disable", "Enable"]),
    Row::new("FFTTimeAxis", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("FFTTimePerPoint", &AO).number(0.1).precision(3),
    Row::new("FFTTimePerPointLink", &AO).number(0.1),
    Row::new("FFTTimePerPoint_RBV", &AI)
        .number(0.1)
        .precision(3),
    Row::new("FFTTimeSeries", &WAVEFORM_DOUBLE)
        .count(1024)
        .readonly()
        .undefined(),
    Row::new("Name", &STRINGOUT).text("FFT1"),
];
