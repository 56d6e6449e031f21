//! A session that does it right, read once.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use beamtwin_trace::Recording;

use crate::Method;
use crate::kept::digest;
use crate::method::Session;

/// A session to compare with.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    pub(crate) session: Session,
    pub(crate) digest: String,
}

impl Reference {
    pub(crate) fn read(path: &Path, method: &Method) -> Result<Self, String> {
        let bytes = read(path)?;
        Ok(Self {
            session: method.session(path, &bytes)?,
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
