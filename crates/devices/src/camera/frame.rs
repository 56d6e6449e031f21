//! A frame: what the driver hands to the plugins.

use beamtwin_pv::Timestamp;

use super::image::Image;

/// The most dimensions that an image has room for.
pub(super) const DIMENSIONS: usize = 10;

/// An image with its number and its moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    /// Its number, as the driver counts.
    pub(super) id: f64,
    /// When it was taken.
    seconds: u32,
    nanos: u32,
    pub(super) image: Image,
}

impl Frame {
    pub(super) const fn new(id: f64, at: Timestamp, image: Image) -> Self {
        Self {
            id,
            seconds: at.seconds,
            nanos: at.nanos,
            image,
        }
    }

    /// The same frame with another image.
    pub(super) fn with(&self, image: Image) -> Self {
        Self {
            image,
            ..self.clone()
        }
    }

    /// Its moment in whole seconds since 1990, and the rest in nanoseconds.
    pub(super) fn moment(&self) -> (f64, f64) {
        (f64::from(self.seconds), f64::from(self.nanos))
    }

    /// Its dimensions with those that it has not, which are zero.
    pub(super) fn dimensions(&self) -> [i32; DIMENSIONS] {
        let mut all = [0; DIMENSIONS];
        for (size, is) in all.iter_mut().zip(self.image.sizes()) {
            *size = i32::try_from(is).unwrap_or(i32::MAX);
        }
        all
    }
}
