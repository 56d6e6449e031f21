//! `beamtwin replay`: the recorded inputs against a fresh world.

use std::path::PathBuf;
use std::process::ExitCode;

use beamtwin_beamline::load;
use beamtwin_pv::Epoch;
use beamtwin_session::{Verdict, replay};
use beamtwin_trace::{Header, Source};
use clap::Args;

use crate::failure::{Failure, code};
use crate::files;
use crate::output::say;

/// Feeds the inputs of a recorded session to a fresh world, without sockets, and compares the traces.
///
/// Example: beamtwin replay session.jsonl
///
/// Exits with 0 if the same bytes come out, 1 if not, 2 if the trace cannot be replayed.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The trace; it carries its beamline file.
    trace: PathBuf,
    /// Writes the trace that came out here.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let recorded = files::bytes(&arguments.trace)?;
    let replayed = replay(&recorded, |header: &Header, source: &Source| {
        let start = header.unix_epoch().map_err(|error| error.to_string())?;
        let epoch = Epoch::from_unix_nanos(u64::try_from(start.nanos()).unwrap_or_default());
        let beamline = load(&source.text)
            .map_err(|problems| format!("\n{}", problems.render(&source.name, &source.text)))?;
        Ok(beamline.world(header.seed, epoch))
    });
    let replayed = replayed.map_err(|error| Failure::because(code::USAGE, &error))?;
    if let Some(out) = &arguments.out {
        std::fs::write(out, &replayed.bytes).map_err(|error| {
            Failure::usage(format!("failed to write {}: {error}", out.display()))
        })?;
    }
    match replayed.verdict {
        Verdict::Same => say!("same: {} facts, byte for byte", replayed.facts),
        Verdict::SameAsFar => {
            say!(
                "same as far as the recording goes: {} facts; it has no proper end",
                replayed.facts
            );
        }
        Verdict::Different {
            line,
            recorded,
            replayed,
        } => {
            say!("different from line {line} on\n  recorded: {recorded}\n  replayed: {replayed}");
            return Ok(ExitCode::from(code::FINDINGS));
        }
    }
    Ok(ExitCode::SUCCESS)
}
