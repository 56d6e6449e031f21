//! One row of a table: a record of a device that has many.

use beamtwin_pv::{Alarm, AlarmStatus, Array, Severity, Text, Value, ValueKind};
use beamtwin_sim::record::{common, val};
use beamtwin_sim::surface::RecordBuilder;
use beamtwin_sim::{Meaning, RecordType, Role, Surface};

/// What is known of one record before anything runs.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What follows the prefix.
    pub suffix: &'static str,
    /// Its record type.
    pub kind: &'static RecordType,
    /// Its first number, or the index of its first state.
    pub number: f64,
    /// Its first text.
    pub text: &'static str,
    /// The names of its states.
    pub states: &'static [&'static str],
    /// The severity of each state.
    pub severities: [Severity; 16],
    /// Digits after the point.
    pub precision: i16,
    /// Engineering units.
    pub units: &'static str,
    /// The most elements it can have.
    pub count: u32,
    /// Whether it starts as a record that never processed.
    pub undefined: bool,
    /// Who may write it, where that is not as the record type says.
    pub role: Option<Role>,
    /// What its value means in a comparison, where that is not what the role suggests.
    pub meaning: Option<Meaning>,
}

impl Row {
    /// A record that starts at zero.
    #[must_use]
    pub const fn new(suffix: &'static str, kind: &'static RecordType) -> Self {
        Self {
            suffix,
            kind,
            number: 0.0,
            text: "",
            states: &[],
            severities: [Severity::None; 16],
            precision: 0,
            units: "",
            count: 1,
            undefined: false,
            role: None,
            meaning: None,
        }
    }

    /// Counting images.
    #[must_use]
    pub const fn frames(self) -> Self {
        Self {
            meaning: Some(Meaning::Frame),
            ..self
        }
    }

    /// With a first number or state.
    #[must_use]
    pub const fn number(self, number: f64) -> Self {
        Self { number, ..self }
    }

    /// With a first text.
    #[must_use]
    pub const fn text(self, text: &'static str) -> Self {
        Self { text, ..self }
    }

    /// With named states.
    #[must_use]
    pub const fn states(self, states: &'static [&'static str]) -> Self {
        Self { states, ..self }
    }

    /// With a state that is a minor alarm.
    #[must_use]
    pub const fn minor(self, state: usize) -> Self {
        self.severe(state, Severity::Minor)
    }

    /// With a state that is a major alarm.
    #[must_use]
    pub const fn major(self, state: usize) -> Self {
        self.severe(state, Severity::Major)
    }

    const fn severe(self, state: usize, severity: Severity) -> Self {
        let mut severities = self.severities;
        severities[state] = severity;
        Self { severities, ..self }
    }

    /// With so many digits after the point.
    #[must_use]
    pub const fn precision(self, precision: i16) -> Self {
        Self { precision, ..self }
    }

    /// With engineering units.
    #[must_use]
    pub const fn units(self, units: &'static str) -> Self {
        Self { units, ..self }
    }

    /// With room for so many elements.
    #[must_use]
    pub const fn count(self, count: u32) -> Self {
        Self { count, ..self }
    }

    /// As a record that never processed.
    #[must_use]
    pub const fn undefined(self) -> Self {
        Self {
            undefined: true,
            ..self
        }
    }

    /// As an array that only the driver writes.
    #[must_use]
    pub const fn readonly(self) -> Self {
        Self {
            role: Some(Role::Readback),
            ..self
        }
    }

    /// As an array that clients write.
    #[must_use]
    pub const fn writable(self) -> Self {
        Self {
            role: Some(Role::Command),
            ..self
        }
    }

    /// Whether clients may write it: its device decides what comes of it.
    #[must_use]
    pub fn is_output(&self) -> bool {
        match self.role {
            Some(role) => role == Role::Command,
            None => matches!(
                self.kind.field(val(self.kind)).role,
                Role::Setting | Role::Command
            ),
        }
    }

    /// Declares the record under a prefix.
    pub fn declare<'a>(&self, prefix: &str, surface: &'a mut Surface) -> RecordBuilder<'a> {
        let kind = self.kind;
        let field = kind.field(val(kind));
        let mut record = surface.record(format!("{prefix}{}", self.suffix), kind);
        if field.array {
            record = record.with("NELM", f64::from(self.count));
            // A driver posts even an empty text, with its terminator.
            let posted = self.role == Some(Role::Readback) && field.kind == ValueKind::Char;
            if !self.text.is_empty() || posted && !self.undefined {
                record = record.with("VAL", characters(self.text));
                record = record.with("NORD", (self.text.len() + 1) as f64);
            }
        } else if field.kind == ValueKind::String {
            if !self.text.is_empty() {
                record = record.with("VAL", self.text);
            }
        } else if self.number != 0.0 {
            record = record.with("VAL", self.number);
        }
        if self.precision != 0 {
            record = record.with("PREC", self.precision);
        }
        if !self.units.is_empty() {
            record = record.with("EGU", self.units);
        }
        let binary = kind.find("ZNAM").is_some();
        for (at, &state) in self.states.iter().enumerate() {
            let name = if binary {
                ["ZNAM", "ONAM"][at]
            } else {
                common::MULTI[at]
            };
            record = record.with(name, state);
        }
        for (state, severity) in (0..).zip(self.severities) {
            if severity == Severity::None {
                continue;
            }
            let name = super::process::severity_of(kind, state);
            record = record.with(name, severity as u16);
            if self.number == f64::from(state) {
                record = record.alarm(Alarm::new(severity, AlarmStatus::State));
            }
        }
        if self.undefined {
            record = record.alarm(Alarm::UNDEFINED);
        }
        if self.is_output() {
            record = record.role(Role::Command);
        } else if let Some(role) = self.role {
            record = record.role(role);
        }
        if let Some(meaning) = self.meaning {
            record = record.means(meaning);
        }
        record
    }
}

/// A text as a character array with its terminator, as asyn drivers post it.
#[must_use]
pub fn characters(text: &str) -> Value {
    let bytes: Vec<u8> = text.bytes().chain([0]).collect();
    Value::Array(Array::Char(bytes.into()))
}

/// The text in a character array, up to its terminator.
#[must_use]
pub fn text(value: &Value) -> Text {
    match value {
        Value::Array(Array::Char(bytes)) => {
            Text::from_bytes(bytes.split(|&byte| byte == 0).next().unwrap_or_default())
        }
        Value::String(text) => text.clone(),
        _ => Text::EMPTY,
    }
}
