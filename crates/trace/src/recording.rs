//! A recorded session in whatever form it came.

use std::io::{BufRead, Read};

use serde::de::IgnoredAny;
use thiserror::Error;

use crate::envtrace::{self, Event, ImportError, Selection};
use crate::{NotADate, ReadError, Trace};

/// The byte order mark that some programs put before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// How many bytes tell whether a file may be a recording at all.
const START: u64 = 64;

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
        Self::read_from(bytes)
    }

    /// Reads a trace line by line, or else EnvTrace JSON as a whole; what begins like neither is not read on.
    /// A byte order mark at the beginning is skipped.
    pub fn read_from(mut input: impl BufRead) -> Result<Self, RecordingError> {
        let mut start = Vec::new();
        input
            .by_ref()
            .take(START)
            .read_to_end(&mut start)
            .map_err(ReadError::from)?;
        Self::begins(&start)?;
        let mut input = unmarked(&start).chain(input);
        let mut bytes = Vec::new();
        input
            .read_until(b'\n', &mut bytes)
            .map_err(ReadError::from)?;
        match Trace::read(bytes.as_slice().chain(&mut input)) {
            Ok(trace) => Ok(Self::Trace(Box::new(trace))),
            Err(ReadError::NotATrace) => {
                input.read_to_end(&mut bytes).map_err(ReadError::from)?;
                envtrace::parse(&bytes)
                    .map(Self::Events)
                    .map_err(RecordingError::Neither)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a recording may begin with these bytes.
    ///
    /// # Errors
    /// If neither a trace nor EnvTrace JSON does.
    pub fn begins(start: &[u8]) -> Result<(), RecordingError> {
        let start = unmarked(start);
        let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
        if first.is_none_or(|byte| b"{[".contains(byte)) {
            return Ok(());
        }
        let error = serde_json::from_slice::<IgnoredAny>(start).err();
        let error = error.map_or(ImportError::NoEvents, ImportError::from);
        Err(RecordingError::Neither(error))
    }

    /// The recording as a trace, which begins at time zero.
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

/// A text without a byte order mark.
pub(crate) fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}
