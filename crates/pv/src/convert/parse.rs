//! As much of a text as C's `strtol`, `strtoul` and `strtod` read.

/// Why a text gives no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NotANumber,
    OutOfRange,
}

/// A signed integer of so many bits; what follows the digits is ignored.
pub(super) fn signed(text: &[u8], bits: u32) -> Result<i64, Refused> {
    let (negative, digits) = sign(text);
    let (magnitude, rest) = decimal(digits)?;
    if rest.len() == digits.len() {
        return Err(Refused::NotANumber);
    }
    let limit = 1_u64 << (bits - 1);
    let magnitude = magnitude.filter(|&m| m < limit || (negative && m == limit));
    let magnitude = magnitude.ok_or(Refused::OutOfRange)?;
    let value = magnitude as i64;
    Ok(if negative {
        value.wrapping_neg()
    } else {
        value
    })
}

/// An unsigned integer of so many bits, where `strtoul` lets negative ones wrap.
pub(super) fn unsigned(text: &[u8], bits: u32) -> Result<u64, Refused> {
    let (negative, digits) = sign(text);
    let (magnitude, rest) = decimal(digits)?;
    if rest.len() == digits.len() {
        return Err(Refused::NotANumber);
    }
    let magnitude = magnitude.ok_or(Refused::OutOfRange)?;
    let value = if negative {
        magnitude.wrapping_neg()
    } else {
        magnitude
    };
    let largest = (1_u64 << bits) - 1;
    if value > largest && value <= !largest {
        Err(Refused::OutOfRange)
    } else {
        Ok(value)
    }
}

/// The index of a choice: digits, and nothing else but white space.
pub(super) fn index(text: &[u8]) -> Option<u16> {
    let (negative, digits) = sign(text);
    let (magnitude, rest) = decimal(digits).ok()?;
    let whole = rest.len() < digits.len() && rest.iter().all(|&c| is_space(c));
    magnitude
        .filter(|_| whole && !negative)
        .and_then(|m| u16::try_from(m).ok())
}

/// A double; what follows the number is ignored, as units are.
pub(super) fn double(text: &[u8]) -> Result<f64, Refused> {
    let (negative, rest) = sign(text);
    let magnitude = if let Some(named) = named(rest) {
        named
    } else if let Some(hexadecimal) = hexadecimal(rest) {
        hexadecimal
    } else {
        let number = prefix(rest).ok_or(Refused::NotANumber)?;
        let value: f64 = number.parse().map_err(|_| Refused::NotANumber)?;
        let digits = number.split(['e', 'E']).next().unwrap_or_default();
        let is_zero = !digits.bytes().any(|c| matches!(c, b'1'..=b'9'));
        // A denormal result sets ERANGE, too.
        if value.is_infinite() || (!is_zero && value < f64::MIN_POSITIVE) {
            return Err(Refused::OutOfRange);
        }
        value
    };
    Ok(if negative { -magnitude } else { magnitude })
}

/// A float: a double that must fit.
pub(super) fn float(text: &[u8]) -> Result<f32, Refused> {
    let value = double(text)?;
    let size = value.abs();
    let fits = value == 0.0
        || !value.is_finite()
        || (size > f64::from(f32::MIN_POSITIVE) && size < f64::from(f32::MAX));
    if fits {
        Ok(value as f32)
    } else {
        Err(Refused::OutOfRange)
    }
}

/// Skips white space and takes a sign; whether it was a minus.
fn sign(text: &[u8]) -> (bool, &[u8]) {
    let start = text
        .iter()
        .position(|&c| !is_space(c))
        .unwrap_or(text.len());
    match &text[start..] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    }
}

const fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t'..=b'\r')
}

/// Decimal digits, `None` if they exceed 64 bits, and what follows them.
fn decimal(text: &[u8]) -> Result<(Option<u64>, &[u8]), Refused> {
    let end = text
        .iter()
        .position(|c| !c.is_ascii_digit())
        .unwrap_or(text.len());
    if end == 0 {
        return Err(Refused::NotANumber);
    }
    let value = text[..end].iter().try_fold(0_u64, |value, c| {
        value.checked_mul(10)?.checked_add(u64::from(c - b'0'))
    });
    Ok((value, &text[end..]))
}

/// `nan`, `inf` and `infinity`, in any case.
fn named(text: &[u8]) -> Option<f64> {
    let starts = |word: &[u8]| {
        text.get(..word.len())
            .is_some_and(|t| t.eq_ignore_ascii_case(word))
    };
    if starts(b"nan") {
        Some(f64::NAN)
    } else if starts(b"inf") {
        Some(f64::INFINITY)
    } else {
        None
    }
}

/// `0x1F`, `0x1.8p3`: a hexadecimal float.
fn hexadecimal(text: &[u8]) -> Option<f64> {
    let [b'0', b'x' | b'X', rest @ ..] = text else {
        return None;
    };
    let (mut value, mut exponent, mut digits, mut point) = (0.0_f64, 0_i32, 0, false);
    let mut end = 0;
    for &c in rest {
        match c {
            b'.' if !point => point = true,
            _ => {
                let Some(digit) = char::from(c).to_digit(16) else {
                    break;
                };
                value = value * 16.0 + f64::from(digit);
                exponent -= if point { 4 } else { 0 };
                digits += 1;
            }
        }
        end += 1;
    }
    if digits == 0 {
        return None;
    }
    if let [b'p' | b'P', power @ ..] = &rest[end..] {
        let (negative, power) = match power {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        if let Ok((power, _)) = decimal(power) {
            let power = power
                .and_then(|p| i32::try_from(p).ok())
                .unwrap_or(9999)
                .min(9999);
            exponent += if negative { -power } else { power };
        }
    }
    Some(value * 2.0_f64.powi(exponent))
}

/// The longest start that is a decimal float.
fn prefix(text: &[u8]) -> Option<&str> {
    let digits = |from: usize| {
        text[from..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .count()
    };
    let whole = digits(0);
    let mut end = whole;
    let mut fraction = 0;
    if text.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let from = (end + 1 + signed).min(text.len());
        let power = digits(from);
        if power > 0 {
            end = from + power;
        }
    }
    std::str::from_utf8(&text[..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_ends_where_it_stops_making_sense() {
        assert_eq!(double(b" 1.5e3mm"), Ok(1500.0));
        assert_eq!(double(b"1e"), Ok(1.0));
        assert_eq!(double(b".5"), Ok(0.5));
        assert_eq!(double(b"-0x1.8p1 "), Ok(-3.0));
        assert_eq!(double(b"0xg"), Ok(0.0));
        assert_eq!(double(b"."), Err(Refused::NotANumber));
    }

    #[test]
    fn integers_end_at_the_first_other_character() {
        assert_eq!(signed(b"-128x", 8), Ok(-128));
        assert_eq!(signed(b"128", 8), Err(Refused::OutOfRange));
        assert_eq!(unsigned(b"-1", 8), Ok(u64::MAX));
        assert_eq!(signed(b"+-1", 8), Err(Refused::NotANumber));
    }

    #[test]
    fn an_index_stands_alone() {
        assert_eq!(index(b" 1 "), Some(1));
        assert_eq!(index(b"1.5"), None);
        assert_eq!(index(b"-1"), None);
    }
}
