//! Text, numbers and enums into each other, as the C database does it.
//!
//! | from \ to | text | number | enum |
//! | --- | --- | --- | --- |
//! | text | cut at 39 bytes | as much as `strtol`/`strtod` reads | label, else index |
//! | number | digits after [`Metadata::precision`] | what a C cast gives on x86-64 | the cast |
//! | enum | label (read), digits (put) | index | index |
//!
//! A scalar goes the C database's fast way, an array its slow way; they differ in one thing: empty
//! text puts a zero into a number, and is refused for an element of an array. A caller whose field
//! is an array therefore wraps a scalar first.

mod format;
mod parse;

use thiserror::Error;

use crate::{Array, Integer, Metadata, Text, Value, ValueKind};

/// Why a value cannot become another kind.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Conversion {
    /// The text is none of the labels.
    #[error("`{0}` is not one of the choices")]
    NotAChoice(String),
    /// The text is not a number of that kind.
    #[error("`{0}` is not a number")]
    NotANumber(String),
    /// The number does not fit.
    #[error("{0} is out of range")]
    OutOfRange(String),
}

/// The bytes of text that a string field holds, without its terminator.
pub const TEXT: usize = 39;

/// Turns what a client wrote into the kind of the field it wrote to.
///
/// `metadata` is the field's: labels for enums, precision where a number becomes text (the C
/// database takes 6 for records that know none).
pub fn put(value: &Value, to: ValueKind, metadata: &Metadata) -> Result<Value, Conversion> {
    let element = |element: &Value| match element {
        Value::String(text)
            if text.is_empty() && !matches!(to, ValueKind::Enum | ValueKind::String) =>
        {
            Err(Conversion::NotANumber(String::new()))
        }
        element => put_scalar(element, to, metadata),
    };
    match value {
        Value::Array(array) if metadata.integer.is_some() => {
            one_by_one(array, to, element).map(Value::Array)
        }
        Value::Array(array) if array.kind() == to => Ok(value.clone()),
        Value::Array(array) => elements(array, to, element).map(Value::Array),
        scalar => put_scalar(scalar, to, metadata),
    }
}

/// Turns a field's value into the kind that a client reads it as.
///
/// Fails as the C database does: text that is no number, text as an enum, an enum without labels
/// as text.
pub fn read(value: &Value, to: ValueKind, metadata: &Metadata) -> Result<Value, Conversion> {
    match value {
        Value::Array(array) => read_first(array, usize::MAX, to, metadata).map(Value::Array),
        scalar => read_scalar(scalar, to, metadata),
    }
}

/// Turns the first elements of an array into the kind that a client reads them as; what follows them need not be fit.
///
/// # Errors
/// As [`read`].
pub fn read_first(
    array: &Array,
    count: usize,
    to: ValueKind,
    metadata: &Metadata,
) -> Result<Array, Conversion> {
    if array.kind() == to {
        return Ok(array.clone());
    }
    let Array::String(texts) = array else {
        return elements(array, to, |element| read_scalar(element, to, metadata));
    };
    // One alone the C database takes in another way.
    let many = texts.len() != 1;
    let values = texts.iter().take(count).map(|text| match to {
        ValueKind::Enum if many => text_to(text, to),
        _ => read_scalar(&Value::String(text.clone()), to, metadata),
    });
    let values = values.collect::<Result<Vec<_>, _>>()?;
    Ok(Array::collect(to, values).unwrap_or_else(|| Array::empty(to)))
}

/// Turns the first texts into characters as a client reads them that asks for the value alone, or with its time stamp:
/// these have a sign, in the C database, and in all other forms they have none.
///
/// # Errors
/// If one is no number of eight bits.
pub fn read_signed(texts: &[Text], count: usize) -> Result<Array, Conversion> {
    let characters = texts.iter().take(count).map(|text| {
        if text.is_empty() {
            return Ok(0);
        }
        let parsed = parse::signed(text.as_bytes(), 8).map(Cast::to_u8);
        parsed.map_err(|refused| refused.into_conversion(text))
    });
    let characters = characters.collect::<Result<Vec<_>, _>>()?;
    Ok(Array::Char(characters.into()))
}

fn elements(
    array: &Array,
    to: ValueKind,
    convert: impl Fn(&Value) -> Result<Value, Conversion>,
) -> Result<Array, Conversion> {
    if let Some(array) = numbers(array, to) {
        return Ok(array);
    }
    one_by_one(array, to, convert)
}

fn one_by_one(
    array: &Array,
    to: ValueKind,
    convert: impl Fn(&Value) -> Result<Value, Conversion>,
) -> Result<Array, Conversion> {
    let values = array
        .iter()
        .map(|element| convert(&element))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Array::collect(to, values).unwrap_or_else(|| Array::empty(to)))
}

