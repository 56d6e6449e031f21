//! The kinds of plugins that there are.

use crate::records::Row;
use crate::records::areadetector::plugins::{
    FILE, attribute, bad_pixels, circular, codec, colour, fft, gather, hdf, image, jpeg, netcdf,
    overlay, process, roi, roi_stat, scatter, stats, time_series, transform,
};

/// A kind of plugin.
#[derive(Debug)]
pub(super) struct Family {
    /// What the names of its PVs begin with, without the number: `Stats` of `Stats1:`.
    pub(super) name: &'static str,
    /// What `PluginType_RBV` says.
    pub(super) kind: &'static str,
    /// What `PortName_RBV` begins with, without the number.
    pub(super) port: &'static str,
    /// The records beside those of every plugin; the first row of a name counts.
    pub(super) rows: &'static [&'static [Row]],
    /// What `MaxThreads_RBV` says.
    pub(super) threads: u8,
    /// Whether it hands on what it gets, until told otherwise.
    pub(super) hands_on: bool,
    pub(super) parts: Parts,
    /// What it does with a frame.
    pub(super) work: Work,
}

/// What a plugin does with a frame, beside telling of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Work {
    #[default]
    None,
    /// It shows the pixels.
    Arrays,
    /// It works out statistics.
    Statistics,
    /// It hands on a part.
    Region,
    /// It turns and mirrors.
    Transform,
}

/// What stands below a plugin, under its name.
#[derive(Debug)]
pub(super) enum Parts {
    None,
    /// Several alike, numbered from one, each with its first name: `Over1:1:`.
    Alike(&'static [Row], [&'static str; 8]),
    /// A time series of what it works out: `Stats1:TS:`.
    Series,
    /// A writer of files: `Proc1:TIFF:`.
    Writer,
}

const fn family(
    name: &'static str,
    kind: &'static str,
    port: &'static str,
    rows: &'static [&'static [Row]],
) -> Family {
    Family {
        name,
        kind,
        port,
        rows,
        threads: 1,
        hands_on: true,
        parts: Parts::None,
        work: Work::None,
    }
}

impl Family {
    const fn works(self, work: Work) -> Self {
        Self { work, ..self }
    }

    const fn threads(self, threads: u8) -> Self {
        Self { threads, ..self }
    }

    const fn keeps(self) -> Self {
        Self {
            hands_on: false,
            ..self
        }
    }

    const fn with(self, parts: Parts) -> Self {
        Self { parts, ..self }
    }
}

/// The kinds, as the example of ADCore 3.14 sets them up.
pub(super) static FAMILIES: &[Family] = &[
    family("image", "NDPluginStdArrays", "Image", &[image::ROWS])
        .threads(5)
        .keeps()
        .works(Work::Arrays),
    family("Attr", "NDPluginAttribute", "ATTR", &[attribute::ROWS])
        .keeps()
        .with(Parts::Alike(attribute::ATTRIBUTE, [""; 8])),
    family("BadPix", "NDPluginBadPixel", "BADPIX", &[bad_pixels::ROWS]),
    family("CB", "NDPluginCircularBuff", "CB", &[circular::ROWS]),
    family("CC", "NDPluginColorConvert", "CC", &[colour::ROWS]).threads(4),
    family("Codec", "NDPluginCodec", "CODEC", &[codec::ROWS]).threads(5),
    family("FFT", "NDPluginFFT", "FFT", &[fft::ROWS]).threads(5),
    family("Gather", "NDPluginGather", "GATHER", &[gather::ROWS]),
    family("HDF", "NDFileHDF5 ver1.10.8", "FileHDF", &[hdf::ROWS, FILE]).keeps(),
    family("JPEG", "NDFileJPEG", "FileJPEG", &[jpeg::ROWS, FILE]).keeps(),
    family("netCDF", "NDFileNetCDF", "FileNetCDF", &[netcdf::ROWS, FILE]).keeps(),
    family("Over", "NDPluginOverlay", "OVER", &[overlay::ROWS])
        .threads(4)
        .with(Parts::Alike(overlay::OVERLAY, overlay::NAMES)),
    family("Proc", "NDPluginProcess", "PROC", &[process::ROWS]).with(Parts::Writer),
    family("ROIStat", "NDPluginROIStat", "ROISTAT", &[roi_stat::ROWS])
        .threads(4)
        .with(Parts::Alike(roi_stat::REGION, [""; 8])),
    family("ROI", "NDPluginROI", "ROI", &[roi::ROWS])
        .threads(4)
        .works(Work::Region),
    family("Scatter", "NDPluginScatter", "SCATTER", &[scatter::ROWS]),
    family("Stats", "NDPluginStats", "STATS", &[stats::ROWS])
        .threads(4)
        .works(Work::Statistics)
        .with(Parts::Series),
    TIFF,
    family("Trans", "NDPluginTransform", "TRANS", &[transform::ROWS])
        .threads(4)
        .works(Work::Transform),
];

/// What writes TIFF files.
pub(super) const TIFF: Family = family("TIFF", "NDFileTIFF", "FileTIFF", &[FILE]).keeps();

/// What keeps the history of what another plugin works out.
pub(super) const SERIES: Family = family("TS", "NDPluginTimeSeries", "TS", &[time_series::ROWS]);

/// The kind of a name without its number.
pub(super) fn of(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}
