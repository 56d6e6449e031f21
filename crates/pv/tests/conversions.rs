//! The conversions against tables measured at a C IOC (`tests/records`).
#![expect(clippy::unwrap_used, reason = "a test")]

use beamtwin_pv::convert::{put, read};
use beamtwin_pv::{Array, Metadata, Text, Value, ValueKind};
use serde_json::Value as Json;

/// A field of the measured IOC.
struct Field {
    name: &'static str,
    kind: ValueKind,
    precision: i16,
    labels: &'static [&'static str],
    /// The field is an array: its elements take the slow way.
    array: bool,
    /// The record limits what it keeps (`DRVL`, `DRVH`).
    drive: Option<f64>,
    /// Bytes of text the field holds.
    size: usize,
}

const fn field(name: &'static str, kind: ValueKind) -> Field {
    Field {
        name,
        kind,
        precision: 6,
        labels: &[],
        array: false,
        drive: None,
        size: 39,
    }
}

const MBB: &[&str] = &["zero", "one", "two", "a longer state string"];
const STATES: &[&str] = &[
    "state0", "state1", "state2", "state3", "state4", "state5", "state6", "state7", "state8",
    "state9", "state10", "state11", "state12", "state13", "state14", "state15",
];
const SCAN: &[&str] = &[
    "Passive",
    "Event",
    "I/O Intr",
    "10 second",
    "5 second",
    "2 second",
    "1 second",
    ".5 second",
    ".2 second",
    ".1 second",
];

use ValueKind::{Char, Double, Enum, Float, Long, Short, String as Str};

const FIELDS: &[Field] = &[
    Field {
        drive: Some(50.0),
        precision: 3,
        ..field("r:ao", Double)
    },
    field("r:ai", Double),
    Field {
        precision: 5,
        ..field("r:ao_nolim", Double)
    },
    field("r:bo.HIGH", Double),
    Field {
        drive: Some(50.0),
        ..field("r:longout", Long)
    },
    field("r:longin", Long),
    field("r:longout_nolim", Long),
    field("r:ao.PREC", Short),
    field("r:ao.PHAS", Short),
    field("r:ao.DISP", Char),
    field("r:ao.PROC", Char),
    Field {
        labels: MBB,
        ..field("r:mbbo", Enum)
    },
    Field {
        labels: MBB,
        ..field("r:mbbi", Enum)
    },
    Field {
        labels: STATES,
        ..field("r:mbbo16", Enum)
    },
    Field {
        labels: &["Off", "On"],
        ..field("r:bo", Enum)
    },
    Field {
        labels: &["Off", "On"],
        ..field("r:bi", Enum)
    },
    Field {
        labels: &["", ""],
        ..field("r:bo_nonames", Enum)
    },
    Field {
        labels: &["Done", "Busy"],
        ..field("r:busy", Enum)
    },
    Field {
        labels: SCAN,
        ..field("r:ao.SCAN", Enum)
    },
    field("r:stringin", Str),
    field("r:stringout", Str),
    field("r:lsi", Str),
    field("r:lso", Str),
    Field {
        precision: 3,
        ..field("r:ao.DESC", Str)
    },
    Field {
        precision: 3,
        size: 15,
        ..field("r:ao.EGU", Str)
    },
    Field {
        array: true,
        ..field("r:aao", Long)
    },
    Field {
        array: true,
        ..field("r:wf_double", Double)
    },
    Field {
        array: true,
        ..field("r:wf_enum", Enum)
    },
    Field {
        array: true,
        precision: 2,
        ..field("r:wf_float", Float)
    },
    Field {
        array: true,
        ..field("r:wf_long", Long)
    },
    Field {
        array: true,
        ..field("r:wf_short", Short)
    },
    Field {
        array: true,
        precision: 2,
        ..field("r:wf_string", Str)
    },
    Field {
        array: true,
        ..field("r:wf_uchar", Char)
    },
];

