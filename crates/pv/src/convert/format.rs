//! Floats as text, digit for digit as the C database prints them.

/// A double with so many digits after the point; 17 and an exponent if `precision` is negative.
///
/// Beyond 1e7 at most three digits are kept, and beyond 1e16 the exponent form is used.
pub(super) fn double(x: f64, precision: i16) -> String {
    let precision = usize::from(precision as u16);
    if precision <= 8 && x.abs() <= 1e7 {
        let scale = SCALES[precision];
        let (whole, rest) = split(x.abs());
        let fraction = (rest * f64::from(scale) * 10.0) as i64;
        return digits(x < 0.0, whole, (fraction + 5) / 10, precision);
    }
    if precision > 8 || x.abs() > 1e16 {
        return exponent(x, precision.min(17), 7);
    }
    fixed(x, precision.min(3))
}

/// A float, as [`double`] but with its own bounds.
pub(super) fn float(x: f32, precision: i16) -> String {
    let precision = usize::from(precision as u16);
    if precision <= 8 && x.abs() <= 1e7 {
        let scale = SCALES[precision];
        let whole = x.abs() as i64;
        // In single precision, as C computes it.
        let fraction = ((x.abs() - whole as f32) * scale as f32 * 10.0) as i64;
        return digits(x < 0.0, whole, (fraction + 5) / 10, precision);
    }
    if precision > 8 || x.abs() >= 1e8 {
        return exponent(f64::from(x), precision.min(12), 6);
    }
    fixed(f64::from(x), precision.min(3))
}

/// Powers of ten by number of digits.
const SCALES: [u32; 9] = [
    1,
    10,
    100,
    1000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

fn split(x: f64) -> (i64, f64) {
    let whole = x as i64;
    (whole, x - whole as f64)
}

fn digits(negative: bool, mut whole: i64, mut fraction: i64, precision: usize) -> String {
    let scale = i64::from(SCALES[precision]);
    if fraction >= scale {
        whole += 1;
        fraction -= scale;
    }
    let sign = if negative { "-" } else { "" };
    if precision == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction:0precision$}")
    }
}

/// `%.*f`.
fn fixed(x: f64, precision: usize) -> String {
    if x.is_finite() {
        format!("{x:.precision$}")
    } else {
        name(x).to_owned()
    }
}

/// `%*.*e`, as wide as the digits and `extra` more.
fn exponent(x: f64, precision: usize, extra: usize) -> String {
    let width = precision + extra;
    if !x.is_finite() {
        return format!("{:>width$}", name(x));
    }
    let text = format!("{x:.precision$e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, power) = power
        .strip_prefix('-')
        .map_or(('+', power), |power| ('-', power));
    format!("{:>width$}", format!("{mantissa}e{sign}{power:0>2}"))
}

fn name(x: f64) -> &'static str {
    match (x.is_nan(), x.is_sign_negative()) {
        (true, false) => "nan",
        (true, true) => "-nan",
        (false, false) => "inf",
        (false, true) => "-inf",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_lose_digits_before_they_gain_an_exponent() {
        assert_eq!(double(12_345_678.901_2, 5), "12345678.901");
        assert_eq!(double(1e17, 5), " 1.00000e+17");
        assert_eq!(float(1e20, 2), "1.00e+20");
    }

    #[test]
    fn rounding_carries_into_the_whole_part() {
        assert_eq!(double(-1.9999, 2), "-2.00");
        assert_eq!(double(0.5, 0), "1");
    }
}
