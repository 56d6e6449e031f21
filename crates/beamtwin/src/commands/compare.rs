//! `beamtwin compare`: aligns and scores two sessions.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use beamtwin_align::envtrace::{Config, evaluate, evaluate_best_of};
use beamtwin_align::{Settings, best_of};
use beamtwin_report as report;
use beamtwin_trace::envtrace::{Event, Selection};
use beamtwin_trace::{Recording, Trace};
use clap::{Args, ValueEnum};

use crate::failure::{Failure, code};
use crate::files;

/// Aligns a session with the best of the references, scores it, and says what differs.
///
/// Example: beamtwin compare yesterday.jsonl today.jsonl
///
/// Exits with 0 if they are alike, 1 if they differ, 2 if they cannot be compared. A file may be a trace or
/// EnvTrace JSON.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The sessions to compare with.
    #[arg(required = true, value_name = "REFERENCE")]
    references: Vec<PathBuf>,
    /// The session to be judged.
    session: PathBuf,
    /// How to judge.
    #[arg(long, value_enum, default_value_t)]
    method: Method,
    /// Settings: TOML for `beamtwin`, JSON for `envtrace`.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Writes the report as JSON, `-` for standard output instead of the text.
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Method {
    /// What clients asked for, aligned optimally.
    #[default]
    Beamtwin,
    /// The scores of the EnvTrace package.
    Envtrace,
}

/// A judgement in words, in JSON, and in one bit.
struct Judgement {
    text: String,
    json: String,
    alike: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let references: Result<Vec<_>, _> = arguments
        .references
        .iter()
        .map(|path| Ok((path, files::recording(path)?)))
        .collect();
    let session = (&arguments.session, files::recording(&arguments.session)?);
    let settings = arguments.settings.as_deref();
    let judgement = match arguments.method {
        Method::Beamtwin => beamtwin(references?, session, settings)?,
        Method::Envtrace => envtrace(references?, session, settings)?,
    };
    match arguments.json.as_deref() {
        Some(out) if out == Path::new("-") => println!("{}", judgement.json.trim_end()),
        Some(out) => {
            std::fs::write(out, &judgement.json).map_err(|error| {
                Failure::usage(format!("failed to write {}: {error}", out.display()))
            })?;
            print!("{}", judgement.text);
        }
        None => print!("{}", judgement.text),
    }
    Ok(if judgement.alike {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(code::FINDINGS)
    })
}

type Read<'a> = (&'a PathBuf, Recording);

fn beamtwin(
    references: Vec<Read<'_>>,
    session: Read<'_>,
    settings: Option<&Path>,
) -> Result<Judgement, Failure> {
    let settings = match settings {
        None => Settings::default(),
        Some(path) => Settings::from_toml(&files::text(path)?)
            .map_err(|error| Failure::usage(format!("{}: failed to {error}", path.display())))?,
    };
    let references: Vec<Trace> = references
        .into_iter()
        .map(trace)
        .collect::<Result<_, _>>()?;
    let session = trace(session)?;
    let comparison = best_of(&references, &session, &settings)
        .ok_or_else(|| Failure::usage("there is no reference to compare with"))?;
    Ok(Judgement {
        text: report::comparison::text(&comparison),
        json: report::comparison::json(&comparison),
        alike: comparison.alike,
    })
}

fn envtrace(
    references: Vec<Read<'_>>,
    session: Read<'_>,
    settings: Option<&Path>,
) -> Result<Judgement, Failure> {
    let config = match settings {
        None => Config::default(),
        Some(path) => Config::from_json(&files::text(path)?)
            .map_err(|error| Failure::usage(format!("{}: failed to {error}", path.display())))?,
    };
    let selection = Selection::RequestsAnd(config.channels());
    let events = |read| events(read, &selection);
    let references: Vec<Vec<Event>> = references
        .into_iter()
        .map(events)
        .collect::<Result<_, _>>()?;
    let session = events(session)?;
    let evaluation = match &references[..] {
        [reference] => evaluate(reference, &session, &config),
        several => evaluate_best_of(several, &session, &config),
    };
    let evaluation = evaluation.map_err(|error| Failure::because(code::USAGE, &error))?;
    Ok(Judgement {
        text: report::envtrace::text(&evaluation),
        json: report::envtrace::json(&evaluation),
        alike: evaluation.accuracy,
    })
}

fn trace((path, recording): Read<'_>) -> Result<Trace, Failure> {
    recording
        .into_trace()
        .map_err(|error| Failure::usage(format!("{}: failed to {error}", path.display())))
}

fn events((path, recording): Read<'_>, selection: &Selection) -> Result<Vec<Event>, Failure> {
    recording
        .into_events(selection)
        .map_err(|error| Failure::usage(format!("{}: failed to {error}", path.display())))
}
