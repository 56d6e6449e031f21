//! What a channel held: five kinds of value, and no more.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value as a trace keeps it.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// Any number, whole or not.
    Number(f64),
    /// A text, in whatever encoding it came.
    Text(Text),
    /// Several values in order.
    List(Vec<Self>),
    /// True or false.
    Flag(bool),
    /// What is left of an array too large to keep.
    Digest(Box<Digest>),
}

impl From<f64> for Datum {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Datum {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Vec<f64>> for Datum {
    fn from(numbers: Vec<f64>) -> Self {
        Self::List(numbers.into_iter().map(Self::Number).collect())
    }
}

impl fmt::Display for Datum {
    /// Writes the value for a reader: whole numbers without a point, texts in quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{}\"", text.lossy()),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (place, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if place == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Digest(digest) => write!(f, "{digest}"),
        }
    }
}

/// Text as bytes, since a beamline may send what is not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(Vec<u8>);

impl Text {
    /// The bytes themselves.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text, if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The text with what is not UTF-8 replaced, for display.
    pub fn lossy(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn from_hex(hex: &str) -> Option<Self> {
        let digits = hex.as_bytes();
        if !digits.len().is_multiple_of(2) {
            return None;
        }
        let value = |digit: u8| {
            char::from(digit)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        digits
            .chunks_exact(2)
            .map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?))
            .collect::<Option<Vec<u8>>>()
            .map(Self)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// Enough of a large array to tell whether another one was the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// Its length along each dimension, the slowest first.
    pub shape: Vec<u64>,
    /// The type of its elements, as the recording program names it.
    pub kind: String,
    /// The sum of all elements.
    pub sum: f64,
    /// The smallest element.
    pub min: f64,
    /// The largest element.
    pub max: f64,
    /// A hash of the elements with the name of its method, such as `fnv1a:…`.
    pub hash: String,
}

impl Digest {
    /// The digest of a one-dimensional array, hashed with 64-bit FNV-1a over the elements' bits.
    pub fn of(values: &[f64], kind: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let (mut sum, mut min, mut max) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
        for &value in values {
            for byte in value.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
            sum += value;
            min = value.min(min);
            max = value.max(max);
        }
        let shape = vec![u64::try_from(values.len()).unwrap_or(u64::MAX)];
        Self {
            shape,
            kind: kind.to_owned(),
            sum,
            min,
            max,
            hash: format!("fnv1a:{hash:016x}"),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape: Vec<String> = self.shape.iter().map(u64::to_string).collect();
        write!(f, "{} of {}, sum {}", shape.join("×"), self.kind, self.sum)
    }
}

/// How a number that JSON cannot spell is named in `{"float":"…"}`.
pub(crate) fn float_name(number: f64) -> Option<&'static str> {
    match number {
        n if n.is_nan() => Some("nan"),
        f64::INFINITY => Some("inf"),
        f64::NEG_INFINITY => Some("-inf"),
        _ => None,
    }
}

fn float_named(name: &str) -> Option<f64> {
    match name {
        "nan" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A float that may be spelt `{"float":"…"}`.
struct Float(f64);

impl Serialize for Float {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match float_name(self.0) {
            None => serializer.serialize_f64(self.0),
            Some(name) => single(serializer, "float", name),
        }
    }
}

fn single<S: Serializer>(serializer: S, key: &str, value: &str) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

impl Serialize for Datum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => Float(*number).serialize(serializer),
            Self::Text(text) => match text.as_str() {
                Some(text) => serializer.serialize_str(text),
                None => single(serializer, "bytes", &text.hex()),
            },
            Self::List(items) => serializer.collect_seq(items),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Digest(digest) => {
                let mut map = serializer.serialize_map(Some(6))?;
                map.serialize_entry("shape", &digest.shape)?;
                map.serialize_entry("type", &digest.kind)?;
                map.serialize_entry("sum", &Float(digest.sum))?;
                map.serialize_entry("min", &Float(digest.min))?;
                map.serialize_entry("max", &Float(digest.max))?;
                map.serialize_entry("hash", &digest.hash)?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Datum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DatumVisitor)
    }
}

struct DatumVisitor;

impl<'de> Visitor<'de> for DatumVisitor {
    type Value = Datum;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text, a list, a flag, or a digest")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Datum, E> {
        Ok(Datum::Flag(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Datum, E> {
        Ok(Datum::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Datum, E> {
        Ok(Datum::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Datum, E> {
        Ok(Datum::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Datum, E> {
        Ok(Datum::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Datum, A::Error> {
        let mut list = Vec::with_capacity(items.size_hint().unwrap_or(0).min(4096));
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Datum::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Datum, A::Error> {
        let mut digest = Digest {
            shape: Vec::new(),
            kind: String::new(),
            sum: 0.0,
            min: 0.0,
            max: 0.0,
            hash: String::new(),
        };
        let mut is_digest = false;
        let mut simple = None;
        let number = |datum: Datum| match datum {
            Datum::Number(number) => Ok(number),
            _ => Err(A::Error::custom("expected a number in a digest")),
        };
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "float" => {
                    let name: String = map.next_value()?;
                    let float = float_named(&name);
                    let float = float.ok_or_else(|| A::Error::custom("no float of that name"))?;
                    simple = Some(Datum::Number(float));
                }
                "bytes" => {
                    let text = Text::from_hex(&map.next_value::<String>()?);
                    let text = text.ok_or_else(|| A::Error::custom("bytes are not hexadecimal"))?;
                    simple = Some(Datum::Text(text));
                }
                "shape" => {
                    digest.shape = map.next_value()?;
                    is_digest = true;
                }
                "type" => digest.kind = map.next_value()?,
                "sum" => digest.sum = number(map.next_value()?)?,
                "min" => digest.min = number(map.next_value()?)?,
                "max" => digest.max = number(map.next_value()?)?,
                "hash" => digest.hash = map.next_value()?,
                _ => {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
            }
        }
        match simple {
            Some(datum) => Ok(datum),
            None if is_digest => Ok(Datum::Digest(Box::new(digest))),
            None => Err(A::Error::custom(
                "an object is a value only as float, bytes, or digest",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(datum: &Datum) -> Datum {
        serde_json::from_str(&serde_json::to_string(datum).unwrap()).unwrap()
    }

    #[test]
    fn each_kind_of_value_survives_json() {
        let values = [
            Datum::Number(5.0),
            Datum::Number(f64::NEG_INFINITY),
            Datum::from("plain \"quoted\""),
            Datum::Text(vec![0xff, 0x00, 0x41].into()),
            Datum::from(vec![1.0, 2.5]),
            Datum::Flag(true),
            Datum::Digest(Box::new(Digest::of(&[1.0, 2.0, 3.0], "double"))),
        ];
        for value in values {
            assert_eq!(round(&value), value);
        }
        assert!(matches!(round(&Datum::Number(f64::NAN)), Datum::Number(n) if n.is_nan()));
    }

    #[test]
    fn a_digest_tells_arrays_apart_that_sum_alike() {
        let (one, other) = (
            Digest::of(&[1.0, 2.0], "double"),
            Digest::of(&[2.0, 1.0], "double"),
        );
        assert_eq!((one.sum, one.min, one.max), (3.0, 1.0, 2.0));
        assert_ne!(one.hash, other.hash);
    }

    #[test]
    fn an_object_of_another_kind_is_no_value() {
        assert!(serde_json::from_str::<Datum>("{\"a\":1}").is_err());
        assert!(serde_json::from_str::<Datum>("{\"bytes\":\"4\"}").is_err());
        assert!(serde_json::from_str::<Datum>("null").is_err());
    }
}