/// Numbers into numbers, without a detour over [`Value`]s: images pass here.
fn numbers(array: &Array, to: ValueKind) -> Option<Array> {
    macro_rules! cast {
        ($from:expr, $($kind:ident $function:ident),*) => {
            match to {
                $(ValueKind::$kind => Array::$kind($from.iter().map(|&x| x.$function()).collect()),)*
                ValueKind::String => return None,
            }
        };
    }
    macro_rules! casts {
        ($($variant:ident),*) => {
            match array {
                $(Array::$variant(a) => cast!(
                    a, Char to_u8, Double to_f64, Enum to_u16, Float to_f32, Long to_i32, Short to_i16
                ),)*
                Array::String(_) => return None,
            }
        };
    }
    Some(casts!(Char, Double, Enum, Float, Long, Short))
}

fn put_scalar(value: &Value, to: ValueKind, metadata: &Metadata) -> Result<Value, Conversion> {
    match (value, to) {
        (Value::String(text), ValueKind::Enum) => choice(text, metadata).map(Value::Enum),
        (Value::String(text), ValueKind::Double) if !text.is_empty() => match metadata.integer {
            Some(integer) => integer_of(text, integer),
            None => text_to(text, to),
        },
        (Value::String(text), _) => text_to(text, to),
        (Value::Enum(index), ValueKind::String) => Ok(Value::String(index.to_string().into())),
        _ => match (number_to(value, to, digits(metadata)), metadata.integer) {
            (Value::Double(number), Some(integer)) => Ok(Value::Double(integer.of(number))),
            (value, _) => Ok(value),
        },
    }
}

fn read_scalar(value: &Value, to: ValueKind, metadata: &Metadata) -> Result<Value, Conversion> {
    match (value, to) {
        (Value::String(text), ValueKind::Enum) => {
            Err(Conversion::NotAChoice(text.lossy().into_owned()))
        }
        (Value::String(text), to) if metadata.link => link(text, to),
        (Value::String(text), _) => text_to(text, to),
        (Value::Enum(index), ValueKind::String) => label(*index, metadata).map(Value::String),
        (Value::Double(number), to) if metadata.integer.is_some() => {
            Ok(whole_to(Integer::whole(*number), to))
        }
        _ => Ok(number_to(value, to, digits(metadata))),
    }
}

/// What a link is read as: text, its characters, or a double that says nothing (`getLinkValue`).
fn link(text: &Text, to: ValueKind) -> Result<Value, Conversion> {
    match to {
        ValueKind::String => Ok(Value::String(text.truncated(TEXT))),
        ValueKind::Char => {
            let characters = text.as_bytes().iter().copied().chain([0]);
            Ok(Value::Array(Array::Char(characters.collect())))
        }
        ValueKind::Double => Ok(Value::Double(f64::NAN)),
        _ => Err(Conversion::NotANumber(text.lossy().into_owned())),
    }
}

fn digits(metadata: &Metadata) -> i16 {
    metadata.digits.unwrap_or(metadata.precision)
}

/// The label of a state: empty where a record leaves it unnamed; a menu gives the number of what it has not.
fn label(index: u16, metadata: &Metadata) -> Result<Text, Conversion> {
    match metadata.labels.get(usize::from(index)) {
        Some(label) => Ok(label.clone()),
        None if index < metadata.states => Ok(Text::EMPTY),
        None if metadata.states == BINARY => Ok("Illegal_Value".into()),
        None if metadata.states > 0 => Ok("Illegal Value".into()),
        None if metadata.labels.is_empty() => Err(Conversion::NotAChoice(index.to_string())),
        None => Ok(index.to_string().into()),
    }
}

/// The states of a `bi` or `bo`.
const BINARY: u16 = 2;

/// A label, or else the index of one. Empty text is the first state without a name, of those that a record can have.
fn choice(text: &Text, metadata: &Metadata) -> Result<u16, Conversion> {
    let labels = &metadata.labels;
    let unnamed = text.is_empty() && labels.len() < usize::from(metadata.states);
    let named = labels.iter().position(|label| label == text);
    if let Some(index) = named.or(unnamed.then_some(labels.len())) {
        return u16::try_from(index).map_err(|_| Conversion::OutOfRange(index.to_string()));
    }
    let index = if metadata.as_array {
        let index = parse::unsigned(text.as_bytes(), 16).ok();
        index.and_then(|index| u16::try_from(index).ok())
    } else {
        parse::index(text.as_bytes())
    };
    index
        .filter(|&index| usize::from(index) < labels.len())
        .ok_or_else(|| Conversion::NotAChoice(text.lossy().into_owned()))
}

