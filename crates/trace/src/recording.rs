//! A recorded session in whatever form it came.

use thiserror::Error;

use crate::envtrace::{self, Event, ImportError, Selection};
use crate::{NotADate, ReadError, Trace};

/// A recorded session: our trace, or the events of EnvTrace.
#[derive(Debug, Clone, PartialEq)]
pub enum Recording {
    /// A trace.
    Trace(Box<Trace>),
    /// EnvTrace JSON.
    Events(Vec<Event>),
}

/// Why a file is no recording.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// It begins like a trace, but cannot be read as one.
    #[error(transparent)]
    Trace(#[from] ReadError),
    /// It is neither a trace nor EnvTrace JSON.
    #[error("find a trace or EnvTrace JSON ({0})")]
    Neither(ImportError),
}

impl Recording {
    /// Reads a trace, or else EnvTrace JSON.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordingError> {
        match Trace::read(bytes) {
            Ok(trace) => Ok(Self::Trace(Box::new(trace))),
            Err(ReadError::NotATrace) => envtrace::parse(bytes)
                .map(Self::Events)
                .map_err(RecordingError::Neither),
            Err(error) => Err(error.into()),
        }
    }

    /// The recording as a trace.
    pub fn into_trace(self) -> Result<Trace, ImportError> {
        match self {
            Self::Trace(trace) => Ok(*trace),
            Self::Events(events) => envtrace::import(&events),
        }
    }

    /// The recording as events; those of EnvTrace JSON are all kept as they are.
    pub fn into_events(self, selection: &Selection) -> Result<Vec<Event>, NotADate> {
        match self {
            Self::Trace(trace) => envtrace::export(&trace, selection),
            Self::Events(events) => Ok(events),
        }
    }
}
