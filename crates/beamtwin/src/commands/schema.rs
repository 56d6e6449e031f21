//! `beamtwin schema`: the JSON Schema of beamline files.

use std::process::ExitCode;

use clap::Args;

use crate::failure::Failure;
use crate::output;

/// Prints the JSON Schema of beamline files, for editors.
///
/// Example: beamtwin schema > beamline.json
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: &Arguments) -> Result<ExitCode, Failure> {
    output::print(format!("{:#}\n", beamtwin_beamline::schema()))?;
    Ok(ExitCode::SUCCESS)
}
