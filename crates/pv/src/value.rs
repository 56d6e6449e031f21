//! What a process variable can hold.

use std::fmt;
use std::sync::Arc;

use crate::text::Text;

/// One of the seven native types of Channel Access, in the order of their `DBR` codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ValueKind {
    /// At most 39 bytes of text (`DBR_STRING`, 0).
    String = 0,
    /// 16-bit integer (`DBR_SHORT`, 1).
    Short = 1,
    /// 32-bit float (`DBR_FLOAT`, 2).
    Float = 2,
    /// Index into at most 16 labels (`DBR_ENUM`, 3).
    Enum = 3,
    /// 8-bit unsigned integer (`DBR_CHAR`, 4).
    Char = 4,
    /// 32-bit integer (`DBR_LONG`, 5).
    Long = 5,
    /// 64-bit float (`DBR_DOUBLE`, 6).
    Double = 6,
}

impl ValueKind {
    /// All kinds, in `DBR` order.
    pub const ALL: [Self; 7] = [
        Self::String,
        Self::Short,
        Self::Float,
        Self::Enum,
        Self::Char,
        Self::Long,
        Self::Double,
    ];

    /// The name that traces and listings use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Short => "short",
            Self::Float => "float",
            Self::Enum => "enum",
            Self::Char => "char",
            Self::Long => "long",
            Self::Double => "double",
        }
    }

    /// Whether values are whole numbers.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::Short | Self::Enum | Self::Char | Self::Long)
    }

    /// The zero of the kind.
    #[must_use]
    pub const fn zero(self) -> Value {
        match self {
            Self::String => Value::String(Text::EMPTY),
            Self::Short => Value::Short(0),
            Self::Float => Value::Float(0.0),
            Self::Enum => Value::Enum(0),
            Self::Char => Value::Char(0),
            Self::Long => Value::Long(0),
            Self::Double => Value::Double(0.0),
        }
    }
}

/// A scalar or an array.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An 8-bit unsigned integer.
    Char(u8),
    /// A 64-bit float.
    Double(f64),
    /// An index into labels.
    Enum(u16),
    /// A 32-bit float.
    Float(f32),
    /// A 32-bit integer.
    Long(i32),
    /// A 16-bit integer.
    Short(i16),
    /// Text.
    String(Text),
    /// Zero or more elements of one kind.
    Array(Array),
}

/// Shared elements of one kind; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub enum Array {
    /// Bytes, and long text.
    Char(Arc<[u8]>),
    /// 64-bit floats.
    Double(Arc<[f64]>),
    /// Indices into labels.
    Enum(Arc<[u16]>),
    /// 32-bit floats.
    Float(Arc<[f32]>),
    /// 32-bit integers.
    Long(Arc<[i32]>),
    /// 16-bit integers.
    Short(Arc<[i16]>),
    /// Texts.
    String(Arc<[Text]>),
}

impl Value {
    /// The kind of the value or of its elements.
    #[must_use]
    pub const fn kind(&self) -> ValueKind {
        match self {
            Self::Char(_) => ValueKind::Char,
            Self::Double(_) => ValueKind::Double,
            Self::Enum(_) => ValueKind::Enum,
            Self::Float(_) => ValueKind::Float,
            Self::Long(_) => ValueKind::Long,
            Self::Short(_) => ValueKind::Short,
            Self::String(_) => ValueKind::String,
            Self::Array(array) => array.kind(),
        }
    }

    /// The number of elements; 1 for a scalar.
    #[must_use]
    pub fn count(&self) -> usize {
        if let Self::Array(array) = self {
            array.len()
        } else {
            1
        }
    }

    /// The number in a scalar, or in the first element of an array.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Char(v) => Some(f64::from(*v)),
            Self::Double(v) => Some(*v),
            Self::Enum(v) => Some(f64::from(*v)),
            Self::Float(v) => Some(f64::from(*v)),
            Self::Long(v) => Some(f64::from(*v)),
            Self::Short(v) => Some(f64::from(*v)),
            Self::String(_) => None,
            Self::Array(array) => array.element(0)?.as_f64(),
        }
    }

    /// The text, if it is a scalar text.
    #[must_use]
    pub const fn as_text(&self) -> Option<&Text> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// Whether both hold the same bits: NaN is the same as NaN, `0.0` is not `-0.0`.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Double(a), Self::Double(b)) => a.to_bits() == b.to_bits(),
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Array(Array::Double(a)), Self::Array(Array::Double(b))) => {
                a.len() == b.len() && a.iter().zip(&**b).all(|(a, b)| a.to_bits() == b.to_bits())
            }
            (Self::Array(Array::Float(a)), Self::Array(Array::Float(b))) => {
                a.len() == b.len() && a.iter().zip(&**b).all(|(a, b)| a.to_bits() == b.to_bits())
            }
            _ => self == other,
        }
    }
}

