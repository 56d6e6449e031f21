//! How much of a Gaussian beam an opening lets through.

/// The share of a beam around `center` that lies between two edges; without a deviation, all or nothing.
pub(super) fn share(edges: [f64; 2], center: f64, deviation: f64) -> f64 {
    let [low, high] = edges;
    if low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
        return 0.0;
    }
    if deviation <= 0.0 {
        return f64::from(u8::from((low..=high).contains(&center)));
    }
    let scaled = |edge: f64| (edge - center) / (deviation * std::f64::consts::SQRT_2);
    ((erf(scaled(high)) - erf(scaled(low))) / 2.0).clamp(0.0, 1.0)
}

/// Beyond this, the error function is 1 to the last digit.
const FAR: f64 = 6.0;

/// The error function, by a series whose terms all have the same sign.
fn erf(x: f64) -> f64 {
    if x.is_nan() || x.abs() >= FAR {
        return x.signum();
    }
    let (mut sum, mut term, mut n) = (x, x, 1.0);
    while term.abs() > sum.abs() * 1e-17 {
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_function_is_that_of_the_tables() {
        for (x, y) in [
            (0.0, 0.0),
            (0.1, 0.112_462_916_018_284_9),
            (1.0, 0.842_700_792_949_714_9),
            (-2.0, -0.995_322_265_018_952_7),
            (3.5, 0.999_999_256_901_627_7),
            (7.0, 1.0),
        ] {
            assert!((erf(x) - y).abs() < 1e-14, "{x}: {}", erf(x));
        }
    }

    #[test]
    fn an_opening_of_one_full_width_passes_three_quarters() {
        let half = 0.5 * 2.354_820_045_030_949;
        let passed = share([-half, half], 0.0, 1.0);
        assert!((passed - 0.760_968_108_550_2).abs() < 1e-9, "{passed}");
        assert_eq!(share([0.0, 0.0], 0.0, 1.0), 0.0);
        assert_eq!(share([1.0, -1.0], 0.0, 1.0), 0.0);
        assert_eq!(share([0.0, 1e9], 0.0, 1.0), 0.5);
    }

    #[test]
    fn a_beam_without_width_passes_or_not() {
        assert_eq!(share([-1.0, 1.0], 0.5, 0.0), 1.0);
        assert_eq!(share([-1.0, 1.0], 1.5, 0.0), 0.0);
    }
}
