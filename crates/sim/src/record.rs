//! The static tables behind records: which fields there are, of what type, who may write them.
//!
//! A value is stored only where it differs from its table, so ten thousand motors cost little more
//! than their names.

pub mod common;
mod index;

use beamtwin_pv::{Alarm, Integer, Metadata, SimTime, Text, Value, ValueKind};

pub use common::COMMON;
use index::Index;

/// A field's place in its record type: the common fields first, then the type's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldIx(pub u16);

/// Who may write a field, and who decides what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nobody writes it.
    Constant,
    /// A client writes it and the device decides what comes of it; the world stores nothing itself.
    Command,
    /// The device writes it.
    Readback,
    /// A client writes it, the world stores it, then the device is told.
    Setting,
}

/// What a channel means to somebody who compares two sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A function of time, such as a temperature or a position under way.
    Curve,
    /// An image.
    Frame,
    /// A note.
    Marker,
    /// What the device measured or reports.
    Readback,
    /// What somebody asked for.
    Request,
    /// A condition of the device, such as moving or done.
    State,
}

impl Meaning {
    /// The word that traces use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Curve => "curve",
            Self::Frame => "frame",
            Self::Marker => "marker",
            Self::Readback => "readback",
            Self::Request => "request",
            Self::State => "state",
        }
    }
}

/// A value that can stand in a static table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initial {
    /// The zero of the field's kind.
    Zero,
    /// A number, converted to the field's kind.
    Number(f64),
    /// A text.
    Text(&'static str),
}

/// One row of a record type: a field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name, such as `VELO`.
    pub name: &'static str,
    /// Its native type.
    pub kind: ValueKind,
    /// Who may write it.
    pub role: Role,
    /// What it holds until somebody writes it.
    pub initial: Initial,
    /// The choices of a menu; empty for other types, and for the states of a record of its own.
    pub menu: &'static [&'static str],
    /// What kind of integer it is, where Channel Access shows it as a double.
    pub integer: Option<Integer>,
    /// Whether it holds as many elements as the record's `NELM` says.
    pub array: bool,
    /// What it means in a comparison; by default what its role suggests.
    pub meaning: Option<Meaning>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident $kind:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[must_use]
        pub const fn $name(name: &'static str) -> Self {
            Self::of(name, ValueKind::$kind)
        }
    )*};
}

impl Field {
    /// A readback of this kind, zero at first.
    #[must_use]
    pub const fn of(name: &'static str, kind: ValueKind) -> Self {
        Self {
            name,
            kind,
            role: Role::Readback,
            initial: Initial::Zero,
            menu: &[],
            integer: None,
            array: false,
            meaning: None,
        }
    }

    constructors! {
        /// An 8-bit integer.
        char Char,
        /// A 64-bit float.
        double Double,
        /// A 32-bit float.
        float Float,
        /// A 32-bit integer.
        long Long,
        /// A 16-bit integer.
        short Short,
        /// Text.
        string String,
    }

    /// A 64-bit integer, shown as a double.
    #[must_use]
    pub const fn int64(name: &'static str) -> Self {
        Self {
            integer: Some(Integer::Int64),
            ..Self::double(name)
        }
    }

    /// A 32-bit integer without a sign, shown as a double.
    #[must_use]
    pub const fn ulong(name: &'static str) -> Self {
        Self {
            integer: Some(Integer::Ulong),
            ..Self::double(name)
        }
    }