/// Fields of types that a twin does not have, or whose record does more than convert.
const EXCLUDED: &[(&str, &str)] = &[
    (
        "r:ao.DESC$",
        "a put to a long string is the server's, not a conversion",
    ),
    (
        "r:ao.UTAG",
        "64-bit integers are not native to Channel Access",
    ),
    ("r:calc", "the record computes its value after the put"),
    (
        "r:int64out",
        "64-bit integers are not native to Channel Access",
    ),
    ("r:mbbo_raw", "unsigned 32-bit field shown as LONG"),
    ("r:mbbod", "unsigned 32-bit field shown as LONG"),
    ("r:wf_char", "signed bytes; ours are unsigned"),
    ("r:wf_text", "signed bytes; ours are unsigned"),
    (
        "r:wf_int64",
        "64-bit integers are not native to Channel Access",
    ),
    (
        "r:wf_uint64",
        "64-bit integers are not native to Channel Access",
    ),
    ("r:wf_ulong", "unsigned 32-bit field shown as DOUBLE"),
    ("r:wf_ushort", "unsigned 16-bit field shown as LONG"),
];

impl Field {
    fn of(row: &Json) -> Option<&'static Self> {
        let name = row["pv"].as_str().unwrap();
        let field = FIELDS.iter().find(|field| field.name == name);
        assert!(
            field.is_some() || EXCLUDED.iter().any(|(excluded, _)| *excluded == name),
            "{name} is neither tested nor excluded"
        );
        field
    }

    fn metadata(&self) -> Metadata {
        Metadata {
            precision: self.precision,
            labels: self.labels.iter().map(|&label| Text::from(label)).collect(),
            states: match self.name.trim_start_matches("r:") {
                "bi" | "bo" | "busy" => 2,
                name if name.starts_with("mbb") => 16,
                _ => 0,
            },
            as_array: self.name.starts_with("r:mbbo"),
            ..Metadata::default()
        }
    }

    fn put(&self, value: Value) -> Result<Value, beamtwin_pv::Conversion> {
        if !self.array {
            return put(&value, self.kind, &self.metadata());
        }
        let array = Array::collect(value.kind(), [value]).unwrap();
        match put(&Value::Array(array), self.kind, &self.metadata())? {
            Value::Array(array) => Ok(array.element(0).unwrap()),
            scalar => panic!("{scalar} is no array"),
        }
    }

    /// What the record keeps.
    fn kept(&self, value: Value) -> Value {
        match (value, self.drive) {
            (Value::Double(x), Some(limit)) => Value::Double(x.clamp(-limit, limit)),
            (Value::Long(x), Some(limit)) => Value::Long(x.clamp(-limit as i32, limit as i32)),
            (Value::String(text), _) => Value::String(text.truncated(self.size)),
            (value, _) => value,
        }
    }

    fn check(&self, row: &Json, put: Value) {
        let put = self.put(put);
        if ["ECA_NORMAL", "no exception (plain put)"].contains(&row["result"].as_str().unwrap()) {
            let kept = self.kept(put.unwrap_or_else(|e| panic!("{e}: {row}")));
            assert_same(&kept, &row["value_after"], row);
        } else {
            assert!(put.is_err(), "{put:?} but {row}");
        }
    }
}

