//! What rules may say of a device.

use crate::record::FieldIx;
use crate::surface::{LocalRecord, Slot};

/// A word that rules may say of a device: `motor.x.moving`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// Which of its records it is about.
    pub record: LocalRecord,
    /// Which field.
    pub field: FieldIx,
    /// What it says.
    pub says: Says,
}

/// What a word says of its field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Says {
    /// Its value.
    Number,
    /// Whether it has this value.
    When(f64),
    /// Whether it has any other.
    Unless(f64),
}

impl Word {
    /// The value of a field.
    #[must_use]
    pub const fn number<T>(name: &'static str, slot: Slot<T>) -> Self {
        Self::of(name, slot, Says::Number)
    }

    /// Whether a field has a value.
    #[must_use]
    pub const fn when<T>(name: &'static str, slot: Slot<T>, value: f64) -> Self {
        Self::of(name, slot, Says::When(value))
    }

    /// Whether a field has any other value.
    #[must_use]
    pub const fn unless<T>(name: &'static str, slot: Slot<T>, value: f64) -> Self {
        Self::of(name, slot, Says::Unless(value))
    }

    const fn of<T>(name: &'static str, slot: Slot<T>, says: Says) -> Self {
        Self {
            name,
            record: slot.record(),
            field: slot.field(),
            says,
        }
    }
}
