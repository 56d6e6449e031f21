//! Dead bands: changes too small to be told.

/// How far a number moved, as the dead bands of EPICS base count it: without end to or from what is no number or infinite.
#[must_use]
pub fn moved(from: f64, to: f64) -> f64 {
    if from.is_finite() && to.is_finite() {
        (from - to).abs()
    } else if from == to || from.is_nan() && to.is_nan() {
        0.0
    } else {
        f64::INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn what_is_no_number_is_as_far_as_can_be_from_what_is_one() {
        const INF: f64 = f64::INFINITY;
        for (from, to, far) in [
            (1.0, -1.5, 2.5),
            (f64::NAN, f64::NAN, 0.0),
            (f64::NAN, 0.0, INF),
            (0.0, f64::NAN, INF),
            (INF, INF, 0.0),
            (INF, -INF, INF),
            (INF, 1.0, INF),
            (INF, f64::NAN, INF),
        ] {
            assert_eq!(moved(from, to), far, "{from} to {to}");
        }
    }
}
