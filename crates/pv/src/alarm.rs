//! EPICS alarm severity and status, in the order of their codes.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Severity {
    /// No alarm.
    #[default]
    None = 0,
    /// Worth a look.
    Minor = 1,
    /// Act now.
    Major = 2,
    /// The value cannot be trusted.
    Invalid = 3,
}

macro_rules! statuses {
    ($($code:literal $variant:ident $name:literal),* $(,)?) => {
        /// What is wrong: the 22 conditions of EPICS base.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "the names are those of EPICS base")]
        pub enum AlarmStatus {
            #[default]
            $($variant = $code),*
        }

        impl AlarmStatus {
            /// The labels of a `STAT` field, in order.
            pub const LABELS: &[&str] = &[$($name),*];

            /// The status with this code.
            #[must_use]
            pub const fn from_code(code: u16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    0 None "NO_ALARM", 1 Read "READ", 2 Write "WRITE", 3 Hihi "HIHI", 4 High "HIGH", 5 Lolo "LOLO",
    6 Low "LOW", 7 State "STATE", 8 Cos "COS", 9 Comm "COMM", 10 Timeout "TIMEOUT",
    11 HwLimit "HWLIMIT", 12 Calc "CALC", 13 Scan "SCAN", 14 Link "LINK", 15 Soft "SOFT",
    16 BadSub "BAD_SUB", 17 Udf "UDF", 18 Disable "DISABLE", 19 Simm "SIMM",
    20 ReadAccess "READ_ACCESS", 21 WriteAccess "WRITE_ACCESS",
}

impl Severity {
    /// The labels of a `SEVR` field, in order.
    pub const LABELS: &[&str] = &["NO_ALARM", "MINOR", "MAJOR", "INVALID"];

    /// The severity with this code.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<Self> {
        match code {
            0 => Some(Self::None),
            1 => Some(Self::Minor),
            2 => Some(Self::Major),
            3 => Some(Self::Invalid),
            _ => None,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::LABELS[*self as usize])
    }
}

impl fmt::Display for AlarmStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::LABELS[*self as usize])
    }
}

/// A severity with its cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Alarm {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub status: AlarmStatus,
}

impl Alarm {
    /// No alarm.
    pub const NONE: Self = Self {
        severity: Severity::None,
        status: AlarmStatus::None,
    };
    /// Never written: `UDF`, `INVALID`, as a record starts that nobody initialised.
    pub const UNDEFINED: Self = Self {
        severity: Severity::Invalid,
        status: AlarmStatus::Udf,
    };

    /// An alarm of this severity and status.
    #[must_use]
    pub const fn new(severity: Severity, status: AlarmStatus) -> Self {
        Self { severity, status }
    }
}
