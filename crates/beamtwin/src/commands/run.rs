//! `beamtwin run`: serves a beamline.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Args;

use super::serving::{self, Serving};
use crate::failure::Failure;
use crate::prepared::{Wanted, prepare};

/// Serves a beamline over Channel Access until interrupted.
///
/// Example: beamtwin run beamlines/tutorial.toml --record session.jsonl
///
/// EPICS_CAS_* and EPICS_CA_* variables mean what they mean for an IOC; options override them. Without
/// either, only this machine can connect.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The beamline file.
    file: PathBuf,
    #[command(flatten)]
    serving: Serving,
    /// Seed of all noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Date of device time zero, such as 2026-01-01T00:00:00Z; now if not said.
    #[arg(long, value_name = "RFC3339")]
    epoch: Option<DateTime<Utc>>,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Serving {
        record, control, ..
    } = &arguments.serving;
    let wanted = Wanted {
        addresses: arguments.serving.addresses()?,
        pace: arguments.serving.pace()?,
        seed: arguments.seed,
        epoch: arguments.epoch,
        record: record.clone(),
        control: control.clone(),
    };
    let (world, options) = prepare(&arguments.file, wanted)?;
    serving::serve(world, options)
}
