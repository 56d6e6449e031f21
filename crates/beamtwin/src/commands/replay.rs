//! `beamtwin replay`: the recorded inputs against a fresh world.

use std::path::PathBuf;
use std::process::ExitCode;

use beamtwin_beamline::{Beamline, load};
use beamtwin_pv::Epoch;
use beamtwin_pv::quantity::Seconds;
use beamtwin_server::serve::Options;
use beamtwin_session::{Verdict, replay, replay_until};
use beamtwin_trace::{Header, Source, Time};
use clap::Args;
use tracing::{info, warn};

use super::serving::{Serving, serve};
use crate::failure::{Failure, code};
use crate::files;
use crate::output::say;
use crate::prepared::limits;

/// Feeds the inputs of a recorded session to a fresh world, without sockets, and compares the traces.
///
/// Example: beamtwin replay session.jsonl
///
/// Exits with 0 if the same bytes come out, 1 if not, 2 if the trace cannot be replayed.
///
/// With --until it serves the beamline as it was at that time, as `run` does. What is recorded then begins with the
/// session up to there.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The trace; it carries its beamline file.
    trace: PathBuf,
    /// Writes the trace that came out here.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Stops at this device time, such as "12.5 s", and serves the beamline as it was then, to go on differently.
    #[arg(
        long,
        value_name = "TIME",
        conflicts_with = "out",
        help_heading = "Going on"
    )]
    until: Option<Seconds>,
    #[command(flatten, next_help_heading = "Options with --until")]
    serving: Serving,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let recorded = files::bytes(&arguments.trace)?;
    if let Some(until) = arguments.until {
        return go_on(arguments, &recorded, until);
    }
    if arguments.serving.is_asked() {
        return Err(Failure::usage(
            "a replay serves nobody; add --until to go on from a moment",
        ));
    }
    let replayed = replay(&recorded, |header, source| {
        let beamline = beamline(source)?;
        Ok(beamline.world(header.seed, epoch(header)?))
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

/// Serves the beamline of a session as it was at a moment.
fn go_on(arguments: &Arguments, recorded: &[u8], until: Seconds) -> Result<ExitCode, Failure> {
    let mut says = None;
    let begun = replay_until(recorded, time(until)?, |header, source| {
        let beamline = beamline(source)?;
        says = Some(beamline.serving());
        Ok(beamline.world(header.seed, epoch(header)?))
    });
    let begun = begun.map_err(|error| Failure::because(code::USAGE, &error))?;
    if let Verdict::Different { line, .. } = begun.verdict {
        warn!(
            line,
            "what follows from the session is not what was recorded"
        );
    }
    let serving = &arguments.serving;
    let says = says.expect("the world was built");
    let options = Options {
        addresses: serving.addresses()?,
        limits: limits(&says)?,
        pace: serving.pace()?,
        record: serving.record.clone(),
        scribe: begun.scribe,
        control: serving.control.clone(),
        shown_below: says.twin_pv,
    };
    info!(
        t = begun.world.now().as_secs_f64(),
        "going on with a recorded session"
    );
    serve(begun.world, options)
}

fn beamline(source: &Source) -> Result<Beamline, String> {
    load(&source.text)
        .map_err(|problems| format!("\n{}", problems.render(&source.name, &source.text)))
}

fn epoch(header: &Header) -> Result<Epoch, String> {
    let start = header.unix_epoch().map_err(|error| error.to_string())?;
    let nanos = u64::try_from(start.nanos()).unwrap_or_default();
    Ok(Epoch::from_unix_nanos(nanos))
}

fn time(until: Seconds) -> Result<Time, Failure> {
    let nanos = until
        .duration()
        .and_then(|it| i64::try_from(it.as_nanos()).ok());
    let time = nanos.map(Time::from_nanos);
    time.ok_or_else(|| Failure::usage(format!("{} s is no moment of a session", until.0)))
}
