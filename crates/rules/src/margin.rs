//! How far a condition is from being otherwise.

use std::cmp::Ordering;

/// How far a condition is from being otherwise, at one moment.
///
/// Above zero it holds, below it does not; at zero it depends on whether the comparison includes its limit. What is
/// only true or false, such as whether a shutter is open, is infinitely far from being otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    /// By how much, in the units of the comparison that decides.
    pub by: f64,
    /// Whether the condition holds.
    pub holds: bool,
    /// Which comparison of the formula decides, counted from zero; none where it is no comparison.
    pub comparison: Option<u16>,
}

impl Margin {
    /// Of what is only true or false.
    #[must_use]
    pub const fn sure(holds: bool) -> Self {
        Self {
            by: if holds {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            },
            holds,
            comparison: None,
        }
    }

    /// The nearer of two to being broken.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        if other.order(&self).is_lt() {
            other
        } else {
            self
        }
    }

    /// The farther of two from being broken.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other.order(&self).is_gt() {
            other
        } else {
            self
        }
    }

    /// Of the contrary.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            by: -self.by,
            holds: !self.holds,
            ..self
        }
    }

    /// Which is nearer to being broken.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        // Zero and minus zero are the same.
        (self.by + 0.0)
            .total_cmp(&(other.by + 0.0))
            .then(self.holds.cmp(&other.holds))
    }
}
