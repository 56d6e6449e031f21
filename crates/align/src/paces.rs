//! How fast device time passed while a trace was recorded.

use beamtwin_trace::{Time, Trace, What};

/// How many times faster than the clock device time passed, from when on.
#[derive(Debug)]
pub(crate) struct Paces(Vec<(Time, f32)>);

impl Paces {
    /// Of a trace. Without a word it is real time; where a client lets time pass in steps there is no
    /// other time than that of the device.
    pub(crate) fn of(trace: &Trace) -> Self {
        let paces = trace.facts.iter().filter_map(|fact| match &fact.what {
            What::Pace { text } => {
                let times = text.strip_prefix("times ").and_then(|it| it.parse().ok());
                Some((fact.t, times.unwrap_or(1.0)))
            }
            _ => None,
        });
        Self(paces.collect())
    }

    /// The pace at a moment.
    pub(crate) fn at(&self, t: Time) -> f32 {
        let passed = self.0.partition_point(|pace| pace.0 <= t);
        passed.checked_sub(1).map_or(1.0, |last| self.0[last].1)
    }

    /// The faster of two paces, each at its own moment: what is noise on either side is noise.
    pub(crate) fn faster(sides: &[Self; 2], at: [Time; 2]) -> f64 {
        f64::from(sides[0].at(at[0]).max(sides[1].at(at[1])))
    }
}
