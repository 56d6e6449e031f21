//! A number with what is to be known of it.

use crate::formula::Number;

/// A number with what is to be known of it.
pub(super) struct Typed {
    pub(super) number: Number,
    /// Whether it changes in steps only.
    pub(super) steps: bool,
    /// `None` where nothing is known, as of a constant.
    pub(super) units: Option<String>,
    /// Whether two different units have come together.
    pub(super) mixed: bool,
}

impl Typed {
    pub(super) fn constant(value: f64) -> Self {
        Self {
            number: Number::Constant(value),
            steps: true,
            units: None,
            mixed: false,
        }
    }

    pub(super) fn is_constant(&self) -> Option<f64> {
        match self.number {
            Number::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Two numbers as one.
    pub(super) fn with(self, other: Self, f: impl Fn(Box<Number>, Box<Number>) -> Number) -> Self {
        let differ = matches!((&self.units, &other.units), (Some(one), Some(two)) if one != two);
        Self {
            number: folded(f(Box::new(self.number), Box::new(other.number))),
            steps: self.steps && other.steps,
            units: self.units.or(other.units),
            mixed: self.mixed || other.mixed || differ,
        }
    }

    pub(super) fn scaled(self, factor: f64) -> Self {
        Self {
            number: folded(Number::Scaled(factor, Box::new(self.number))),
            ..self
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.with(other.scaled(-1.0), Number::Sum)
    }
}

/// What is made of constants alone is one.
pub(super) fn folded(number: Number) -> Number {
    let constant = |number: &Number| match number {
        Number::Constant(value) => Some(*value),
        _ => None,
    };
    let value = match &number {
        Number::Sum(a, b) => constant(a).zip(constant(b)).map(|(a, b)| a + b),
        Number::Least(a, b) => constant(a).zip(constant(b)).map(|(a, b)| a.min(b)),
        Number::Greatest(a, b) => constant(a).zip(constant(b)).map(|(a, b)| a.max(b)),
        Number::Scaled(factor, a) => constant(a).map(|a| factor * a),
        Number::Constant(_) | Number::Signal(_) | Number::Rate(_) => None,
    };
    value.map_or(number, Number::Constant)
}
