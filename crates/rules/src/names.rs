//! What a name in an expression leads to.

/// Tells what names mean.
pub trait Names {
    /// A word of a device: `motor.x.position`.
    ///
    /// # Errors
    /// If there is no such thing, or nothing that a rule can be about.
    fn word(&self, name: &str) -> Result<Known, Unknown>;

    /// A process variable, by its name.
    ///
    /// # Errors
    /// As of [`word`](Self::word).
    fn pv(&self, name: &str) -> Result<Known, Unknown>;
}

/// What a name leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The process variable, as traces call it.
    pub pv: String,
    /// Whether its values run straight from one to the next; otherwise each stays until the next.
    pub curve: bool,
    /// The units of its values.
    pub units: Option<String>,
    /// The names of its values, in order, if it is an enumeration.
    pub labels: Vec<String>,
    /// What makes it true, if the name is a condition; otherwise it is a number.
    pub test: Option<Test>,
}

/// What makes a process variable true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Test {
    /// This value and no other.
    Is(f64),
    /// Any other value than this.
    IsNot(f64),
}

impl Known {
    /// A number that runs straight from one value to the next.
    #[must_use]
    pub fn curve(pv: impl Into<String>, units: impl Into<String>) -> Self {
        Self {
            curve: true,
            units: Some(units.into()),
            ..Self::steps(pv)
        }
    }

    /// A number that stays until it is another.
    #[must_use]
    pub fn steps(pv: impl Into<String>) -> Self {
        Self {
            pv: pv.into(),
            curve: false,
            units: None,
            labels: Vec::new(),
            test: None,
        }
    }

    /// The same as a condition.
    #[must_use]
    pub fn when(self, test: Test) -> Self {
        Self {
            test: Some(test),
            ..self
        }
    }
}

/// Why a name leads to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

impl Unknown {
    /// Without advice.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    /// The same, with advice.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}