impl Array {
    /// The kind of the elements.
    #[must_use]
    pub const fn kind(&self) -> ValueKind {
        match self {
            Self::Char(_) => ValueKind::Char,
            Self::Double(_) => ValueKind::Double,
            Self::Enum(_) => ValueKind::Enum,
            Self::Float(_) => ValueKind::Float,
            Self::Long(_) => ValueKind::Long,
            Self::Short(_) => ValueKind::Short,
            Self::String(_) => ValueKind::String,
        }
    }

    /// An array of no elements.
    #[must_use]
    pub fn empty(kind: ValueKind) -> Self {
        match kind {
            ValueKind::Char => Self::Char(Arc::default()),
            ValueKind::Double => Self::Double(Arc::default()),
            ValueKind::Enum => Self::Enum(Arc::default()),
            ValueKind::Float => Self::Float(Arc::default()),
            ValueKind::Long => Self::Long(Arc::default()),
            ValueKind::Short => Self::Short(Arc::default()),
            ValueKind::String => Self::String(Arc::default()),
        }
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Char(a) => a.len(),
            Self::Double(a) => a.len(),
            Self::Enum(a) => a.len(),
            Self::Float(a) => a.len(),
            Self::Long(a) => a.len(),
            Self::Short(a) => a.len(),
            Self::String(a) => a.len(),
        }
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One element as a scalar.
    #[must_use]
    pub fn element(&self, index: usize) -> Option<Value> {
        Some(match self {
            Self::Char(a) => Value::Char(*a.get(index)?),
            Self::Double(a) => Value::Double(*a.get(index)?),
            Self::Enum(a) => Value::Enum(*a.get(index)?),
            Self::Float(a) => Value::Float(*a.get(index)?),
            Self::Long(a) => Value::Long(*a.get(index)?),
            Self::Short(a) => Value::Short(*a.get(index)?),
            Self::String(a) => Value::String(a.get(index)?.clone()),
        })
    }

    /// The elements as scalars.
    pub fn iter(&self) -> impl Iterator<Item = Value> + '_ {
        (0..self.len()).filter_map(|index| self.element(index))
    }

    /// Gathers scalars of one kind; `None` if one is of another kind or not a scalar.
    pub fn collect(kind: ValueKind, values: impl IntoIterator<Item = Value>) -> Option<Self> {
        macro_rules! gather {
            ($variant:ident) => {
                Self::$variant(
                    values
                        .into_iter()
                        .map(|v| {
                            if let Value::$variant(x) = v {
                                Some(x)
                            } else {
                                None
                            }
                        })
                        .collect::<Option<Arc<[_]>>>()?,
                )
            };
        }
        Some(match kind {
            ValueKind::Char => gather!(Char),
            ValueKind::Double => gather!(Double),
            ValueKind::Enum => gather!(Enum),
            ValueKind::Float => gather!(Float),
            ValueKind::Long => gather!(Long),
            ValueKind::Short => gather!(Short),
            ValueKind::String => gather!(String),
        })
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(v) => v.fmt(f),
            Self::Double(v) => v.fmt(f),
            Self::Enum(v) => v.fmt(f),
            Self::Float(v) => v.fmt(f),
            Self::Long(v) => v.fmt(f),
            Self::Short(v) => v.fmt(f),
            Self::String(v) => v.fmt(f),
            Self::Array(array) => {
                f.write_str("[")?;
                for (index, value) in array.iter().take(8).enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    value.fmt(f)?;
                }
                if array.len() > 8 {
                    write!(f, ", … {} elements", array.len())?;
                }
                f.write_str("]")
            }
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}

from!(u8 => Char, f64 => Double, u16 => Enum, f32 => Float, i32 => Long, i16 => Short, Text => String, Array => Array);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}
