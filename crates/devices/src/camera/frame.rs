//! A frame: what the driver hands to the plugins.

use beamtwin_pv::Timestamp;
use serde::{Deserialize, Serialize};

/// The most dimensions that an image has room for.
pub(super) const DIMENSIONS: usize = 10;

/// What is known of a frame beside its pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Frame {
    /// Its number, as the driver counts.
    pub(super) id: f64,
    /// When it was taken.
    seconds: u32,
    nanos: u32,
    /// How many pixels each dimension has, the fastest first.
    pub(super) sizes: Vec<i32>,
    /// The index of its type among the states of `DataType`.
    pub(super) kind: f64,
    /// The index of its mode among the states of `ColorMode`.
    pub(super) colour: f64,
    /// How large it is.
    pub(super) bytes: f64,
}

impl Frame {
    pub(super) const fn new(sizes: Vec<i32>, kind: f64, colour: f64, bytes: f64) -> Self {
        Self {
            id: 0.0,
            seconds: 0,
            nanos: 0,
            sizes,
            kind,
            colour,
            bytes,
        }
    }

    /// The same with its number and its moment.
    pub(super) fn taken(self, id: f64, at: Timestamp) -> Self {
        Self {
            id,
            seconds: at.seconds,
            nanos: at.nanos,
            ..self
        }
    }

    /// Its moment in whole seconds since 1990, and the rest in nanoseconds.
    pub(super) fn moment(&self) -> (f64, f64) {
        (f64::from(self.seconds), f64::from(self.nanos))
    }

    /// Its dimensions with those that it has not, which are zero.
    pub(super) fn dimensions(&self) -> [i32; DIMENSIONS] {
        let mut all = [0; DIMENSIONS];
        for (size, &is) in all.iter_mut().zip(&self.sizes) {
            *size = is;
        }
        all
    }
}