fn table(name: &str) -> Vec<Json> {
    let path = format!(
        "{}/../../tests/records/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn number(json: &Json) -> f64 {
    match json.as_str() {
        Some("NaN") => f64::NAN,
        Some("Inf") => f64::INFINITY,
        Some("-Inf") => f64::NEG_INFINITY,
        _ => json
            .as_f64()
            .unwrap_or_else(|| panic!("{json} is no number")),
    }
}

/// Bytes that the tables show as Latin-1.
fn latin1(text: &str) -> Text {
    Text::from_bytes(
        &text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect::<Vec<_>>(),
    )
}

fn assert_same(value: &Value, expected: &Json, row: &Json) {
    let same = match value {
        Value::String(text) => expected.as_str().is_some_and(|e| *text == latin1(e)),
        Value::Char(byte) if expected.is_object() => {
            let chars = latin1(expected["chars"].as_str().unwrap());
            chars.as_bytes().first().copied().unwrap_or_default() == *byte
        }
        _ => {
            let (value, expected) = (value.as_f64().unwrap(), number(expected));
            value == expected || (value.is_nan() && expected.is_nan())
        }
    };
    assert!(same, "{value:?} but {row}");
}

#[test]
fn text_converts_as_in_the_c_database() {
    let mut checked = 0;
    for row in table("string_put_conversions") {
        let Some(field) = Field::of(&row) else {
            continue;
        };
        let text = row["put_text"].as_str().unwrap();
        let text = text.replace("xxx...(60)", &"x".repeat(60));
        // What crosses the wire is at most 40 bytes, so at most 39 of text.
        field.check(&row, Value::String(Text::from(text.as_str()).truncated(39)));
        checked += 1;
    }
    assert!(checked > 1900, "only {checked} rows");
}

#[test]
fn numbers_convert_as_in_the_c_database() {
    let mut checked = 0;
    for row in table("numeric_put_conversions") {
        let Some(field) = Field::of(&row) else {
            continue;
        };
        let put = number(&row["put_value"]);
        let put = match row["put_type"].as_str().unwrap() {
            "SHORT" => Value::Short(put as i16),
            "FLOAT" => Value::Float(put as f32),
            "ENUM" => Value::Enum(put as u16),
            "CHAR" => Value::Char(put as u8),
            "LONG" => Value::Long(put as i32),
            "DOUBLE" => Value::Double(put),
            other => panic!("{other}"),
        };
        field.check(&row, put);
        checked += 1;
    }
    assert!(checked > 1400, "only {checked} rows");
}

#[test]
fn values_read_as_in_the_c_database() {
    let mut checked = 0;
    for row in table("read_conversions") {
        let Some(field) = Field::of(&row) else {
            continue;
        };
        let stored = match (field.kind, &row["stored"]) {
            (Str, stored) => Value::String(latin1(stored.as_str().unwrap())),
            (Double, stored) => Value::Double(number(stored)),
            (Float, stored) => Value::Float(number(stored) as f32),
            (Long, stored) => Value::Long(number(stored) as i32),
            (Enum, stored) => Value::Enum(number(stored) as u16),
            (Char, stored) => Value::Char(number(stored) as i32 as u8),
            (Short, stored) => Value::Short(number(stored) as i16),
        };
        let mut metadata = field.metadata();
        if let Some(precision) = row.get("PREC") {
            metadata.precision = precision.as_i64().unwrap() as i16;
        }
        for (column, kind) in [
            ("as_STRING", Str),
            ("as_SHORT", Short),
            ("as_FLOAT", Float),
            ("as_ENUM", Enum),
            ("as_CHAR", Char),
            ("as_LONG", Long),
            ("as_DOUBLE", Double),
        ] {
            let Some(expected) = row.get(column) else {
                continue;
            };
            // A long string reads as an enum; text fields do not.
            if field.name == "r:lso" && kind == Enum {
                continue;
            }
            let value = read(&stored, kind, &metadata);
            if expected == "ECA_GETFAIL" {
                assert!(value.is_err(), "{value:?} but {row}");
            } else {
                let value = value.unwrap_or_else(|e| panic!("{column} {e}: {row}"));
                assert_same(&value, expected, &row);
            }
            checked += 1;
        }
    }
    assert!(checked > 250, "only {checked} cells");
}

#[test]
fn arrays_convert_element_by_element() {
    let mut checked = 0;
    for row in table("arrays") {
        let Some(written) = row["op"]
            .as_str()
            .and_then(|op| op.strip_prefix("write 2 as "))
        else {
            continue;
        };
        let Some(field) = Field::of(&row) else {
            continue;
        };
        let array = match written {
            "DOUBLE" => Array::Double([1.7, 2.7].into()),
            "STRING" => Array::String(["4".into(), "x5".into()].into()),
            "LONG" => Array::Long([300, -300].into()),
            other => panic!("{other}"),
        };
        let put = put(&Value::Array(array), field.kind, &field.metadata());
        if row["result"] == "ECA_NORMAL" {
            let Value::Array(array) = put.unwrap() else {
                panic!("{row}");
            };
            let expected = row["read_count0"]["value"].as_array().unwrap();
            assert_eq!(array.len(), expected.len(), "{row}");
            for (value, expected) in array.iter().zip(expected) {
                assert_same(&value, expected, &row);
            }
        } else {
            assert!(put.is_err(), "{put:?} but {row}");
        }
        checked += 1;
    }
    assert!(checked >= 18, "only {checked} rows");
}
