//! `beamtwin explain`: where each setting of a device comes from.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::failure::Failure;
use crate::{files, output};

/// Shows each setting of a device, its value, and the line that set it.
///
/// Example: beamtwin explain beamlines/cms.toml motor.sample.theta
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The beamline file.
    file: PathBuf,
    /// The device, as `kind.name` or `kind.name.each`.
    device: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let beamline = files::beamline(&arguments.file)?;
    let Some(explanation) = beamline.explain(&arguments.device) else {
        let known: Vec<String> = beamline
            .devices()
            .map(|known| known.device.clone())
            .collect();
        return Err(Failure::usage(format!(
            "there is no device {}; there are {}",
            arguments.device,
            known.join(", ")
        )));
    };
    output::tell(&explanation.to_string())?;
    Ok(ExitCode::SUCCESS)
}
