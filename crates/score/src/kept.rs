//! Results of earlier runs, one file for each pair, named by what went into it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{Method, Outcome};

/// Changes when the method or the form of what is kept does.
const FORM: &str = "beamtwin score 2";

/// A folder of results.
#[derive(Clone, Debug)]
pub struct Kept {
    folder: Option<PathBuf>,
}

impl Kept {
    /// Keeps results in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: Some(folder.to_owned()),
        })
    }

    /// Keeps nothing.
    pub const fn nothing() -> Self {
        Self { folder: None }
    }

    /// The result under a key, if there is one that can be read.
    pub(crate) fn get(&self, key: &str) -> Option<Outcome> {
        let bytes = fs::read(self.path(key)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps a result: whole or not at all, whenever the program is stopped.
    pub(crate) fn put(&self, key: &str, outcome: &Outcome) -> io::Result<()> {
        let Some(path) = self.path(key) else {
            return Ok(());
        };
        let half = path.with_extension(format!("half-{}", std::process::id()));
        fs::write(&half, serde_json::to_vec(outcome)?)?;
        fs::rename(half, path)
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(format!("{key}.json")))
    }
}

/// What a file holds, in short.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The key of a pair: both files, the method with its settings, and the program that judges.
pub(crate) fn key(reference: &str, session: &str, method: &Method) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let all = [FORM, version, &method.text(), reference, session].join("\n");
    hex(&Sha256::digest(all.as_bytes()))[..40].to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
