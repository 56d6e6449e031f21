//! `beamtwin check`: every problem of a beamline file.

use std::path::PathBuf;
use std::process::ExitCode;

use beamtwin_beamline::load;
use clap::Args;

use crate::failure::{Failure, code};
use crate::{files, output};

/// Finds every problem of beamline files, each with its place and what would be right.
///
/// Example: beamtwin check beamlines/*.toml
///
/// Exits with 0 if there are none, 1 if there are, 2 if a file cannot be read.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Beamline files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut found = 0;
    for path in &arguments.files {
        let text = files::text(path)?;
        if let Err(problems) = load(&text) {
            output::tell(&problems.render(&path.display().to_string(), &text))?;
            found += problems.0.len();
        }
    }
    if found > 0 {
        let problems = if found == 1 { "problem" } else { "problems" };
        output::complain(&format!("{found} {problems}"));
        return Ok(ExitCode::from(code::FINDINGS));
    }
    Ok(ExitCode::SUCCESS)
}
