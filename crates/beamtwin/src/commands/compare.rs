//! `beamtwin compare`: aligns and scores two sessions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use beamtwin_align::envtrace::{Config, EvaluateError, evaluate, evaluate_best_of};
use beamtwin_align::{Settings, best_of, paper};
use beamtwin_report as report;
use beamtwin_report::page::{Named, html};
use beamtwin_trace::envtrace::{Event, Selection};
use beamtwin_trace::{Recording, Trace};
use clap::{Args, ValueEnum};

use crate::failure::{Failure, code};
use crate::files;
use crate::output;

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
    /// Settings: TOML for `beamtwin`, the JSON or YAML of EnvTrace for the other methods.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Writes the report as JSON, `-` for standard output instead of the text.
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// Writes a page to look at in a browser: both sessions on one time axis, and all that differs.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Method {
    /// What clients asked for, aligned optimally.
    #[default]
    Beamtwin,
    /// The scores of the EnvTrace package.
    Envtrace,
    /// The scores of the program behind the EnvTrace paper.
    EnvtracePaper,
}

/// A judgement in words, in JSON, as a page if one was asked for, and in one bit.
struct Judgement {
    text: String,
    json: String,
    html: Option<String>,
    alike: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.html.is_some() && !matches!(arguments.method, Method::Beamtwin) {
        return Err(Failure::usage("--html shows what --method beamtwin finds"));
    }
    let inputs = arguments.references.iter().chain([&arguments.session]);
    let inputs: Vec<&Path> = inputs
        .chain(&arguments.settings)
        .map(PathBuf::as_path)
        .collect();
    for out in arguments.json.iter().chain(&arguments.html) {
        files::spare(out, &inputs)?;
    }
    let references: Result<Vec<_>, _> = arguments
        .references
        .iter()
        .map(|path| Ok((path, files::recording(path)?)))
        .collect();
    let session = (&arguments.session, files::recording(&arguments.session)?);
    let settings = arguments.settings.as_deref();
    let judgement = match arguments.method {
        Method::Beamtwin => beamtwin(references?, session, settings, arguments.html.is_some())?,
        Method::Envtrace => envtrace(references?, session, settings)?,
        Method::EnvtracePaper => envtrace_paper(references?, session, settings)?,
    };
    if let (Some(out), Some(html)) = (&arguments.html, &judgement.html) {
        files::write(out, html.as_bytes())?;
    }
    match arguments.json.as_deref() {
        Some(out) if out == Path::new("-") => output::print(&judgement.json)?,
        Some(out) => {
            files::write(out, judgement.json.as_bytes())?;
            output::print(&judgement.text)?;
        }
        None => output::print(&judgement.text)?,
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
    page: bool,
) -> Result<Judgement, Failure> {
    let settings = match settings {
        None => Settings::default(),
        Some(path) => Settings::from_toml(&files::text(path)?)
            .map_err(|error| Failure::usage(format!("{}: failed to {error}", path.display())))?,
    };
    let name = |(path, _): &Read<'_>| path.display().to_string();
    let names: Vec<String> = references.iter().chain([&session]).map(name).collect();
    let references: Vec<Trace> = references
        .into_iter()
        .map(trace)
        .collect::<Result<_, _>>()?;
    let session = trace(session)?;
    let comparison = best_of(&references, &session, &settings)
        .ok_or_else(|| Failure::usage("there is no reference to compare with"))?;
    let traces = references.iter().chain([&session]);
    let mut named: Vec<Named<'_>> = names
        .iter()
        .zip(traces)
        .map(|(name, trace)| Named { name, trace })
        .collect();
    let html = match named.pop() {
        Some(session) if page => html(&comparison, &named, session),
        _ => None,
    };
    Ok(Judgement {
        html,
        text: report::comparison::text_on(&comparison, output::screen()),
        json: report::comparison::json(&comparison),
        alike: comparison.alike,
    })
}

fn envtrace(
    references: Vec<Read<'_>>,
    session: Read<'_>,
    settings: Option<&Path>,
) -> Result<Judgement, Failure> {
    let config = config(settings)?;
    let (references, session) = both(references, session, config.channels())?;
    let evaluation = match &references[..] {
        [reference] if config.best_of.is_none() => evaluate(reference, &session, &config),
        several => evaluate_best_of(several, &session, &config),
    };
    let evaluation = evaluation.map_err(unanswered)?;
    Ok(Judgement {
        html: None,
        text: report::printable(&report::envtrace::text(&evaluation)).into_owned(),
        json: report::envtrace::json(&evaluation),
        alike: evaluation.accuracy,
    })
}

fn envtrace_paper(
    references: Vec<Read<'_>>,
    session: Read<'_>,
    settings: Option<&Path>,
) -> Result<Judgement, Failure> {
    let config = config(settings)?;
    let mut channels = config.channels();
    channels.insert(paper::temperature(&config).to_owned());
    let (references, session) = both(references, session, channels)?;
    let evaluation = match &references[..] {
        [reference] => Some(paper::evaluate(reference, &session, &config).map_err(unanswered)?),
        several => paper::evaluate_best_of(several, &session, &config).map_err(unanswered)?,
    };
    let evaluation =
        evaluation.ok_or_else(|| Failure::usage("there is no reference to compare with"))?;
    Ok(Judgement {
        html: None,
        text: report::printable(&report::paper::text(&evaluation)).into_owned(),
        json: report::paper::json(&evaluation),
        alike: evaluation.accuracy,
    })
}

fn unanswered(error: EvaluateError) -> Failure {
    Failure::because(code::USAGE, &error)
}

/// The configuration of EnvTrace in a file, or the usual one.
fn config(path: Option<&Path>) -> Result<Config, Failure> {
    let Some(path) = path else {
        return Ok(Config::default());
    };
    Config::from_file(path, &files::text(path)?)
        .map_err(|error| Failure::usage(format!("{}: failed to {error}", path.display())))
}

/// The references and the session as events of the requests and of the channels named.
fn both(
    references: Vec<Read<'_>>,
    session: Read<'_>,
    channels: BTreeSet<String>,
) -> Result<(Vec<Vec<Event>>, Vec<Event>), Failure> {
    let selection = Selection::RequestsAnd(channels);
    let references: Result<_, _> = references
        .into_iter()
        .map(|read| events(read, &selection))
        .collect();
    Ok((references?, events(session, &selection)?))
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
