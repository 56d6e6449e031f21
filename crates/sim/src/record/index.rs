//! Where the fields of a record type stand, by name.

use super::{COMMON, Field, FieldIx, same};

/// A hash table that is made while compiling: records process by the names of their fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Index {
    /// The place of a field and one; 0 is free.
    slots: [u16; SLOTS],
}

/// Twice as many as any record type has fields.
const SLOTS: usize = 512;

impl Index {
    /// Of a type with these fields beside the common ones.
    pub(super) const fn new(fields: &[Field]) -> Self {
        assert!(
            2 * (fields.len() + COMMON.len()) <= SLOTS,
            "too many fields"
        );
        let mut index = Self { slots: [0; SLOTS] };
        let mut at = 0;
        while at < fields.len() {
            index.add(fields, fields[at].name, COMMON.len() + at);
            at += 1;
        }
        at = 0;
        while at < COMMON.len() {
            index.add(fields, COMMON[at].name, at);
            at += 1;
        }
        index
    }

    /// The place of a field; of two with one name that of the first that was added.
    pub(super) const fn find(&self, fields: &[Field], name: &str) -> Option<FieldIx> {
        match self.slots[self.slot(fields, name)] {
            0 => None,
            place => Some(FieldIx(place - 1)),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "less than 512")]
    const fn add(&mut self, fields: &[Field], name: &str, place: usize) {
        let slot = self.slot(fields, name);
        if self.slots[slot] == 0 {
            self.slots[slot] = place as u16 + 1;
        }
    }

    /// The slot in which a name is, or would be.
    const fn slot(&self, fields: &[Field], name: &str) -> usize {
        let mut slot = hash(name) % SLOTS;
        while self.slots[slot] != 0 {
            let place = self.slots[slot] as usize - 1;
            let known = if place < COMMON.len() {
                &COMMON[place]
            } else {
                &fields[place - COMMON.len()]
            };
            if same(known.name, name) {
                break;
            }
            slot = (slot + 1) % SLOTS;
        }
        slot
    }
}

/// FNV-1a, which is good enough for a few letters.
const fn hash(name: &str) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < name.len() {
        hash = (hash ^ name.as_bytes()[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    (hash >> 32) as usize
}
