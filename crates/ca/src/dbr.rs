//! Payloads: STRING…DOUBLE, plain or with status, time, graphic or control information.

use beamtwin_pv::ValueKind;

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

impl Dbr {
    /// The type with this code.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Some(match code {
            0..=34 => {
                let form = [
                    Form::Plain,
                    Form::Status,
                    Form::Time,
                    Form::Graphic,
                    Form::Control,
                ][usize::from(code / 7)];
                Self::Value(form, ValueKind::ALL[usize::from(code % 7)])
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
}
