//! Light, and what it passes through.
//!
//! Light is pulled, not pushed: a detector that exposes asks what arrives, and every optic upstream
//! answers from its present state. So there are no cycles of events and nothing to order.

use crate::surface::{Scalar, Slot};
use crate::world::{Core, DeviceIx, World};

/// Monochromatic light on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beam {
    /// Photon energy, in electronvolts.
    pub energy: f64,
    /// Photons a second.
    pub flux: f64,
}

impl Beam {
    /// No light.
    pub const DARK: Self = Self {
        energy: 0.0,
        flux: 0.0,
    };

    /// The same light, weakened to this fraction.
    #[must_use]
    pub fn weakened(self, transmission: f64) -> Self {
        Self {
            flux: self.flux * transmission.clamp(0.0, 1.0),
            ..self
        }
    }
}

impl World {
    /// The names of the devices that light meets, in this order.
    pub fn path(&self) -> impl Iterator<Item = &str> {
        let devices = self.core.path.iter();
        devices.map(|device| self.core.device_names[device.0 as usize].as_str())
    }
}

/// A device that light passes through: a pure function of its present state.
pub trait Optic {
    /// What leaves when `beam` arrives.
    fn pass(&self, beam: Beam, look: &Look<'_>) -> Beam;
}

/// What an optic may read: its own fields.
pub struct Look<'a> {
    pub(crate) core: &'a Core,
    pub(crate) device: DeviceIx,
}

impl Look<'_> {
    /// The value of one of its fields.
    #[must_use]
    pub fn get<T: Scalar>(&self, slot: Slot<T>) -> T {
        T::from_value(&self.core.local(self.device, slot.record(), slot.field()))
    }
}
