//! `beamtwin trace`: what a trace holds, and other forms of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use beamtwin_report::info;
use beamtwin_trace::envtrace::{Selection, to_json};
use beamtwin_trace::import::{Form, import};
use beamtwin_trace::{Channel, Recording, Trace, chrome};
use clap::{Args, ValueEnum};

use crate::failure::{Failure, code};
use crate::files;
use crate::output;

/// Says what a trace holds; turns it into other forms and back.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Export(Export),
    Import(Import),
    Info(Info),
}

/// Says what a trace holds.
///
/// Example: beamtwin trace info session.jsonl
#[derive(Debug, Args)]
pub(crate) struct Info {
    /// The trace.
    trace: PathBuf,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// Writes a trace in another form.
///
/// Example: beamtwin trace export session.jsonl --out session.json
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The trace.
    trace: PathBuf,
    /// The form.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Only these channels, whatever their role, separated by commas or given one by one; without it, in the
    /// form of EnvTrace those that clients ask for things with, and in that of Chrome all.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    names: Vec<String>,
    /// Where to; standard output if not said.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Makes a trace of another form.
///
/// Example: beamtwin trace import monitor.txt --format camonitor --out session.jsonl
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What another program recorded.
    file: PathBuf,
    /// The form.
    #[arg(long, value_enum, default_value_t)]
    format: ImportFormat,
    /// The channel, in a form that does not name it; the name of the file if not said.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Where to; standard output if not said.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// The JSON of EnvTrace: what a monitor of these channels would have seen.
    #[default]
    Envtrace,
    /// The Trace Event Format, which ui.perfetto.dev and chrome://tracing open.
    ChromeTrace,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ImportFormat {
    /// The JSON of EnvTrace.
    #[default]
    Envtrace,
    /// What `camonitor` prints; its times are taken for UTC.
    Camonitor,
    /// What the Archiver Appliance gives as `getData.json`.
    ArchiverJson,
    /// What the Archiver Appliance gives as `getData.csv`.
    ArchiverCsv,
    /// The documents of Bluesky runs, one in a line.
    Bluesky,
}

pub(crate) fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Info(Info { trace, json }) => {
            let Recording::Trace(trace) = files::recording(&trace)? else {
                return Err(Failure::usage(format!(
                    "{} is EnvTrace JSON, no trace",
                    trace.display()
                )));
            };
            if json {
                output::print(info::json(&trace))?;
            } else {
                output::tell(&info::text(&trace))?;
            }
        }
        Command::Export(Export {
            trace,
            format,
            names,
            out,
        }) => {
            spare(out.as_deref(), &trace)?;
            let names: BTreeSet<String> = names.into_iter().collect();
            let recording = files::recording(&trace)?;
            let selection = if names.is_empty() {
                Selection::Requests
            } else {
                Selection::Only(names.clone())
            };
            unknown(&recording, &selection)?;
            let json = match format {
                Format::Envtrace => {
                    let events = recording.into_events(&selection);
                    to_json(&events.map_err(|error| Failure::because(code::USAGE, &error))?)
                }
                Format::ChromeTrace => {
                    let trace = recording.into_trace();
                    let trace = trace.map_err(|error| Failure::because(code::USAGE, &error))?;
                    chrome::to_json(&trace, &names)
                }
            };
            write(out.as_deref(), format!("{}\n", json.trim_end()).as_bytes())?;
        }
        Command::Import(Import {
            file,
            format,
            name,
            out,
        }) => {
            spare(out.as_deref(), &file)?;
            let trace = imported(&file, format, name.as_deref())?;
            let mut bytes = Vec::new();
            trace
                .write(&mut bytes)
                .map_err(|error| Failure::because(code::USAGE, &error))?;
            write(out.as_deref(), &bytes)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn imported(file: &Path, format: ImportFormat, name: Option<&str>) -> Result<Trace, Failure> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let form = match format {
        ImportFormat::Envtrace => {
            return files::recording(file)?
                .into_trace()
                .map_err(|error| Failure::usage(format!("{}: failed to {error}", file.display())));
        }
        ImportFormat::Camonitor => Form::Camonitor,
        ImportFormat::ArchiverJson => Form::ArchiverJson,
        ImportFormat::ArchiverCsv => Form::ArchiverCsv(name.unwrap_or(&stem)),
        ImportFormat::Bluesky => Form::Bluesky,
    };
    import(&files::bytes(file)?, form)
        .map_err(|error| Failure::usage(format!("{}: failed to {error}", file.display())))
}

fn write(out: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    match out {
        Some(path) => files::write(path, bytes),
        None => output::print(bytes),
    }
}

/// Refuses to write where what is read lies.
fn spare(out: Option<&Path>, input: &Path) -> Result<(), Failure> {
    out.map_or(Ok(()), |out| files::spare(out, &[input]))
}

/// Refuses names that the trace does not have.
fn unknown(recording: &Recording, selection: &Selection) -> Result<(), Failure> {
    let (Recording::Trace(trace), Selection::Only(names)) = (recording, selection) else {
        return Ok(());
    };
    let plain = |name: &str| name.strip_suffix(".VAL").unwrap_or(name).to_owned();
    let known: BTreeSet<&str> = trace.dictionary.values().map(Channel::plain_name).collect();
    match names
        .iter()
        .find(|name| !known.contains(plain(name).as_str()))
    {
        Some(name) => Err(Failure::usage(format!(
            "the trace does not speak of {name}"
        ))),
        None => Ok(()),
    }
}
