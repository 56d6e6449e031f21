//! Reading what commands are given.

use std::io::Read;
use std::path::Path;

use beamtwin_beamline::{Beamline, Problems, load, open};
use beamtwin_pv::Epoch;
use beamtwin_sim::World;
use beamtwin_trace::Recording;

use crate::failure::Failure;
use crate::output;

/// A text file; `-` is standard input.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    let bytes = bytes(path)?;
    String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("{}: not UTF-8 text", path.display())))
}

/// A file; `-` is standard input.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| Failure::usage(format!("failed to read {}: {error}", path.display())))
}

/// A beamline file; its problems are printed.
pub(crate) fn beamline(path: &Path) -> Result<Beamline, Failure> {
    let text = text(path)?;
    load(&text).map_err(|problems| unsound(&problems, path, &text))
}

/// The world of a beamline file, the prefix of the PVs that tell of the twin, and the text; its problems are
/// printed.
pub(crate) fn world(
    path: &Path,
    seed: u64,
    epoch: Epoch,
) -> Result<(World, Option<String>, String), Failure> {
    let text = text(path)?;
    match open(&text, seed, epoch) {
        Ok((world, twin)) => Ok((world, twin, text)),
        Err(problems) => Err(unsound(&problems, path, &text)),
    }
}

fn unsound(problems: &Problems, path: &Path, text: &str) -> Failure {
    output::complain(&problems.render(&path.display().to_string(), text));
    let count = problems.0.len();
    let problems = if count == 1 { "problem" } else { "problems" };
    Failure::usage(format!("{}: {count} {problems}", path.display()))
}

/// A trace of ours or EnvTrace JSON.
pub(crate) fn recording(path: &Path) -> Result<Recording, Failure> {
    let bytes = bytes(path)?;
    Recording::read(&bytes)
        .map_err(|error| Failure::usage(format!("{}: failed to {error}", path.display())))
}
