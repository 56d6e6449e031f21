//! Payloads: STRING…DOUBLE, plain or with status, time, graphic or control information.

mod decode;
mod elements;
mod encode;

use beamtwin_pv::ValueKind;

pub use decode::{Decoded, Malformed, acknowledgement, class_name, decode, value};
pub(crate) use elements::Elements;
pub(crate) use encode::head;
pub use encode::{encode, encode_class_name, encode_stsack};

/// What a payload holds: one of the 39 `DBR` types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dbr {
    /// A value with what its form adds (0 to 34).
    Value(Form, ValueKind),
    /// Whether transient alarms need acknowledging, to be written (35).
    PutAckt,
    /// The highest severity acknowledged, to be written (36).
    PutAcks,
    /// Text with alarm and acknowledgement (37).
    StsackString,
    /// The record type (38).
    ClassName,
}

/// What a payload tells besides the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Nothing (`DBR_X`).
    Plain = 0,
    /// The alarm (`DBR_STS_X`).
    Status = 1,
    /// Alarm and time stamp (`DBR_TIME_X`).
    Time = 2,
    /// Alarm, units, precision, display and alarm limits, labels (`DBR_GR_X`).
    Graphic = 3,
    /// All that and control limits (`DBR_CTRL_X`).
    Control = 4,
}

/// Alarm acknowledgement of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acknowledgement {
    /// `ACKT`: whether transient alarms need acknowledging.
    pub transient: bool,
    /// `ACKS`: the highest severity not yet acknowledged.
    pub severity: u16,
}

impl Form {
    /// All forms, in `DBR` order.
    pub const ALL: [Self; 5] = [
        Self::Plain,
        Self::Status,
        Self::Time,
        Self::Graphic,
        Self::Control,
    ];
}

impl Dbr {
    /// The type with this code.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Some(match code {
            0..=34 => {
                let (form, kind) = (usize::from(code / 7), usize::from(code % 7));
                Self::Value(Form::ALL[form], ValueKind::ALL[kind])
            }
            35 => Self::PutAckt,
            36 => Self::PutAcks,
            37 => Self::StsackString,
            38 => Self::ClassName,
            _ => return None,
        })
    }

    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Value(form, kind) => form as u16 * 7 + kind as u16,
            Self::PutAckt => 35,
            Self::PutAcks => 36,
            Self::StsackString => 37,
            Self::ClassName => 38,
        }
    }

    /// Whether a payload made of values of this kind neither tells units, limits and labels nor needs them to
    /// convert.
    #[must_use]
    pub fn is_bare(self, kind: ValueKind) -> bool {
        matches!(self, Self::Value(Form::Plain | Form::Status | Form::Time, asked) if asked == kind)
    }

    /// Bytes of a payload of so many elements, without the padding to eight.
    #[must_use]
    pub const fn size(self, count: usize) -> usize {
        let (offset, element) = self.layout();
        offset.saturating_add(count.saturating_mul(element))
    }

    /// Where the first element stands and how many bytes each takes.
    #[must_use]
    pub const fn layout(self) -> (usize, usize) {
        match self {
            Self::Value(form, kind) => (OFFSETS[form as usize][kind as usize], element(kind)),
            Self::PutAckt | Self::PutAcks => (0, 2),
            Self::StsackString => (8, STRING),
            Self::ClassName => (0, STRING),
        }
    }
}

/// Bytes of one element.
#[must_use]
pub const fn element(kind: ValueKind) -> usize {
    match kind {
        ValueKind::Char => 1,
        ValueKind::Enum | ValueKind::Short => 2,
        ValueKind::Float | ValueKind::Long => 4,
        ValueKind::Double => 8,
        ValueKind::String => STRING,
    }
}

/// Bytes of a string, terminator included.
pub const STRING: usize = 40;
/// Bytes of units, terminator included.
const UNITS: usize = 8;
/// Bytes of an enum label, terminator included.
const LABEL: usize = 26;
/// Labels in an enum's table, used or not.
const LABELS: usize = 16;

/// Where values stand behind their form's fields, with the pads that C compilers put there
/// (`RISC_pad` in `db_access.h`): STRING, SHORT, FLOAT, ENUM, CHAR, LONG, DOUBLE.
const OFFSETS: [[usize; 7]; 5] = [
    [0, 0, 0, 0, 0, 0, 0],
    [4, 4, 4, 4, 5, 4, 8],
    [12, 14, 12, 14, 15, 12, 16],
    [4, 24, 40, 422, 19, 36, 64],
    [4, 28, 48, 422, 21, 44, 80],
];

#[cfg(test)]
mod tests;
