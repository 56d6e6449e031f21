//! Values that run straight between knots.

use crate::margin::Margin;

/// What runs straight between two knots.
pub(crate) trait Straight: Copy {
    /// Where it is.
    fn height(self) -> f64;
    /// What it is somewhere between this and another: `part` of the way, which is neither 0 nor 1.
    fn between(self, other: Self, part: f64) -> Self;
}

impl Straight for f64 {
    fn height(self) -> f64 {
        self
    }

    fn between(self, other: Self, part: f64) -> Self {
        if self == other {
            self
        } else {
            self + (other - self) * part
        }
    }
}

impl Straight for Margin {
    fn height(self) -> f64 {
        self.by
    }

    fn between(self, other: Self, part: f64) -> Self {
        let by = self.by.between(other.by, part);
        let nearer = if part < 0.5 { self } else { other };
        let holds = match by {
            // All along only where both ends are there, or where it passes through.
            0.0 => self.holds && other.holds,
            by => by > 0.0,
        };
        Self {
            by,
            holds,
            ..nearer
        }
    }
}

/// The course of a value over a stretch of time, which goes from 0 to 1: knots, in order, the first at 0, the last
/// at 1, and straight lines between them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Course<Y>(pub(crate) Vec<(f64, Y)>);

impl<Y: Straight> Course<Y> {
    /// From one value straight to another.
    pub(crate) fn straight(from: Y, to: Y) -> Self {
        Self(vec![(0.0, from), (1.0, to)])
    }

    /// The same with another value at each knot, where the change keeps lines straight.
    pub(crate) fn map<Z: Straight>(self, f: impl Fn(Y) -> Z) -> Course<Z> {
        Course(self.0.into_iter().map(|(x, y)| (x, f(y))).collect())
    }

    /// Two courses as one, knot by knot, where the result is straight wherever both are.
    pub(crate) fn with(&self, other: &Self, f: impl Fn(Y, Y) -> Y) -> Self {
        Self(
            both(self, other)
                .into_iter()
                .map(|(x, a, b)| (x, f(a, b)))
                .collect(),
        )
    }

    /// The one or the other, whichever `choose` takes; lines that cross make a knot.
    pub(crate) fn choose(&self, other: &Self, choose: impl Fn(Y, Y) -> Y) -> Self {
        let mut knots: Vec<(f64, Y)> = Vec::new();
        let mut last: Option<(f64, Y, Y)> = None;
        for (x, a, b) in both(self, other) {
            if let Some((before, c, d)) = last {
                let (first, second) = (c.height() - d.height(), a.height() - b.height());
                // Infinite ones never cross, and give NaN or infinity here.
                if first * second < 0.0 && first.is_finite() && second.is_finite() {
                    let part = first / (first - second);
                    let at = before + (x - before) * part;
                    if before < at && at < x {
                        knots.push((at, choose(c.between(a, part), d.between(b, part))));
                    }
                }
            }
            knots.push((x, choose(a, b)));
            last = Some((x, a, b));
        }
        Self(knots)
    }
}

/// The values of two courses at the knots of both.
fn both<Y: Straight>(one: &Course<Y>, other: &Course<Y>) -> Vec<(f64, Y, Y)> {
    let (mut i, mut j) = (0, 0);
    let mut all = Vec::with_capacity(one.0.len().max(other.0.len()));
    while let (Some(&(x, a)), Some(&(y, b))) = (one.0.get(i), other.0.get(j)) {
        if x == y {
            all.push((x, a, b));
            (i, j) = (i + 1, j + 1);
        } else if x < y {
            // The first knots are at the same place, so there is one before.
            let (z, c) = other.0[j - 1];
            all.push((x, a, c.between(b, (x - z) / (y - z))));
            i += 1;
        } else {
            let (z, c) = one.0[i - 1];
            all.push((y, c.between(a, (y - z) / (x - z)), b));
            j += 1;
        }
    }
    all
}
