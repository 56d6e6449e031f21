//! Channel filters: what a name may say behind its field.
//!
//! | file | holds |
//! | --- | --- |
//! | `name` | a name in its parts: record and field, `$`, `[start:step:end]`, JSON |
//! | `json` | the tokens of JSON5 |
//! | `settings` | what each filter can be told |
//! | `array` | `arr` |
//! | `deadband` | `dbnd` |
//! | `stamp` | `ts` |
//! | `fit` | what is left of an array in a reply |
//!
//! Those of EPICS base 7.0.8: `arr`, `dbnd`, `dec`, `ts`, `utag`. Of `sync` there is only its name: it wants a state that the
//! server defined, and ours defines none, so as with such an IOC no such channel opens. What a filter remembers it remembers
//! for its channel: two monitors of one channel share it, and so do reads. A put passes no filter.

mod array;
mod deadband;
mod fit;
mod json;
mod name;
mod settings;
mod stamp;
#[cfg(test)]
mod tests;

use beamtwin_pv::{Sample, Timestamp, ValueKind};

use self::array::Part;
use self::deadband::Deadband;
pub(crate) use self::fit::{fit, fit_text};
pub use self::name::{Modifiers, split};
use self::stamp::Stamp;
use crate::circuit::Mask;

/// Why a value passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Somebody reads it.
    Read,
    /// A monitor is told of it: what changed, of what it asked for. All of that where it is told the present value.
    Event(Mask),
}

/// The filters of one channel, in their order, with what they remember.
#[derive(Clone, Debug, Default)]
pub struct Filters(Vec<Filter>);

#[derive(Clone, Debug)]
enum Filter {
    Array(Part),
    Deadband(Deadband),
    Decimate {
        every: i32,
        at: i32,
    },
    /// How it stamps, and the elements of the channel itself.
    Stamp(Stamp, u32),
    Tag {
        mask: i32,
        value: i32,
        told: bool,
    },
}

impl Filters {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them stamps values with the present time.
    #[must_use]
    pub fn wants_date(&self) -> bool {
        self.0
            .iter()
            .any(|filter| matches!(filter, Filter::Stamp(Stamp::Now, _)))
    }

    /// Whether they take a part of an array.
    pub(crate) fn take_a_part(&self) -> bool {
        let is_part = |filter: &Filter| matches!(filter, Filter::Array(part) if part.applies());
        self.0.iter().any(is_part)
    }

    /// The type that the client is told, of a channel of this type; says whether it is a text as characters.
    pub fn shape(&mut self, mut kind: ValueKind, mut count: u32, text: bool) -> (ValueKind, u32) {
        let own = count;
        for filter in &mut self.0 {
            match filter {
                Filter::Array(part) => count = part.shape(count, text),
                Filter::Stamp(stamp, room) => {
                    *room = if text { 0 } else { own };
                    (kind, count) = stamp.shape(kind, count);
                }
                Filter::Deadband(_) | Filter::Decimate { .. } | Filter::Tag { .. } => {}
            }
        }
        (kind, count)
    }

    /// What becomes of a value; nothing if it is held back, which for a read means that it passes as it is.
    ///
    /// `as_array` is that of the metadata.
    pub fn pass(
        &mut self,
        occasion: Occasion,
        sample: &Sample,
        as_array: bool,
        now: Timestamp,
    ) -> Option<Sample> {
        let mut sample = sample.clone();
        // Those that hold back stand before the queue, those that change the value behind it.
        for filter in &mut self.0 {
            let passes = match filter {
                Filter::Deadband(deadband) => as_array || deadband.passes(occasion, &sample.value),
                Filter::Decimate { every, at } => {
                    is_told_anyway(occasion) || {
                        let passes = *at == 0;
                        *at = (*at + 1) % *every;
                        passes
                    }
                }
                Filter::Tag { mask, value, told } => {
                    is_told_anyway(occasion)
                        || !std::mem::replace(told, true)
                        || TAG & *mask == *value
                }
                Filter::Stamp(Stamp::Now, room) => {
                    sample.stamp = now;
                    stamp::fill(&mut sample.value, *room as usize);
                    true
                }
                Filter::Array(_) | Filter::Stamp(..) => true,
            };
            if !passes {
                return None;
            }
        }
        for filter in &self.0 {
            match filter {
                Filter::Array(part) => part.cut(&mut sample.value),
                Filter::Stamp(stamp, _) => stamp.replace(&mut sample),
                Filter::Deadband(_) | Filter::Decimate { .. } | Filter::Tag { .. } => {}
            }
        }
        Some(sample)
    }
}

/// Reads and property events are not counted.
const fn is_told_anyway(occasion: Occasion) -> bool {
    match occasion {
        Occasion::Read => true,
        Occasion::Event(mask) => mask.contains(Mask::PROPERTY),
    }
}

/// The `UTAG` of all our records.
const TAG: i32 = 0;
