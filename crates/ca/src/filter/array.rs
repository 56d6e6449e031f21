//! `arr`: a part of an array.

use beamtwin_pv::{Array, Value};

/// From one element to another, each so many-th; counted from the end where negative.
#[derive(Clone, Debug)]
pub(super) struct Part {
    start: i32,
    step: u32,
    end: i32,
    /// Whether the channel has more than one element: else this filter has no effect.
    applies: bool,
    /// The bytes that a text as characters takes whatever it says, its terminator included.
    text: Option<u32>,
}

impl Part {
    pub(super) fn new(start: i32, step: i32, end: i32) -> Self {
        Self {
            start,
            step: u32::try_from(step).unwrap_or_default().max(1),
            end,
            applies: false,
            text: None,
        }
    }

    /// Learns of how many elements it takes a part; how many these can be.
    pub(super) fn shape(&mut self, count: u32, text: bool) -> u32 {
        self.applies = count > 1;
        self.text = text.then_some(count);
        if !self.applies {
            return count;
        }
        u32::try_from(self.places(count as usize).len()).unwrap_or(u32::MAX)
    }

    /// Takes the part of a value.
    pub(super) fn cut(&self, value: &mut Value) {
        let Value::Array(array) = value else {
            return;
        };
        if !self.applies {
            return;
        }
        if let (Array::Char(bytes), Some(size)) = (&*array, self.text) {
            *array = Array::Char(self.text(bytes, size as usize).into());
            return;
        }
        let places = self.places(array.len());
        macro_rules! chosen {
            ($($variant:ident),*) => {
                match &*array {
                    $(Array::$variant(all) => {
                        Array::$variant(places.map(|at| all[at].clone()).collect())
                    })*
                }
            };
        }
        *array = chosen!(Char, Double, Enum, Float, Long, Short, String);
    }

    /// Of a text, behind which its field is filled with zeros.
    fn text(&self, bytes: &[u8], size: usize) -> Vec<u8> {
        let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
        self.places(size).map(byte).collect()
    }

    /// Whether there is more than one element to take of.
    pub(super) const fn applies(&self) -> bool {
        self.applies
    }

    /// The places of the elements taken, of so many.
    fn places(&self, count: usize) -> impl ExactSizeIterator<Item = usize> + use<> {
        let place = |at: i32| match usize::try_from(at) {
            Ok(at) => at,
            Err(_) => count.saturating_sub(at.unsigned_abs() as usize),
        };
        // Of what ends before its beginning the first element is left, of no elements none.
        let end = (place(self.end) + 1).min(count);
        let start = place(self.start).min(count);
        (start..end.max(start)).step_by(self.step as usize)
    }
}
