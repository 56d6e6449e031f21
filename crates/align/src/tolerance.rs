//! When two values are the same.

use beamtwin_trace::{Channel, Datum, Digest};
use serde::Serialize;

/// How far two numbers may differ and still be the same: by the larger of the two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tolerance {
    /// As a fraction of the larger number.
    pub relative: f64,
    /// In the units of the channel.
    pub absolute: f64,
    /// Whether arrays are compared as a whole, by the length of their difference, and not place by place.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub norm: bool,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            relative: 1e-4,
            absolute: 1e-6,
            norm: false,
        }
    }
}

impl Tolerance {
    /// Only equal numbers are the same.
    pub const EXACT: Self = Self {
        relative: 0.0,
        absolute: 0.0,
        norm: false,
    };

    /// A tolerance in the units of the channel.
    pub const fn absolute(absolute: f64) -> Self {
        Self {
            relative: 0.0,
            absolute,
            norm: false,
        }
    }

    /// Whether two values are the same.
    ///
    /// Numbers agree within the tolerance, and not-a-number with itself; a flag is a number; lists
    /// agree place by place; digests by shape and hash; texts, and all else, only when equal.
    ///
    /// By norm, lists of numbers agree when the Euclidean length of their difference is within the tolerance of
    /// the longer one, and digests of one shape when sum, smallest and largest element are so near: that is all they tell.
    pub fn agree(self, one: &Datum, other: &Datum) -> bool {
        match (one, other) {
            (Datum::List(one), Datum::List(other)) if self.norm => self.near(one, other),
            (Datum::Digest(one), Datum::Digest(other)) if self.norm => {
                let parts = |it: &Digest| [it.sum, it.min, it.max].map(Datum::Number);
                one.shape == other.shape
                    && (one.hash == other.hash || self.near(&parts(one), &parts(other)))
            }
            (Datum::List(one), Datum::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(a, b)| self.agree(a, b))
            }
            (Datum::Digest(one), Datum::Digest(other)) => same_array(one, other),
            _ => match (number(one), number(other)) {
                (Some(one), Some(other)) => self.close(one, other),
                _ => one == other,
            },
        }
    }

    fn near(self, one: &[Datum], other: &[Datum]) -> bool {
        let numbers = |list: &[Datum]| list.iter().map(number).collect::<Option<Vec<f64>>>();
        let (Some(a), Some(b)) = (numbers(one), numbers(other)) else {
            let by_place = Self {
                norm: false,
                ..self
            };
            return one.len() == other.len()
                && one.iter().zip(other).all(|(a, b)| by_place.agree(a, b));
        };
        if a.len() != b.len() {
            return false;
        }
        let length = |list: &[f64]| list.iter().map(|it| it * it).sum::<f64>().sqrt();
        let size = length(&a).max(length(&b));
        if !size.is_finite() {
            return a
                .iter()
                .zip(&b)
                .all(|(&one, &other)| self.close(one, other));
        }
        let apart: Vec<f64> = a.iter().zip(&b).map(|(one, other)| one - other).collect();
        length(&apart) <= self.bound(size) + f64::EPSILON * size
    }

    /// How far a number may be from one of this size.
    pub(crate) fn bound(self, size: f64) -> f64 {
        self.absolute.max(self.relative * size)
    }

    /// Whether two numbers are the same.
    pub(crate) fn close(self, one: f64, other: f64) -> bool {
        if one == other || (one.is_nan() && other.is_nan()) {
            return true;
        }
        if !one.is_finite() || !other.is_finite() {
            return false;
        }
        let size = one.abs().max(other.abs());
        // A bound of 0.1 admits 0.3 − 0.2, which is a little more in binary.
        (one - other).abs() <= self.bound(size) + f64::EPSILON * size
    }
}

/// A value as a number, if it is one.
pub(crate) fn number(datum: &Datum) -> Option<f64> {
    match datum {
        Datum::Number(number) => Some(*number),
        Datum::Flag(flag) => Some(f64::from(u8::from(*flag))),
        _ => None,
    }
}

/// A value with the name of an enumeration's choice replaced by its number.
pub(crate) fn numbered(datum: &Datum, channel: &Channel) -> Datum {
    let Datum::Text(text) = datum else {
        return datum.clone();
    };
    let label = channel
        .labels
        .iter()
        .position(|label| text.bytes() == label.as_bytes());
    label.map_or_else(|| datum.clone(), |place| Datum::Number(place as f64))
}

