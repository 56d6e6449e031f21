//! Seeded randomness: one stream a device, so that one device's draws never shift another's.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Normal, Poisson};
use rand_pcg::Pcg64;

/// A stream of random numbers that depends only on the session's seed and the device's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noise(Pcg64);

impl Noise {
    /// The stream of the device called `name`.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        Self(Pcg64::seed_from_u64(seed ^ fnv1a(name.as_bytes())))
    }

    /// A count of events of which `mean` are expected.
    #[must_use]
    pub fn poisson(&mut self, mean: f64) -> f64 {
        Poisson::new(mean).map_or(0.0, |distribution| distribution.sample(&mut self.0))
    }

    /// A number from zero up to one, all alike.
    #[must_use]
    pub fn uniform(&mut self) -> f64 {
        self.0.random()
    }

    /// A normally distributed number around zero.
    #[must_use]
    pub fn normal(&mut self, deviation: f64) -> f64 {
        Normal::new(0.0, deviation).map_or(0.0, |distribution| distribution.sample(&mut self.0))
    }
}

/// FNV-1a, 64 bits: a hash that stays the same for ever, as recorded sessions need.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_devices_have_different_streams_and_each_its_own_again() {
        let draw = |name| Noise::new(7, name).normal(1.0);
        assert_eq!(draw("a"), draw("a"));
        assert_ne!(draw("a"), draw("b"));
    }

    #[test]
    fn nothing_is_counted_in_the_dark() {
        assert_eq!(Noise::new(7, "a").poisson(0.0), 0.0);
    }
}
