//! A session that does it right, read once.

use std::fs;
use std::path::Path;

use beamtwin_trace::{Recording, Trace};

use crate::kept::digest;

/// A session to compare with.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// What it holds.
    pub trace: Trace,
    pub(crate) digest: String,
}

impl Reference {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let bytes = read(path)?;
        Ok(Self {
            trace: trace(path, &bytes)?,
            digest: digest(&bytes),
        })
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("failed to read {}: {error}", path.display()))
}

pub(crate) fn trace(path: &Path, bytes: &[u8]) -> Result<Trace, String> {
    let failed = |error: &dyn std::error::Error| format!("{}: failed to {error}", path.display());
    let recording = Recording::read(bytes).map_err(|error| failed(&error))?;
    recording.into_trace().map_err(|error| failed(&error))
}
