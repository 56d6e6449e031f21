//! One line of a mailbox as its author wrote it: a value, or a table that says more.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A value as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// `true` or `false`.
    Flag(bool),
    /// `[…]`.
    List(Vec<Self>),
    /// `1.5`.
    Number(f64),
    /// `"…"`.
    Text(String),
    /// `7`.
    Whole(i64),
}

impl Given {
    /// What it is, for messages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Flag(_) => "true or false",
            Self::List(_) => "a list",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Whole(_) => "a whole number",
        }
    }

    /// The number it is, if it is one.
    #[must_use]
    pub const fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Whole(whole) => Some(*whole as f64),
            _ => None,
        }
    }
}

/// The width or nature of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// 8 bits; for a text, as many as it has characters.
    Char,
    /// A 64-bit float.
    Double,
    /// One of up to 16 choices.
    Enum,
    /// A 32-bit float.
    Float,
    /// A 32-bit integer.
    Long,
    /// A 16-bit integer.
    Short,
    /// Text of at most 39 bytes.
    String,
}

impl Type {
    /// The word in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Char => "char",
            Self::Double => "double",
            Self::Enum => "enum",
            Self::Float => "float",
            Self::Long => "long",
            Self::Short => "short",
            Self::String => "string",
        }
    }
}

/// A record type where several would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// An array that is measured.
    Aai,
    /// An array that is set.
    Aao,
    /// A whole number of 64 bits that is measured.
    Int64in,
    /// A whole number of 64 bits that is set.
    Int64out,
}

impl Record {
    /// The word in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aai => "aai",
            Self::Aao => "aao",
            Self::Int64in => "int64in",
            Self::Int64out => "int64out",
        }
    }
}

/// All that can be said about a value.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The first value; by default 0, an empty text, or the first choice.
    #[serde(default)]
    pub value: Option<Given>,
    /// `short`, `long`, `float`, `double`, `string`, `char` or `enum`; by default what the value suggests.
    #[serde(rename = "type", default)]
    pub kind: Option<Type>,
    /// The record type, where several would do: `aai` or `aao` for an array, `int64in` or `int64out` for a whole number.
    #[serde(default)]
    pub record: Option<Record>,
    /// The states of an enum, at most 16.
    #[serde(default)]
    pub choices: Option<Vec<String>>,
    /// Engineering units, such as `"mm"`.
    #[serde(default)]
    pub units: Option<String>,
    /// Digits after the point.
    #[serde(default)]
    pub precision: Option<i64>,
    /// The lowest and the highest value; what is written beyond them is clipped.
    #[serde(default)]
    pub limits: Option<(f64, f64)>,
    /// The most elements an array can have.
    #[serde(default)]
    pub count: Option<i64>,
    /// What the PV is, in at most 40 bytes.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether clients may not write it; then the record is an input.
    #[serde(default)]
    pub read_only: bool,
    /// Whether the record is an input (`ai`, `longin`, …) although clients may write it, as in an IOC.
    #[serde(default)]
    pub input: bool,
}

/// A line of a mailbox.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Just a value.
    Plain(Given),
    /// A table.
    Table(Box<Row>),
}

impl Entry {
    /// What is known of the value.
    #[must_use]
    pub fn row(&self) -> Cow<'_, Row> {
        match self {
            Self::Plain(value) => Cow::Owned(Row {
                value: Some(value.clone()),
                ..Row::default()
            }),
            Self::Table(row) => Cow::Borrowed(row),
        }
    }

    /// Whether it was written as a table.
    #[must_use]
    pub const fn is_table(&self) -> bool {
        matches!(self, Self::Table(_))
    }
}

impl From<Given> for Entry {
    fn from(value: Given) -> Self {
        Self::Plain(value)
    }
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self::Table(Box::new(row))
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenVisitor)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

struct GivenVisitor;
struct EntryVisitor;

macro_rules! scalars {
    ($into:expr) => {
        fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
            Ok($into(Given::Flag(flag)))
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
            Ok($into(Given::Number(number)))
        }

        fn visit_i64<E: Error>(self, whole: i64) -> Result<Self::Value, E> {
            Ok($into(Given::Whole(whole)))
        }

        fn visit_u64<E: Error>(self, whole: u64) -> Result<Self::Value, E> {
            i64::try_from(whole)
                .map(|whole| $into(Given::Whole(whole)))
                .map_err(|_| E::custom(format!("{whole} is too large for any PV")))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok($into(Given::Text(text.to_owned())))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut list = Vec::new();
            while let Some(element) = seq.next_element::<Given>()? {
                list.push(element);
            }
            Ok($into(Given::List(list)))
        }
    };
}

impl<'de> Visitor<'de> for GivenVisitor {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text, true or false, or a list of these")
    }

    scalars!(|given| given);
}

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a number, a text, true or false, a list of these, or a table such as \
             { value = 0, type = \"short\" }",
        )
    }

    scalars!(Entry::from);

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
        Row::deserialize(MapAccessDeserializer::new(map))
            .map(Entry::from)
            .map_err(|error| {
                // A date comes as a map with one key of the parser's own.
                if error.to_string().contains("$__toml_private_datetime") {
                    Error::custom("a date is no value of a PV; write it in quotes, as a text")
                } else {
                    error
                }
            })
    }
}

impl JsonSchema for Given {
    fn schema_name() -> Cow<'static, str> {
        "MailboxValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A first value: a number, a text, true or false, or a list of these.",
            "type": ["boolean", "number", "string", "array"],
            "items": { "type": ["boolean", "number", "string"] },
        })
    }
}

impl JsonSchema for Entry {
    fn schema_name() -> Cow<'static, str> {
        "MailboxEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<Given>();
        let row = generator.subschema_for::<Row>();
        json_schema!({
            "description": "A first value, or a table that says more about the PV.",
            "anyOf": [value, row],
        })
    }
}