    /// An enum whose choices are fixed.
    #[must_use]
    pub const fn menu(name: &'static str, menu: &'static [&'static str]) -> Self {
        Self {
            menu,
            ..Self::of(name, ValueKind::Enum)
        }
    }

    /// An enum whose choices the record type's `describe` tells.
    #[must_use]
    pub const fn states(name: &'static str) -> Self {
        Self::of(name, ValueKind::Enum)
    }

    /// With as many elements as `NELM` says.
    #[must_use]
    pub const fn array(self) -> Self {
        Self {
            array: true,
            ..self
        }
    }

    /// Decided by the device.
    #[must_use]
    pub const fn command(self) -> Self {
        Self {
            role: Role::Command,
            ..self
        }
    }

    /// Never written.
    #[must_use]
    pub const fn constant(self) -> Self {
        Self {
            role: Role::Constant,
            ..self
        }
    }

    /// Stored as clients write it.
    #[must_use]
    pub const fn setting(self) -> Self {
        Self {
            role: Role::Setting,
            ..self
        }
    }

    /// With another first value.
    #[must_use]
    pub const fn starts(self, number: f64) -> Self {
        Self {
            initial: Initial::Number(number),
            ..self
        }
    }

    /// With a first text.
    #[must_use]
    pub const fn says(self, text: &'static str) -> Self {
        Self {
            initial: Initial::Text(text),
            ..self
        }
    }

    /// With another meaning than its role suggests.
    #[must_use]
    pub const fn means(self, meaning: Meaning) -> Self {
        Self {
            meaning: Some(meaning),
            ..self
        }
    }

    /// The first value.
    #[must_use]
    pub fn initial(&self) -> Value {
        if self.array {
            return Value::Array(beamtwin_pv::Array::empty(self.kind));
        }
        match self.initial {
            Initial::Zero => self.kind.zero(),
            Initial::Text(text) => Value::String(text.into()),
            Initial::Number(number) => number_as(number, self.kind),
        }
    }
}

/// A number as a value of a kind, as a C cast would have it.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as a C cast"
)]
pub fn number_as(number: f64, kind: ValueKind) -> Value {
    match kind {
        ValueKind::Char => Value::Char(number as i64 as u8),
        ValueKind::Double => Value::Double(number),
        ValueKind::Enum => Value::Enum(number as i64 as u16),
        ValueKind::Float => Value::Float(number as f32),
        ValueKind::Long => Value::Long(number as i64 as i32),
        ValueKind::Short => Value::Short(number as i64 as i16),
        ValueKind::String => Value::String(number.to_string().into()),
    }
}

/// A kind of record: its own fields beside the common ones, and how to describe their values.
#[derive(Debug)]
pub struct RecordType {
    /// What `.RTYP` says.
    pub name: &'static str,
    /// The fields that are its own; `VAL` among them.
    pub fields: &'static [Field],
    /// Units, precision, limits and labels of a field.
    pub describe: fn(&View<'_>, &Field) -> Metadata,
    /// The fields that say something about the others: writing one is a property event of the record.
    pub properties: &'static [&'static str],
    /// Whether its value is called `name.VAL` in traces (a motor) or just `name` (a plain record).
    pub spelled: bool,
    index: Index,
}

impl RecordType {
    /// A type with these fields, described by their `EGU`, `PREC` and limits where they have them.
    #[must_use]
    pub const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        Self {
            name,
            fields,
            describe: common::describe,
            properties: common::PROPERTIES,
            spelled: false,
            index: Index::new(fields),
        }
    }

    /// With another description.
    #[must_use]
    pub const fn described(self, describe: fn(&View<'_>, &Field) -> Metadata) -> Self {
        Self { describe, ..self }
    }

    /// With other fields that say something about the rest.
    #[must_use]
    pub const fn properties(self, properties: &'static [&'static str]) -> Self {
        Self { properties, ..self }
    }

    /// With its fields spelled out in traces.
    #[must_use]
    pub const fn spelled(self) -> Self {
        Self {
            spelled: true,
            ..self
        }
    }

    /// The place of a field, if there is one of that name.
    #[must_use]
    pub const fn find(&self, name: &str) -> Option<FieldIx> {
        self.index.find(self.fields, name)
    }

    /// The field at a place.
    ///
    /// # Panics
    /// If the place is of another type.
    #[must_use]
    pub fn field(&self, at: FieldIx) -> &'static Field {
        let index = usize::from(at.0);
        COMMON
            .get(index)
            .unwrap_or_else(|| &self.fields[index - COMMON.len()])
    }

    /// The places of all fields, the common ones first.
    pub fn places(&self) -> impl Iterator<Item = FieldIx> + use<> {
        (0u16..).take(COMMON.len() + self.fields.len()).map(FieldIx)
    }
}

