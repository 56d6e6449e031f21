//! What weighs how much, and from where on times and curves decide.

use serde::{Deserialize, Serialize};

/// What a row costs when its sides do not agree, and what it earns when they do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// Any step.
    pub step: f64,
    /// A step that asks a channel for what it was last asked for.
    pub repeat: f64,
    /// An exposure.
    pub exposure: f64,
    /// The last step that changes what a channel is asked for: where it ends.
    pub last: f64,
    /// A violated limit, or a refused put that counts, that one side has more than the other.
    pub refused: f64,
    /// What part of the score the curves can take, from 0 to 1.
    pub curves: f64,
    /// What part of the score the times can take, from 0 to 1.
    pub time: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            step: 1.0,
            repeat: 0.25,
            exposure: 2.0,
            last: 4.0,
            refused: 4.0,
            curves: 0.3,
            time: 0.2,
        }
    }
}

impl Weights {
    /// What is wrong with the weights, if anything is.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let steps = [self.step, self.repeat, self.exposure, self.last];
        if steps
            .iter()
            .any(|weight| !weight.is_finite() || *weight <= 0.0)
        {
            return Some("weights of steps must be larger than zero");
        }
        if !self.refused.is_finite() || self.refused < 0.0 {
            return Some("the weight of what is refused must be a number from zero up");
        }
        if [self.curves, self.time]
            .iter()
            .any(|weight| !(0.0..=1.0).contains(weight))
        {
            return Some("the weights of curves and time must lie between 0 and 1");
        }
        None
    }
}

/// How times are judged. Times are in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeBounds {
    /// Two intervals are the same when they differ by no more than this.
    pub noise: f64,
    /// The sessions are not alike when one is at least so many times as long as the other …
    pub stretch: f64,
    /// … and longer by at least this.
    pub excess: f64,
}

impl Default for TimeBounds {
    fn default() -> Self {
        Self {
            noise: 0.05,
            stretch: 10.0,
            excess: 300.0,
        }
    }
}

/// How curves are judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CurveBounds {
    /// The sessions are not alike when a curve is off by more than this part of its span.
    pub off: f64,
    /// The same when one side takes so many times as long as the other to come along.
    pub slower: f64,
}

impl Default for CurveBounds {
    fn default() -> Self {
        Self {
            off: 0.25,
            slower: 1.5,
        }
    }
}
