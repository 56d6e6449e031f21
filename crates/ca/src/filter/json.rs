//! The tokens of JSON5, as the parser of EPICS base (a yajl) reads them.

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Begin,
    End,
    Comma,
    Colon,
    Text(Vec<u8>),
    Flag(bool),
    Integer(i64),
    Double(f64),
}

/// A text that is read token by token; none is left, or one is wrong, where `None` is given.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// Whether nothing follows but white space and comments.
    pub(super) fn is_over(&mut self) -> bool {
        self.skip().is_some() && self.rest.is_empty()
    }

    /// A key, the end of an object.
    pub(super) fn key(&mut self) -> Option<Token> {
        self.skip()?;
        match *self.rest.first()? {
            b'}' => self.take(Token::End, 1),
            b'"' | b'\'' => self.text(),
            b'$' | b'_' | b'A'..=b'Z' | b'a'..=b'z' => {
                let is_part = |c: u8| c == b'$' || c == b'_' || c.is_ascii_alphanumeric();
                let size = self.rest.iter().position(|&c| !is_part(c))?;
                let name = self.rest[..size].to_vec();
                self.take(Token::Text(name), size)
            }
            _ => None,
        }
    }

    /// Anything but an array or nothing, of which no filter knows what to do.
    pub(super) fn value(&mut self) -> Option<Token> {
        self.skip()?;
        for (word, token) in [
            (&b"true"[..], Token::Flag(true)),
            (b"false", Token::Flag(false)),
            (b"Infinity", Token::Double(f64::INFINITY)),
            (b"NaN", Token::Double(f64::NAN)),
        ] {
            if self.rest.starts_with(word) {
                return self.take(token, word.len());
            }
        }
        match *self.rest.first()? {
            b'{' => self.take(Token::Begin, 1),
            b'}' => self.take(Token::End, 1),
            b',' => self.take(Token::Comma, 1),
            b':' => self.take(Token::Colon, 1),
            b'"' | b'\'' => self.text(),
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    fn take(&mut self, token: Token, size: usize) -> Option<Token> {
        self.rest = &self.rest[size..];
        Some(token)
    }

    /// White space and comments; `None` if one does not end, or is none.
    fn skip(&mut self) -> Option<()> {
        loop {
            let is_space = |c: u8| matches!(c, b' ' | b'\t'..=b'\r');
            let space = self.rest.iter().take_while(|&&c| is_space(c)).count();
            self.rest = &self.rest[space..];
            let end = match self.rest {
                [b'/', b'/', comment @ ..] => {
                    let end = comment.iter().position(|&c| c == b'\n');
                    end.map_or(self.rest.len(), |end| end + 3)
                }
                [b'/', b'*', comment @ ..] => comment.windows(2).position(|two| two == b"*/")? + 4,
                [b'/', ..] => return None,
                _ => return Some(()),
            };
            self.rest = &self.rest[end..];
        }
    }

    fn text(&mut self) -> Option<Token> {
        let (&quote, mut rest) = self.rest.split_first()?;
        let mut text = Vec::new();
        loop {
            let (&c, behind) = rest.split_first()?;
            rest = behind;
            match c {
                _ if c == quote => break,
                b'\\' => rest = escape(rest, &mut text)?,
                0..0x20 => return None,
                _ => text.push(c),
            }
        }
        self.rest = rest;
        Some(Token::Text(text))
    }

    fn number(&mut self) -> Option<Token> {
        let text = self.rest;
        let signed = usize::from(matches!(text.first(), Some(b'+' | b'-')));
        let negative = text.starts_with(b"-");
        let body = &text[signed..];
        let digits = |text: &[u8]| text.iter().take_while(|c| c.is_ascii_digit()).count();
        if body.starts_with(b"Infinity") {
            let infinity = if negative {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            };
            return self.take(Token::Double(infinity), signed + 8);
        }
        if let [b'0', b'x' | b'X', hex @ ..] = body {
            let size = hex.iter().take_while(|c| c.is_ascii_hexdigit()).count();
            let value = i64::from_str_radix(std::str::from_utf8(&hex[..size]).ok()?, 16).ok()?;
            let value = if negative { -value } else { value };
            return self.take(Token::Integer(value), signed + 2 + size);
        }
        // What begins with zero has no further digit before its point.
        let whole = if body.starts_with(b"0") {
            1
        } else {
            digits(body)
        };
        let mut size = whole;
        let mut is_double = false;
        if body.get(size) == Some(&b'.') {
            let fraction = digits(&body[size + 1..]);
            if whole + fraction == 0 {
                return None;
            }
            size += 1 + fraction;
            is_double = true;
        } else if whole == 0 {
            return None;
        }
        if let Some(b'e' | b'E') = body.get(size) {
            let sign = usize::from(matches!(body.get(size + 1), Some(b'+' | b'-')));
            let exponent = digits(body.get(size + 1 + sign..)?);
            if exponent == 0 {
                return None;
            }
            size += 1 + sign + exponent;
            is_double = true;
        }
        let number = std::str::from_utf8(&text[..signed + size]).ok()?;
        let token = if is_double {
            Token::Double(number.parse().ok().filter(|x: &f64| x.is_finite())?)
        } else {
            Token::Integer(number.parse().ok()?)
        };
        self.take(token, signed + size)
    }
}

/// What stands behind a backslash: adds what it means, and gives what follows.
fn escape<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (&c, rest) = text.split_first()?;
    let plain = match c {
        b'1'..=b'9' => return None,
        b'\n' => return Some(rest),
        b'\r' => return Some(rest.strip_prefix(b"\n").unwrap_or(rest)),
        b'x' => {
            out.push(u8::try_from(hexadecimal(rest, 2)?).ok()?);
            return Some(&rest[2..]);
        }
        b'u' => {
            let code = hexadecimal(rest, 4)?;
            let rest = &rest[4..];
            let (code, rest) = match (code, rest) {
                (0xd800..0xdc00, [b'\\', b'u', low @ ..]) => {
                    let low_half = hexadecimal(low, 4)? & 0x3ff;
                    (0x1_0000 + ((code & 0x3ff) << 10) + low_half, &low[4..])
                }
                _ => (code, rest),
            };
            let c = char::from_u32(code).unwrap_or('?');
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(rest);
        }
        b'0' => 0,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        other => other,
    };
    out.push(plain);
    Some(rest)
}

fn hexadecimal(text: &[u8], size: usize) -> Option<u32> {
    let digits = text.get(..size)?;
    digits.iter().try_fold(0, |value, &c| {
        Some(value * 16 + char::from(c).to_digit(16)?)
    })
}
