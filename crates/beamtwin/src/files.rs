//! Reading what commands are given.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use beamtwin_beamline::{Beamline, Problems, Serving, load, open};
use beamtwin_pv::Epoch;
use beamtwin_sim::World;
use beamtwin_trace::{ReadError, Recording, RecordingError};

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
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| unread(path, &error))
}

/// A beamline file; its problems are printed.
pub(crate) fn beamline(path: &Path) -> Result<Beamline, Failure> {
    let text = text(path)?;
    load(&text).map_err(|problems| unsound(&problems, path, &text))
}

/// The world of a beamline file, what the file says to whoever serves it, and the text; its problems are printed.
pub(crate) fn world(
    path: &Path,
    seed: u64,
    epoch: Epoch,
) -> Result<(World, Serving, String), Failure> {
    let text = text(path)?;
    match open(&text, seed, epoch) {
        Ok((world, serving)) => Ok((world, serving, text)),
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
    let recording = if path == Path::new("-") {
        Recording::read_from(io::stdin().lock())
    } else {
        let file = File::open(path).map_err(|error| unread(path, &error))?;
        Recording::read_from(BufReader::new(file))
    };
    recording.map_err(|error| match error {
        RecordingError::Trace(ReadError::Input(error)) => unread(path, &error),
        other => Failure::usage(format!("{}: failed to {other}", path.display())),
    })
}

fn unread(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("failed to read {}: {error}", path.display()))
}

/// Writes a file.
pub(crate) fn write(out: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(out, bytes)
        .map_err(|error| Failure::usage(format!("failed to write {}: {error}", out.display())))
}

/// Refuses to write over a file that is read.
pub(crate) fn spare(out: &Path, inputs: &[&Path]) -> Result<(), Failure> {
    let Ok(place) = out.canonicalize() else {
        return Ok(());
    };
    let is_same = |input: &&&Path| input.canonicalize().is_ok_and(|input| input == place);
    match inputs.iter().find(is_same) {
        Some(_) => Err(Failure::usage(format!(
            "failed to write {}: it is what is read",
            out.display()
        ))),
        None => Ok(()),
    }
}
