//! Hash tables by numbers that we gave ourselves.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A hash table whose keys are numbers that we count up: nobody can choose them so that they collide, and
/// so they need no protection against that.
pub type Numbered<K, V> = HashMap<K, V, BuildHasherDefault<NumberHasher>>;

/// Spreads numbers that are counted up.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        // The golden ratio of 2^64; tables use the highest bits and the lowest.
        let product = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = product ^ (product >> 32);
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn numbers_that_follow_each_other_are_spread() {
        let hasher = BuildHasherDefault::<NumberHasher>::default();
        let mut low = std::collections::BTreeSet::new();
        let mut high = std::collections::BTreeSet::new();
        for number in 0..1024_u32 {
            let hash = hasher.hash_one(number);
            low.insert(hash % 1024);
            high.insert(hash >> 57);
        }
        assert!(low.len() > 512, "{}", low.len());
        assert_eq!(high.len(), 128);
    }
}