/// The place of a field in a table, for constants: a name that is not there does not compile.
///
/// # Panics
/// If neither the table nor the common fields have it.
#[must_use]
pub const fn place(fields: &[Field], name: &str) -> FieldIx {
    let mut i = 0;
    while i < fields.len() {
        if same(fields[i].name, name) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "no record has 65536 fields"
            )]
            return FieldIx((COMMON.len() + i) as u16);
        }
        i += 1;
    }
    let mut i = 0;
    while i < COMMON.len() {
        if same(COMMON[i].name, name) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "no record has 65536 fields"
            )]
            return FieldIx(i as u16);
        }
        i += 1;
    }
    panic!("no such field")
}

/// Whether two texts are the same, for constants.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len()
}

/// The place of `VAL`, which every record type has.
///
/// # Panics
/// If the type has no `VAL`, which is a mistake in its table.
#[must_use]
pub fn val(kind: &RecordType) -> FieldIx {
    kind.find("VAL").expect("every record type has a VAL")
}

/// A record as its description sees it.
pub struct View<'a> {
    pub(crate) kind: &'static RecordType,
    pub(crate) name: &'a str,
    pub(crate) values: &'a Values,
    pub(crate) alarm: Alarm,
    pub(crate) pending: Alarm,
    pub(crate) stamp: Option<SimTime>,
}

impl View<'_> {
    /// The record's name.
    #[must_use]
    pub const fn name(&self) -> &str {
        self.name
    }

    /// The record's type.
    #[must_use]
    pub const fn kind(&self) -> &'static RecordType {
        self.kind
    }

    /// When the record last processed.
    #[must_use]
    pub const fn stamp(&self) -> Option<SimTime> {
        self.stamp
    }

    /// The value of a field, if the type has it.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<Value> {
        self.kind.find(field).map(|at| self.at(at))
    }

    /// The number in a field; NaN if there is none.
    #[must_use]
    pub fn number(&self, field: &str) -> f64 {
        self.value(field)
            .and_then(|value| value.as_f64())
            .unwrap_or(f64::NAN)
    }

    /// The text in a field; empty if there is none.
    #[must_use]
    pub fn text(&self, field: &str) -> Text {
        self.value(field)
            .and_then(|value| value.as_text().cloned())
            .unwrap_or_default()
    }

    /// The value at a place: what the record shows of itself, what was stored, or what the table says.
    #[must_use]
    pub fn at(&self, at: FieldIx) -> Value {
        if let Some(value) = common::intrinsic(self, at) {
            return value;
        }
        self.values
            .get(at)
            .cloned()
            .unwrap_or_else(|| common::unwritten(self, at))
    }

    /// The alarm of the record.
    #[must_use]
    pub const fn alarm(&self) -> Alarm {
        self.alarm
    }
}

/// The values of one record that differ from its table, by place.
#[derive(Clone, Debug, Default)]
pub struct Values(Vec<(FieldIx, Value)>);

impl Values {
    /// The value at a place, if one was stored.
    #[must_use]
    pub fn get(&self, at: FieldIx) -> Option<&Value> {
        self.0
            .binary_search_by_key(&at, |(place, _)| *place)
            .ok()
            .map(|i| &self.0[i].1)
    }

    /// Whether both hold the same, as [`Value::same`] has it.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let mut both = self.0.iter().zip(&other.0);
        self.0.len() == other.0.len() && both.all(|(a, b)| a.0 == b.0 && a.1.same(&b.1))
    }

    /// Bytes of memory.
    pub(crate) const fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<(FieldIx, Value)>()
    }

    /// Stores nothing any longer.
    pub(crate) fn forget(&mut self, at: FieldIx) {
        self.0.retain(|(place, _)| *place != at);
    }

    /// Stores a value.
    pub fn set(&mut self, at: FieldIx, value: Value) {
        match self.0.binary_search_by_key(&at, |(place, _)| *place) {
            Ok(i) => self.0[i].1 = value,
            Err(i) => {
                // Most records have few values, and get no more.
                self.0.reserve_exact(1);
                self.0.insert(i, (at, value));
            }
        }
    }
}
