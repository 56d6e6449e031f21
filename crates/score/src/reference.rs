//! A session that does it right, read once.

use std::fs::File;
use std::io::{self, Read};
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

/// What a file holds, if it begins as a recording does; else it is not read on.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    /// So many bytes tell.
    const START: u64 = 64;
    let failed = |error: io::Error| format!("failed to read {}: {error}", path.display());
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let mut start = file.by_ref().take(START);
    start.read_to_end(&mut bytes).map_err(failed)?;
    Recording::begins(&bytes).map_err(|error| format!("{}: failed to {error}", path.display()))?;
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

pub(crate) fn trace(path: &Path, bytes: &[u8]) -> Result<Trace, String> {
    let failed = |error: &dyn std::error::Error| format!("{}: failed to {error}", path.display());
    let recording = Recording::read(bytes).map_err(|error| failed(&error))?;
    recording.into_trace().map_err(|error| failed(&error))
}