fn same_array(one: &Digest, other: &Digest) -> bool {
    one.shape == other.shape && one.hash == other.hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use beamtwin_trace::Role;
    use proptest::prelude::*;

    fn agree(tolerance: Tolerance, one: f64, other: f64) -> bool {
        tolerance.agree(&one.into(), &other.into())
    }

    #[test]
    fn the_larger_bound_counts() {
        let usual = Tolerance::default();
        assert!(agree(usual, 0.0, 1e-7));
        assert!(agree(usual, 1000.0, 1000.09));
        assert!(!agree(usual, 1.0, 1.0002));
        assert!(agree(Tolerance::absolute(0.1), 0.3, 0.2));
        assert!(!agree(Tolerance::EXACT, 1.0, 1.0 + 1e-12));
    }

    #[test]
    fn what_is_no_number_agrees_with_itself_alone() {
        let usual = Tolerance::default();
        assert!(agree(usual, f64::NAN, f64::NAN));
        assert!(agree(usual, f64::INFINITY, f64::INFINITY));
        assert!(!agree(usual, f64::INFINITY, f64::NEG_INFINITY));
        assert!(!agree(usual, f64::NAN, 0.0));
        assert!(!usual.agree(&"Open".into(), &"open".into()));
    }

    #[test]
    fn a_flag_is_a_number_and_lists_agree_place_by_place() {
        let usual = Tolerance::default();
        assert!(usual.agree(&true.into(), &1.0.into()));
        assert!(usual.agree(&vec![1.0, 2.0].into(), &vec![1.0, 2.0001].into()));
        assert!(!usual.agree(&vec![1.0].into(), &vec![1.0, 2.0].into()));
    }

    #[test]
    fn arrays_agree_by_norm_if_told() {
        let norm = Tolerance {
            relative: 0.01,
            norm: true,
            ..Tolerance::EXACT
        };
        let (one, other) = (vec![100.0, 0.0], vec![100.0, 0.5]);
        assert!(norm.agree(&one.clone().into(), &other.clone().into()));
        let by_place = Tolerance {
            norm: false,
            ..norm
        };
        assert!(!by_place.agree(&one.clone().into(), &other.clone().into()));
        assert!(!norm.agree(&one.clone().into(), &vec![100.0].into()));
        let nan = || Datum::from(vec![f64::NAN, 1.0]);
        assert!(norm.agree(&nan(), &nan()) && !norm.agree(&nan(), &vec![1.0, 1.0].into()));
        let digest = |values: &[f64]| Datum::Digest(Box::new(Digest::of(values, "double")));
        assert!(norm.agree(&digest(&one), &digest(&other)));
        assert!(!by_place.agree(&digest(&one), &digest(&other)));
        assert!(by_place.agree(&digest(&one), &digest(&one)));
        assert!(!norm.agree(&digest(&one), &digest(&[100.0, 50.0])));
    }

    fn anything() -> impl Strategy<Value = Datum> {
        let number = prop_oneof![
            any::<f64>(),
            Just(f64::NAN),
            Just(0.0),
            (0..9_u8).prop_map(f64::from)
        ];
        let simple = prop_oneof![
            number.prop_map(Datum::from),
            any::<bool>().prop_map(Datum::from),
            "[a-c]{0,2}".prop_map(|text| Datum::from(text.as_str())),
        ];
        prop_oneof![
            simple.clone(),
            prop::collection::vec(simple, 0..4).prop_map(Datum::List)
        ]
    }

    proptest! {
        #[test]
        fn every_value_is_itself_and_agreement_is_mutual(
            one in anything(),
            other in anything(),
            relative in 0.0..0.5,
            absolute in 0.0..2.0,
            norm in any::<bool>(),
        ) {
            let tolerance = Tolerance { relative, absolute, norm };
            prop_assert!(tolerance.agree(&one, &one));
            prop_assert_eq!(tolerance.agree(&one, &other), tolerance.agree(&other, &one));
            if Tolerance::EXACT.agree(&one, &other) {
                prop_assert!(tolerance.agree(&one, &other));
            }
        }
    }

    #[test]
    fn a_label_is_the_number_of_its_choice() {
        let mut channel = Channel::named("cam1:Acquire", Role::Request);
        channel.labels = vec!["Done".to_owned(), "Acquire".to_owned()];
        assert_eq!(numbered(&"Acquire".into(), &channel), Datum::Number(1.0));
        assert_eq!(
            numbered(&"acquire".into(), &channel),
            Datum::from("acquire")
        );
    }
}
