//! Folders that nobody else can look into.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// How many folders of killed processes with our number are passed by.
const FOLDERS: u32 = 1000;

/// A new folder that nobody else can look into, whose name begins so.
///
/// # Errors
/// If it cannot be made.
pub fn own(temporary: &Path, name: &str) -> io::Result<PathBuf> {
    let process = std::process::id();
    let mut taken = None;
    for number in 0..FOLDERS {
        let name = match number {
            0 => format!("{name}-{process}"),
            _ => format!("{name}-{process}-{number}"),
        };
        let folder = temporary.join(name);
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(taken.unwrap_or_else(|| io::ErrorKind::AlreadyExists.into()))
}
