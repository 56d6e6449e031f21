//! The Python side: modules that every Python below a command finds and runs at its start.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use beamtwin_server::folder;

/// A module as it stands in the repository.
macro_rules! module {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../../python/", $path)))
    };
}

/// The modules, by their paths.
const FILES: &[(&str, &str)] = &[
    module!("sitecustomize.py"),
    module!("beamtwin/__init__.py"),
    module!("beamtwin/clock/__init__.py"),
    module!("beamtwin/clock/aio.py"),
    module!("beamtwin/clock/alarms.py"),
    module!("beamtwin/clock/children.py"),
    module!("beamtwin/clock/holding.py"),
    module!("beamtwin/clock/ophyds.py"),
    module!("beamtwin/clock/place.py"),
    module!("beamtwin/clock/pyepics.py"),
    module!("beamtwin/clock/reads.py"),
    module!("beamtwin/clock/real.py"),
    module!("beamtwin/clock/selecting.py"),
    module!("beamtwin/clock/waits.py"),
    module!("beamtwin/hooks.py"),
    module!("beamtwin/lines/__init__.py"),
    module!("beamtwin/lines/clients.py"),
    module!("beamtwin/lines/origin.py"),
    module!("beamtwin/lines/plans.py"),
    module!("beamtwin/lines/script.py"),
    module!("beamtwin/lines/teller.py"),
    module!("beamtwin/lines/where.py"),
];

/// A folder with the modules, which goes in the end.
pub(super) struct Python {
    folder: PathBuf,
}

impl Python {
    /// Writes the modules into a folder that nobody else can look into.
    pub(super) fn new() -> io::Result<Self> {
        let python = Self {
            folder: folder::own(&std::env::temp_dir(), "beamtwin-python")?,
        };
        for (path, text) in FILES {
            let path = python.folder.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&python.folder))?;
            fs::write(path, text)?;
        }
        Ok(python)
    }

    /// Where the modules tell lines.
    pub(super) fn lines(&self) -> PathBuf {
        self.folder.join("lines.socket")
    }

    /// What a command is told by its environment: where the modules are, before all others, and what they are to do.
    pub(super) fn variables(
        &self,
        lines: bool,
        clock: Option<&Path>,
    ) -> Vec<(&'static str, OsString)> {
        let mut path = self.folder.clone().into_os_string();
        if let Some(others) = std::env::var_os("PYTHONPATH").filter(|it| !it.is_empty()) {
            path.push(":");
            path.push(others);
        }
        let lines = lines.then(|| ("BEAMTWIN_LINES", self.lines().into_os_string()));
        let clock = clock.map(|it| ("BEAMTWIN_CLOCK", it.as_os_str().to_owned()));
        [("PYTHONPATH", path)]
            .into_iter()
            .chain(lines)
            .chain(clock)
            .collect()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
