//! Which detectors there are, and how large.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A detector by its name: `sim` is areaDetector's simulated one, the others are Pilatus detectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Model {
    /// Pilatus 100K.
    #[serde(rename = "100K")]
    K100,
    /// Pilatus 200K.
    #[serde(rename = "200K")]
    K200,
    /// Pilatus 300K.
    #[serde(rename = "300K")]
    K300,
    /// Pilatus 300K-W.
    #[serde(rename = "300K-W")]
    K300W,
    /// Pilatus 800K: two by five modules, lying on its side.
    #[serde(rename = "800K")]
    K800,
    /// Pilatus 1M.
    #[serde(rename = "1M")]
    M1,
    /// Pilatus 2M.
    #[serde(rename = "2M")]
    M2,
    /// Pilatus 6M.
    #[serde(rename = "6M")]
    M6,
    /// The simulated detector.
    #[default]
    #[serde(rename = "sim")]
    Simulator,
}

impl Model {
    /// Width and height in pixels; those of a Pilatus measure 172 µm.
    #[must_use]
    pub const fn size(self) -> (i64, i64) {
        match self {
            Self::K100 => (487, 195),
            Self::K200 => (487, 407),
            Self::K300 => (487, 619),
            Self::K300W => (1475, 195),
            Self::K800 => (1043, 981),
            Self::M1 => (981, 1043),
            Self::M2 => (1475, 1679),
            Self::M6 => (2463, 2527),
            Self::Simulator => (1024, 1024),
        }
    }

    /// What the driver's example calls its port.
    #[must_use]
    pub const fn port(self) -> &'static str {
        if self.is_pilatus() { "PIL" } else { "SIM1" }
    }

    /// Whether it shows what the Pilatus driver shows.
    #[must_use]
    pub const fn is_pilatus(self) -> bool {
        !matches!(self, Self::Simulator)
    }
}