fn text_to(text: &Text, to: ValueKind) -> Result<Value, Conversion> {
    if to == ValueKind::String {
        return Ok(Value::String(text.truncated(TEXT)));
    }
    if text.is_empty() {
        return Ok(to.zero());
    }
    let bytes = text.as_bytes();
    let parsed = match to {
        ValueKind::Char => parse::unsigned(bytes, 8).map(|x| Value::Char(x.to_u8())),
        ValueKind::Enum => parse::unsigned(bytes, 16).map(|x| Value::Enum(x.to_u16())),
        ValueKind::Short => parse::signed(bytes, 16).map(|x| Value::Short(x.to_i16())),
        ValueKind::Long => parse::signed(bytes, 32).map(|x| Value::Long(x.to_i32())),
        ValueKind::Float => parse::float(bytes).map(Value::Float),
        ValueKind::Double | ValueKind::String => parse::double(bytes).map(Value::Double),
    };
    parsed.map_err(|refused| refused.into_conversion(text))
}

fn integer_of(text: &Text, integer: Integer) -> Result<Value, Conversion> {
    let bytes = text.as_bytes();
    let parsed = match integer {
        Integer::Int64 => parse::signed(bytes, 64).map(Cast::to_f64),
        Integer::Ulong => parse::unsigned(bytes, 32).map(|whole| f64::from(whole as u32)),
    };
    let parsed = parsed.map_err(|refused| refused.into_conversion(text));
    parsed.map(Value::Double)
}

impl parse::Refused {
    fn into_conversion(self, text: &Text) -> Conversion {
        let text = text.lossy().into_owned();
        match self {
            Self::NotANumber => Conversion::NotANumber(text),
            Self::OutOfRange => Conversion::OutOfRange(text),
        }
    }
}

fn whole_to(x: i64, to: ValueKind) -> Value {
    match to {
        ValueKind::Char => Value::Char(x.to_u8()),
        ValueKind::Double => Value::Double(x.to_f64()),
        ValueKind::Enum => Value::Enum(x.to_u16()),
        ValueKind::Float => Value::Float(x.to_f32()),
        ValueKind::Long => Value::Long(x.to_i32()),
        ValueKind::Short => Value::Short(x.to_i16()),
        ValueKind::String => Value::String(x.to_string().into()),
    }
}

fn number_to(value: &Value, to: ValueKind, precision: i16) -> Value {
    macro_rules! cast {
        ($x:expr, $text:expr) => {
            match to {
                ValueKind::Char => Value::Char($x.to_u8()),
                ValueKind::Double => Value::Double($x.to_f64()),
                ValueKind::Enum => Value::Enum($x.to_u16()),
                ValueKind::Float => Value::Float($x.to_f32()),
                ValueKind::Long => Value::Long($x.to_i32()),
                ValueKind::Short => Value::Short($x.to_i16()),
                ValueKind::String => Value::String(Text::from(&*$text)),
            }
        };
    }
    match value {
        Value::Char(x) => cast!(x, x.to_string()),
        Value::Double(x) => cast!(x, format::double(*x, precision)),
        Value::Enum(x) => cast!(x, x.to_string()),
        Value::Float(x) => cast!(x, format::float(*x, precision)),
        Value::Long(x) => cast!(x, x.to_string()),
        Value::Short(x) => cast!(x, x.to_string()),
        Value::String(_) | Value::Array(_) => value.clone(),
    }
}

/// The casts of C on x86-64: integers wrap, floats go through a 32-bit integer that turns into its
/// least value when it overflows.
trait Cast: Copy {
    fn to_u8(self) -> u8;
    fn to_u16(self) -> u16;
    fn to_i16(self) -> i16;
    fn to_i32(self) -> i32;
    fn to_f32(self) -> f32;
    fn to_f64(self) -> f64;
}

macro_rules! cast {
    ($self:ident: $type:ty, $integer:expr, $float:expr) => {
        impl Cast for $type {
            fn to_u8($self) -> u8 {
                $integer as u8
            }
            fn to_u16($self) -> u16 {
                $integer as u16
            }
            fn to_i16($self) -> i16 {
                $integer as i16
            }
            fn to_i32($self) -> i32 {
                $integer as i32
            }
            fn to_f32($self) -> f32 {
                $float
            }
            fn to_f64($self) -> f64 {
                $self as f64
            }
        }
    };
}

cast!(self: u8, self, self as f32);
cast!(self: u16, self, self as f32);
cast!(self: i16, self, self as f32);
cast!(self: i32, self, self as f32);
cast!(self: i64, self, self as f32);
cast!(self: u64, self, self as f32);
cast!(self: f32, truncated(f64::from(self)), self);
cast!(self: f64, truncated(self), narrowed(self));

/// What `cvttsd2si` gives.
fn truncated(x: f64) -> i32 {
    let x = x.trunc();
    if (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&x) {
        x as i32
    } else {
        i32::MIN
    }
}

/// To the nearest `f32`, never to zero or infinity unless it was.
fn narrowed(x: f64) -> f32 {
    if x == 0.0 || !x.is_finite() {
        x as f32
    } else if x.abs() >= f64::from(f32::MAX) {
        f32::MAX.copysign(x.signum() as f32)
    } else if x.abs() <= f64::from(f32::MIN_POSITIVE) {
        f32::MIN_POSITIVE.copysign(x.signum() as f32)
    } else {
        x as f32
    }
}
