//! From a line of a mailbox to a record of EPICS base.

use beamtwin_pv::convert::TEXT;
use beamtwin_pv::{Array, Text, Value, ValueKind};
use beamtwin_sim::record::{common, number_as, val};
use beamtwin_sim::{RecordType, Role};

use super::{Given, Record, Row, Type};
use crate::records::base;

/// A record to be declared.
pub(super) struct Plan {
    pub(super) kind: &'static RecordType,
    pub(super) fields: Vec<(&'static str, Value)>,
    /// Who writes its value; what a client writes is processed as the record would.
    pub(super) role: Role,
}

/// Mistakes in a line: in which of its settings, and what would be right.
pub(super) type Flaws = Vec<(Option<&'static str>, String)>;

/// The elements of a text waveform of which nothing else is known.
const LONG_TEXT: usize = 256;
/// The states a multi-bit record can have.
const STATES: usize = 16;
/// The bytes of the name of a state.
const STATE: usize = 25;
/// The bytes of `EGU`.
const UNITS: usize = 15;
/// The bytes of `DESC`.
const DESCRIPTION: usize = 40;
/// The digits of a float of which nothing else is known.
const PRECISION: i64 = 3;
/// The most elements an array may have: 64 MiB of doubles.
const ELEMENTS: i64 = 1 << 23;

/// Decides what record a line stands for.
pub(super) fn plan(row: &Row) -> Result<Plan, Flaws> {
    let mut flaws = Flaws::new();
    let shape = shape(row, &mut flaws);
    if let (Some(record), Some(shape)) = (row.record, &shape)
        && let Some(what) = wanted(record, shape)
    {
        let message = format!("an {} holds {what}; leave it out, or let the value be one", record.name());
        flaws.push((Some("record"), message));
    }
    let mut plan = match shape {
        Some(Shape::Array(kind, elements)) => array(row, kind, elements, &mut flaws),
        Some(Shape::Flag(flag)) => binary(row, flag),
        Some(Shape::States) => states(row, &mut flaws),
        Some(Shape::Scalar(kind, value)) => scalar(row, kind, value, &mut flaws),
        None => return Err(flaws),
    };
    describe(row, &mut plan, &mut flaws);
    if flaws.is_empty() {
        Ok(plan)
    } else {
        Err(flaws)
    }
}

/// What a record type holds, if it is not what the line says.
const fn wanted(record: Record, shape: &Shape) -> Option<&'static str> {
    match (record, shape) {
        (Record::Aai | Record::Aao, Shape::Array(..))
        | (Record::Int64in | Record::Int64out, Shape::Scalar(Type::Long, _)) => None,
        (Record::Aai | Record::Aao, _) => Some("an array"),
        (Record::Int64in | Record::Int64out, _) => Some("a whole number"),
    }
}

const fn role(row: &Row) -> Role {
    if row.read_only {
        Role::Readback
    } else {
        Role::Command
    }
}

const fn is_input(row: &Row) -> bool {
    row.read_only || row.input
}

enum Shape {
    Array(Type, Vec<Given>),
    Flag(bool),
    Scalar(Type, Given),
    States,
}

fn shape(row: &Row, flaws: &mut Flaws) -> Option<Shape> {
    use Type as T;
    let value = row.value.as_ref();
    if let Some(list) =
        row.count
            .is_some()
            .then_some(value)
            .or(matches!(value, Some(Given::List(_))).then_some(value))
    {
        let elements = match list {
            Some(Given::List(list)) => list.clone(),
            Some(Given::Text(text)) if row.kind.is_none_or(|kind| kind == T::Char) => {
                return Some(Shape::Array(T::Char, bytes(text)));
            }
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let Some(kind) = row.kind.or_else(|| suggested(&elements)) else {
            let message = if elements.is_empty() {
                "an empty array needs a type; write for example \
                 { value = [], type = \"double\", count = 100 }"
            } else {
                "the elements are not alike; let all be numbers or all be texts"
            };
            flaws.push((Some("value"), message.to_owned()));
            return None;
        };
        return Some(Shape::Array(kind, elements));
    }
    let binary = matches!(value, Some(Given::Flag(_)))
        && row
            .choices
            .as_ref()
            .is_none_or(|choices| choices.len() == 2);
    if row.kind == Some(T::Enum) || (row.kind.is_none() && row.choices.is_some() && !binary) {
        return Some(Shape::States);
    }
    let shape = match (row.kind, value) {
        (None, Some(Given::Flag(flag))) => Shape::Flag(*flag),
        (None, Some(Given::Number(_))) => Shape::Scalar(T::Double, value?.clone()),
        (None, Some(Given::Whole(_))) => Shape::Scalar(T::Long, value?.clone()),
        (None | Some(T::Char), Some(Given::Text(text)))
            if row.kind.is_some() || text.len() > TEXT =>
        {
            Shape::Array(T::Char, bytes(text))
        }
        (None, Some(Given::Text(_))) => Shape::Scalar(T::String, value?.clone()),
        (Some(T::String), None) => Shape::Scalar(T::String, Given::Text(String::new())),
        (Some(kind), None) => Shape::Scalar(kind, Given::Whole(0)),
        (Some(kind), Some(given)) => Shape::Scalar(kind, given.clone()),
        _ => {
            flaws.push((
                Some("value"),
                "there is neither a value nor a type; write for example { value = 0.0 }".to_owned(),
            ));
            return None;
        }
    };
    Some(shape)
}

/// A text as the elements of a character array.
fn bytes(text: &str) -> Vec<Given> {
    text.bytes().map(|byte| Given::Whole(byte.into())).collect()
}

fn suggested(elements: &[Given]) -> Option<Type> {
    let all = |test: fn(&Given) -> bool| !elements.is_empty() && elements.iter().all(test);
    if all(|given| matches!(given, Given::Whole(_))) {
        Some(Type::Long)
    } else if all(|given| given.number().is_some()) {
        Some(Type::Double)
    } else if all(|given| matches!(given, Given::Text(_))) {
        Some(Type::String)
    } else if all(|given| matches!(given, Given::Flag(_))) {
        Some(Type::Char)
    } else {
        None
    }
}

const fn kind_of(kind: Type) -> ValueKind {
    match kind {
        Type::Char => ValueKind::Char,
        Type::Double => ValueKind::Double,
        Type::Enum => ValueKind::Enum,
        Type::Float => ValueKind::Float,
        Type::Long => ValueKind::Long,
        Type::Short => ValueKind::Short,
        Type::String => ValueKind::String,
    }
}

/// A value as a kind, or what is wrong with it.
fn convert(given: &Given, kind: Type) -> Result<Value, String> {
    let (low, high) = match kind {
        Type::Char => (0.0, 255.0),
        Type::Enum => (0.0, 65535.0),
        Type::Long => (f64::from(i32::MIN), f64::from(i32::MAX)),
        Type::Short => (f64::from(i16::MIN), f64::from(i16::MAX)),
        Type::Double | Type::Float | Type::String => (f64::NEG_INFINITY, f64::INFINITY),
    };
    let name = kind.name();
    match (kind, given) {
        (Type::String, Given::Text(text)) if text.len() <= TEXT => {
            Ok(Value::String(text.as_str().into()))
        }
        (Type::String, Given::Text(text)) => Err(format!(
            "the text has {} bytes and a string holds {TEXT}; for a longer one write type = \"char\"",
            text.len()
        )),
        (Type::String, other) => Err(format!(
            "a string is written in quotes, and this is {}",
            other.name()
        )),
        (_, Given::Flag(flag)) => Ok(number_as(f64::from(*flag), kind_of(kind))),
        (Type::Double | Type::Float, Given::Whole(_) | Given::Number(_)) => {
            Ok(number_as(given.number().unwrap_or_default(), kind_of(kind)))
        }
        (_, Given::Whole(whole)) => {
            let number = *whole as f64;
            if number < low || number > high {
                let wider = if kind == Type::Long { "double" } else { "long" };
                return Err(format!(
                    "{whole} is out of range for a {name}, which goes from {low} to {high}; \
                     a {wider} would hold more"
                ));
            }
            Ok(number_as(number, kind_of(kind)))
        }
        (_, Given::Number(number)) => Err(format!(
            "{number} is not whole, and a {name} is; write a whole number or type = \"double\""
        )),
        (_, other) => Err(format!("{} cannot be a {name}", other.name())),
    }
}

/// A whole number of 64 bits, which Channel Access shows as a double.
fn exact(whole: i64) -> Result<Value, String> {
    const MOST: u64 = 1 << f64::MANTISSA_DIGITS;
    if whole.unsigned_abs() > MOST {
        return Err(format!(
            "{whole} is beyond {MOST}, up to which Channel Access tells whole numbers apart"
        ));
    }
    Ok(Value::Double(whole as f64))
}

fn scalar(row: &Row, kind: Type, given: Given, flaws: &mut Flaws) -> Plan {
    let long = matches!(row.record, Some(Record::Int64in | Record::Int64out));
    let is_input = match row.record {
        Some(record) => record == Record::Int64in,
        None => is_input(row),
    };
    let record = match (kind, is_input) {
        (Type::Long, false) if long => &base::INT64OUT,
        (Type::Long, true) if long => &base::INT64IN,
        (Type::Char, false) => &base::CHAROUT,
        (Type::Char, true) => &base::CHARIN,
        (Type::Double, false) => &base::AO,
        (Type::Double, true) => &base::AI,
        (Type::Float, false) => &base::FLOATOUT,
        (Type::Float, true) => &base::FLOATIN,
        (Type::Long, false) => &base::LONGOUT,
        (Type::Long, true) => &base::LONGIN,
        (Type::Short, false) => &base::SHORTOUT,
        (Type::Short, true) => &base::SHORTIN,
        (Type::String, false) => &base::STRINGOUT,
        (Type::String, true) => &base::STRINGIN,
        (Type::Enum, _) => return states(row, flaws),
    };
    let value = match given {
        Given::Whole(whole) if long => exact(whole),
        _ => convert(&given, kind),
    };
    let value = value.unwrap_or_else(|message| {
        flaws.push((Some("value"), message));
        record.field(val(record)).kind.zero()
    });
    let mut fields = vec![("VAL", value)];
    if let Some((low, high)) = row.limits {
        fields.extend([("LOPR", low.into()), ("HOPR", high.into())]);
        if !is_input {
            fields.extend([("DRVL", low.into()), ("DRVH", high.into())]);
        }
        if given.number().is_some_and(|n| n < low || n > high) {
            let message = format!("the first value lies outside the limits {low} and {high}");
            flaws.push((Some("value"), message));
        }
    }
    Plan {
        kind: record,
        fields,
        role: role(row),
    }
}

fn binary(row: &Row, flag: bool) -> Plan {
    let (zero, one) = match row.choices.as_deref() {
        Some([zero, one]) => (zero.as_str(), one.as_str()),
        _ => ("No", "Yes"),
    };
    Plan {
        kind: if is_input(row) { &base::BI } else { &base::BO },
        fields: vec![
            ("VAL", Value::Enum(flag.into())),
            ("ZNAM", zero.into()),
            ("ONAM", one.into()),
        ],
        role: role(row),
    }
}

fn states(row: &Row, flaws: &mut Flaws) -> Plan {
    let choices = row.choices.as_deref().unwrap_or_default();
    if choices.is_empty() || choices.len() > STATES {
        let message = format!(
            "an enum has 1 to {STATES} choices, and this has {}; write for example \
             choices = [\"Out\", \"In\"]",
            choices.len()
        );
        flaws.push((Some("choices"), message));
    }
    for choice in choices {
        if choice.is_empty() || choice.len() > STATE {
            let message = format!("a choice has 1 to {STATE} bytes: `{choice}`");
            flaws.push((Some("choices"), message));
        }
    }
    let index = match &row.value {
        None => Some(0),
        Some(Given::Flag(flag)) => Some(usize::from(*flag)),
        Some(Given::Whole(whole)) => usize::try_from(*whole).ok(),
        Some(Given::Text(text)) => choices.iter().position(|choice| choice == text),
        Some(_) => None,
    };
    let index = index.filter(|&index| index < choices.len());
    if index.is_none() && !choices.is_empty() {
        let known = choices.join("`, `");
        flaws.push((
            Some("value"),
            format!("the value is none of the choices `{known}`"),
        ));
    }
    let index = index.unwrap_or_default();
    let mut fields = vec![("VAL", number_as(index as f64, ValueKind::Enum))];
    for (field, choice) in common::MULTI.into_iter().zip(choices) {
        fields.push((field, choice.as_str().into()));
    }
    Plan {
        kind: if is_input(row) {
            &base::MBBI
        } else {
            &base::MBBO
        },
        fields,
        role: role(row),
    }
}

fn array(row: &Row, kind: Type, elements: Vec<Given>, flaws: &mut Flaws) -> Plan {
    macro_rules! of {
        ($($kind:ident $waveform:ident $aai:ident $aao:ident),*) => {
            match (kind, row.record) {
                $((Type::$kind, Some(Record::Aai)) => &base::$aai,
                (Type::$kind, Some(Record::Aao)) => &base::$aao,
                (Type::$kind, _) => &base::$waveform,)*
            }
        };
    }
    let record = of! {
        Char WAVEFORM_CHAR AAI_CHAR AAO_CHAR,
        Double WAVEFORM_DOUBLE AAI_DOUBLE AAO_DOUBLE,
        Enum WAVEFORM_ENUM AAI_ENUM AAO_ENUM,
        Float WAVEFORM_FLOAT AAI_FLOAT AAO_FLOAT,
        Long WAVEFORM_LONG AAI_LONG AAO_LONG,
        Short WAVEFORM_SHORT AAI_SHORT AAO_SHORT,
        String WAVEFORM_STRING AAI_STRING AAO_STRING
    };
    let mut values = Vec::with_capacity(elements.len());
    for (at, element) in elements.iter().enumerate() {
        match convert(element, kind) {
            Ok(value) => values.push(value),
            Err(message) => flaws.push((Some("value"), format!("element {at}: {message}"))),
        }
    }
    let text = matches!(row.value, Some(Given::Text(_)));
    let count = match row.count {
        None if text => (values.len() + 1).max(LONG_TEXT),
        None => values.len().max(1),
        Some(count @ 1..=ELEMENTS) => count as usize,
        Some(count) => {
            let message = format!("an array has 1 to {ELEMENTS} elements, not {count}");
            flaws.push((Some("count"), message));
            values.len()
        }
    };
    if values.len() > count {
        let message = format!("the value has {} elements, more than {count}", values.len());
        flaws.push((Some("count"), message));
    }
    let length = values.len() as f64;
    let value = Array::collect(kind_of(kind), values).expect("converted to one kind");
    let mut fields = vec![
        ("VAL", Value::Array(value)),
        ("NELM", Value::Double(count as f64)),
        ("NORD", Value::Double(length)),
    ];
    if let Some((low, high)) = row.limits {
        fields.extend([("LOPR", low.into()), ("HOPR", high.into())]);
    }
    Plan {
        kind: record,
        fields,
        role: role(row),
    }
}

/// Fills in what does not depend on the type, where the type has it.
fn describe(row: &Row, plan: &mut Plan, flaws: &mut Flaws) {
    let kind = plan.kind;
    let has = |field: &str| kind.find(field).is_some();
    let unwanted = |setting: &'static str| {
        let message = format!("a {} has no {setting}; leave it out", kind.name);
        (Some(setting), message)
    };
    if let Some(description) = &row.description {
        if description.len() > DESCRIPTION {
            let message = format!("at most {DESCRIPTION} bytes are possible");
            flaws.push((Some("description"), message));
        }
        plan.fields.push(("DESC", description.as_str().into()));
    }
    match &row.units {
        Some(_) if !has("EGU") => flaws.push(unwanted("units")),
        Some(units) if units.len() > UNITS => {
            flaws.push((Some("units"), format!("at most {UNITS} bytes are possible")));
        }
        Some(units) => plan
            .fields
            .push(("EGU", Value::String(Text::from(units.as_str())))),
        None => {}
    }
    let fractional = has("PREC")
        && matches!(
            kind.field(val(kind)).kind,
            ValueKind::Double | ValueKind::Float
        );
    match row.precision {
        Some(_) if !fractional => flaws.push(unwanted("precision")),
        Some(precision) if !(0..=15).contains(&precision) => {
            flaws.push((
                Some("precision"),
                "from 0 to 15 digits are possible".to_owned(),
            ));
        }
        precision if fractional => {
            let precision = precision.unwrap_or(PRECISION);
            plan.fields.push(("PREC", Value::Short(precision as i16)));
        }
        _ => {}
    }
    match row.limits {
        Some(_) if !has("HOPR") => flaws.push(unwanted("limits")),
        Some((low, high)) if low >= high || !low.is_finite() || !high.is_finite() => {
            let message =
                "two numbers are wanted, the lower one first; write for example [-10, 10]";
            flaws.push((Some("limits"), message.to_owned()));
        }
        _ => {}
    }
    if row.choices.is_some() && !has("ZRST") && !has("ZNAM") {
        flaws.push(unwanted("choices"));
    }
}
