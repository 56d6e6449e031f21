//! Puts, posts and completions as our writer spells them, read without the detour over JSON.
//!
//! Whatever is not spelt so, down to the order of the keys, is none of them, and is read as any other
//! program's line. What is read here is what would be read there.

use crate::{Datum, Fact, Post, Put, Time, What};

/// The fact of a line, if it is spelt plainly.
pub(super) fn fact(line: &[u8]) -> Option<Fact> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let mut rest = Rest(line.strip_suffix(b"}")?);
    rest.take(b"{\"n\":")?;
    let n = rest.whole()?;
    rest.take(b",\"t\":")?;
    let t = rest.time()?;
    rest.take(b",\"")?;
    let what = if rest.take(b"post\":").is_some() {
        What::Post(Post {
            pv: rest.short()?,
            value: rest.value()?,
            severity: rest.text(b",\"severity\":")?,
            status: rest.text(b",\"status\":")?,
            stamp: match rest.take(b",\"stamp\":") {
                Some(()) => Some(rest.time()?),
                None => None,
            },
            by: match rest.take(b",\"by\":") {
                Some(()) => Some(rest.whole()?),
                None => None,
            },
        })
    } else if rest.take(b"put\":").is_some() {
        What::Put(Put {
            pv: rest.short()?,
            value: rest.value()?,
            by: match rest.take(b",\"by\":") {
                Some(()) => Some(rest.short()?),
                None => None,
            },
            complete: rest.take(b",\"complete\":true").is_some(),
            at: rest.text(b",\"at\":")?,
        })
    } else {
        rest.take(b"done\":")?;
        What::Done { put: rest.whole()? }
    };
    rest.0.is_empty().then_some(Fact { n, t, what })
}

/// What is left of a line.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// As many digits as come now, and no more than fit a number of 64 bits.
    fn digits(&mut self) -> Option<(u64, usize)> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit());
        let (mut number, mut count) = (0_u64, 0);
        for digit in digits {
            number = number
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0'));
            count += 1;
        }
        self.0 = &self.0[count..];
        (1..=18).contains(&count).then_some((number, count))
    }

    /// A whole number; JSON has no leading zeros.
    fn whole(&mut self) -> Option<u64> {
        let zero = self.0.first() == Some(&b'0');
        let (number, count) = self.digits()?;
        (!zero || count == 1).then_some(number)
    }

    fn short(&mut self) -> Option<u32> {
        self.whole()?.try_into().ok()
    }

    /// A time of up to nine decimals.
    fn time(&mut self) -> Option<Time> {
        let seconds = self.whole()?;
        let nanos = match self.take(b".") {
            None => 0,
            Some(()) => {
                let (fraction, count) = self.digits()?;
                fraction * 10_u64.pow(9_usize.checked_sub(count)?.try_into().ok()?)
            }
        };
        let nanos = seconds.checked_mul(1_000_000_000)?.checked_add(nanos)?;
        Some(Time::from_nanos(nanos.try_into().ok()?))
    }

    /// A number, a flag, or a text without escapes.
    fn value(&mut self) -> Option<Datum> {
        self.take(b",\"value\":")?;
        match self.0.first()? {
            b'"' => self.quoted().map(Datum::from),
            b't' => self.take(b"true").map(|()| Datum::Flag(true)),
            b'f' => self.take(b"false").map(|()| Datum::Flag(false)),
            _ => self.number().map(Datum::Number),
        }
    }

    fn number(&mut self) -> Option<f64> {
        let all = self.0;
        let negative = self.take(b"-").is_some();
        let whole = self.whole()?;
        let is_whole = !matches!(self.0.first(), Some(b'.' | b'e' | b'E'));
        if is_whole {
            let size = whole as f64;
            return Some(if negative { -size } else { size });
        }
        if self.take(b".").is_some() {
            self.digits()?;
        }
        if self.take(b"e").is_some() {
            let _ = self.take(b"-");
            self.digits()?;
        }
        let text = &all[..all.len() - self.0.len()];
        let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
        number.is_finite().then_some(number)
    }

    /// The text under a key, if the key comes now.
    fn text(&mut self, key: &[u8]) -> Option<Option<String>> {
        match self.take(key) {
            None => Some(None),
            Some(()) => self.quoted().map(|text| Some(text.to_owned())),
        }
    }

    fn quoted(&mut self) -> Option<&'a str> {
        self.take(b"\"")?;
        let is_plain = |byte: &u8| matches!(byte, 0x20..0x7f) && !matches!(byte, b'"' | b'\\');
        let end = self.0.iter().position(|byte| !is_plain(byte))?;
        let text = std::str::from_utf8(&self.0[..end]).ok()?;
        self.0 = &self.0[end..];
        self.take(b"\"").map(|()| text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::Fields;
    use super::*;
    use proptest::prelude::*;

    /// What comes of the line the long way.
    fn by_json(line: &str) -> Option<Fact> {
        let mut fields = Fields::parse(line.as_bytes()).ok()?;
        let n = fields.take("n").ok()??;
        super::super::fact(&mut fields, n).ok()?
    }

    #[test]
    fn what_the_writer_spells_is_plain() {
        for line in [
            r#"{"n":1,"t":0.012,"put":17,"value":5.0,"by":3,"complete":true}"#,
            r#"{"n":2,"t":0.0,"post":17,"value":-5.25e-7,"by":1}"#,
            r#"{"n":3,"t":12,"post":18,"value":"on","severity":"MINOR","status":"HIGH","stamp":0.01,"by":1}"#,
            r#"{"n":4,"t":0.5,"put":19,"value":true}"#,
            r#"{"n":5,"t":0.5,"put":19,"value":1,"by":3,"complete":true,"at":"scan.py:42"}"#,
            r#"{"n":6,"t":2.512,"done":1}"#,
        ] {
            let plain = fact(line.as_bytes());
            assert!(plain.is_some(), "{line}");
            assert_eq!(plain, by_json(line), "{line}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// Spellings that are nearly right, and numbers of every kind.
        #[test]
        fn what_is_plain_is_read_as_json_is(
            n in "0?[0-9]{1,3}|[0-9]{17,20}",
            t in "-?[0-9]{1,2}(\\.[0-9]{0,10})?(e1)?",
            kind in "put|post|done|by",
            pv in "[0-9]{1,2}|4294967296",
            value in "-?[0-9]{1,20}(\\.[0-9]{0,20})?([eE][-+]?[0-9]{0,3})?|true|\"[a\\\\\"é]{0,3}\"|null",
            tail in "(,\"severity\":\"MINOR\")?(,\"stamp\":0.5)?(,\"by\":[0-9]{1,10})?(,\"complete\":true)?(,\"at\":\"[a:\\\\\"é]{0,3}\")?( )?",
        ) {
            let line = if kind == "done" {
                format!("{{\"n\":{n},\"t\":{t},\"done\":{pv}{tail}}}")
            } else {
                format!("{{\"n\":{n},\"t\":{t},\"{kind}\":{pv},\"value\":{value}{tail}}}")
            };
            if let Some(fact) = fact(line.as_bytes()) {
                prop_assert_eq!(Some(fact), by_json(&line), "{}", line);
            }
        }
    }
}
