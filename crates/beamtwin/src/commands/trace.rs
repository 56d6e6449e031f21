//! `beamtwin trace`: what a trace holds, and other forms of it.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use beamtwin_report::info;
use beamtwin_trace::Recording;
use beamtwin_trace::envtrace::{Selection, to_json};
use clap::{Args, ValueEnum};

use crate::failure::{Failure, code};
use crate::files;

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
    /// Only these channels, whatever their role; without it those that clients ask for things with.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    names: Vec<String>,
    /// Where to; standard output if not said.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Makes a trace of another form.
///
/// Example: beamtwin trace import session.json --out session.jsonl
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// EnvTrace JSON.
    file: PathBuf,
    /// The form.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Where to; standard output if not said.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// The JSON of EnvTrace: what a monitor of these channels would have seen.
    #[default]
    Envtrace,
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
            println!(
                "{}",
                if json {
                    info::json(&trace)
                } else {
                    info::text(&trace)
                }
                .trim_end()
            );
        }
        Command::Export(Export {
            trace,
            format: Format::Envtrace,
            names,
            out,
        }) => {
            let names: BTreeSet<String> = names.into_iter().collect();
            let selection = if names.is_empty() {
                Selection::Requests
            } else {
                Selection::Only(names)
            };
            let events = files::recording(&trace)?
                .into_events(&selection)
                .map_err(|error| Failure::because(code::USAGE, &error))?;
            write(
                out.as_deref(),
                format!("{}\n", to_json(&events).trim_end()).as_bytes(),
            )?;
        }
        Command::Import(Import {
            file,
            format: Format::Envtrace,
            out,
        }) => {
            let trace = files::recording(&file)?.into_trace().map_err(|error| {
                Failure::usage(format!("{}: failed to {error}", file.display()))
            })?;
            let mut bytes = Vec::new();
            trace
                .write(&mut bytes)
                .map_err(|error| Failure::because(code::USAGE, &error))?;
            write(out.as_deref(), &bytes)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write(out: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    let written = match out {
        Some(path) => std::fs::write(path, bytes),
        None => std::io::stdout().write_all(bytes),
    };
    let to = out.map_or_else(
        || "standard output".to_owned(),
        |path| path.display().to_string(),
    );
    written.map_err(|error| Failure::usage(format!("failed to write {to}: {error}")))
}
