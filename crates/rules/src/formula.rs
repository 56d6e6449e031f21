//! A formula, and its margin over a stretch of time.

use crate::course::Course;
use crate::margin::Margin;

/// A number that runs straight where its signals do, with knots.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Number {
    Constant(f64),
    /// The value of a signal, by its place among those of the formula.
    Signal(usize),
    /// How fast a signal changes, per second.
    Rate(usize),
    Sum(Box<Self>, Box<Self>),
    Scaled(f64, Box<Self>),
    Least(Box<Self>, Box<Self>),
    Greatest(Box<Self>, Box<Self>),
}

/// Something that holds or not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Constant(bool),
    /// Whether a number that changes in steps is zero.
    Zero(Number),
    /// Whether a number is above zero, or at least zero.
    Above {
        number: Number,
        or_zero: bool,
        /// Which comparison of the formula it is.
        comparison: u16,
    },
    Not(Box<Self>),
    Both(Box<Self>, Box<Self>),
    Either(Box<Self>, Box<Self>),
}

/// What signals do during a stretch of time.
pub(crate) trait Stretch {
    /// The value of a signal at the two ends; none if it is not known.
    fn values(&self, signal: usize) -> Option<(f64, f64)>;
    /// How fast a signal changes, per second; none if it is not known.
    fn rate(&self, signal: usize) -> Option<f64>;
}

impl Number {
    /// The course of the number; none if it depends on what is not known.
    fn course(&self, stretch: &impl Stretch) -> Option<Course<f64>> {
        Some(match self {
            Self::Constant(value) => Course::straight(*value, *value),
            Self::Signal(at) => {
                let (from, to) = stretch.values(*at)?;
                Course::straight(from, to)
            }
            Self::Rate(at) => {
                let rate = stretch.rate(*at)?;
                Course::straight(rate, rate)
            }
            Self::Sum(a, b) => a.course(stretch)?.with(&b.course(stretch)?, |a, b| a + b),
            Self::Scaled(factor, a) => a.course(stretch)?.map(|a| a * factor),
            Self::Least(a, b) => a.course(stretch)?.choose(&b.course(stretch)?, f64::min),
            Self::Greatest(a, b) => a.course(stretch)?.choose(&b.course(stretch)?, f64::max),
        })
    }
}

impl Condition {
    /// The course of the margin, where what is not known counts as sure to hold, or as sure not to.
    pub(crate) fn course(&self, stretch: &impl Stretch, unknown: bool) -> Course<Margin> {
        let sure = |holds| Course::straight(Margin::sure(holds), Margin::sure(holds));
        match self {
            Self::Constant(holds) => sure(*holds),
            Self::Zero(number) => {
                // It does not change during a stretch.
                let value = number.course(stretch).map(|course| course.0[0].1);
                let value = value.filter(|value| value.is_finite());
                sure(value.map_or(unknown, |value| value == 0.0))
            }
            Self::Above {
                number,
                or_zero,
                comparison,
            } => match number.course(stretch) {
                Some(course) if course.0.iter().all(|(_, by)| by.is_finite()) => {
                    course.map(|by| Margin {
                        by,
                        holds: by > 0.0 || (by == 0.0 && *or_zero),
                        comparison: Some(*comparison),
                    })
                }
                _ => sure(unknown),
            },
            Self::Not(a) => a.course(stretch, !unknown).map(Margin::negated),
            Self::Both(a, b) => a
                .course(stretch, unknown)
                .choose(&b.course(stretch, unknown), Margin::min),
            Self::Either(a, b) => a
                .course(stretch, unknown)
                .choose(&b.course(stretch, unknown), Margin::max),
        }
    }

    pub(crate) fn not(self) -> Self {
        Self::Not(Box::new(self))
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self::Both(Box::new(self), Box::new(other))
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self::Either(Box::new(self), Box::new(other))
    }
}
