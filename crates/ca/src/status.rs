//! `ECA` codes: what became of a request.

use std::fmt;

/// A Channel Access status; its low three bits are a severity, the rest a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Eca(u32);

macro_rules! codes {
    ($($number:literal $severity:literal $name:ident $text:literal),* $(,)?) => {
        impl Eca {
            $(
                #[doc = $text]
                pub const $name: Self = Self($number << 3 | $severity);
            )*

            /// The name of the code, without its `ECA_`.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some(stringify!($name)),)*
                    _ => None,
                }
            }

            /// What the code says to a person.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    _ => "Unknown status",
                }
            }

            /// All codes that this crate knows.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

// The low bits: 0 warning, 1 success, 2 error, 3 information, 6 fatal.
codes! {
    0 1 NORMAL "Normal successful completion",
    6 0 ALLOCMEM "Unable to allocate additional dynamic memory",
    9 0 TOLARGE "The requested data transfer is greater than available memory or EPICS_CA_MAX_ARRAY_BYTES",
    10 0 TIMEOUT "User specified timeout on IO operation expired",
    14 2 BADTYPE "The data type specified is invalid",
    17 6 INTERNAL "Channel Access Internal Failure",
    19 0 GETFAIL "Channel read request failed",
    20 0 PUTFAIL "Channel write request failed",
    22 0 BADCOUNT "Invalid element count requested",
    23 2 BADSTR "Invalid string",
    24 0 DISCONN "Virtual circuit disconnect",
    30 2 BADMONID "Bad event subscription (monitor) identifier",
    34 6 DEFUNCT "Attempt to use defunct CA feature failed",
    41 2 BADMASK "Invalid event selection mask",
    45 2 PUTCBINPROG "Put callback timed out",
    46 0 NORDACCESS "Read access denied",
    47 0 NOWTACCESS "Write access denied",
    54 0 UNAVAILINSERV "Not supported by attached service",
    58 0 ARRAYCLIENT16K "Client's protocol revision does not support transfers exceeding 16k bytes",
}

impl Eca {
    /// The code with this value on the wire.
    #[must_use]
    pub const fn from_code(code: u32) -> Self {
        Self(code)
    }

    /// The value on the wire.
    #[must_use]
    pub const fn code(self) -> u32 {
        self.0
    }

    /// Whether the request was done.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 & 1 == 1
    }
}

impl fmt::Debug for Eca {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "ECA_{name}"),
            None => write!(f, "ECA({:#x})", self.0),
        }
    }
}

impl fmt::Display for Eca {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_captures() {
        assert_eq!(Eca::NORMAL.code(), 1);
        assert_eq!(Eca::ALLOCMEM.code(), 0x30);
        assert_eq!(Eca::INTERNAL.code(), 0x8e);
        assert_eq!(Eca::PUTFAIL.code(), 0xa0);
        assert_eq!(Eca::BADMONID.code(), 0xf2);
        assert_eq!(Eca::ALL.iter().filter(|eca| eca.is_success()).count(), 1);
    }

    #[test]
    fn codes_have_names_and_messages() {
        assert_eq!(format!("{:?}", Eca::NOWTACCESS), "ECA_NOWTACCESS");
        assert_eq!(Eca::NOWTACCESS.to_string(), "Write access denied");
        assert_eq!(format!("{:?}", Eca::from_code(2)), "ECA(0x2)");
    }
}
