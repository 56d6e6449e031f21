//! `beamtwin ctl`: speaks to a running twin.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

use beamtwin_server::control::Request;
use clap::{Args, Subcommand};
use serde_json::Value as Json;

use crate::failure::{Failure, code};
use crate::output::{self, say};

/// Speaks to a running twin over its control channel.
///
/// Example: beamtwin ctl --control /run/user/1000/twin put TUT:x 2.5 --wait
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The socket that the twin printed at its start.
    #[arg(long, env = "BEAMTWIN_CONTROL", value_name = "PATH")]
    control: PathBuf,
    /// Prints the whole answer as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// Lets device time pass, where it stands still: `beamtwin ctl advance "5 s"`.
    Advance { by: String },
    /// Makes something go wrong on purpose: `beamtwin ctl fault motor.x stall for 10 s`; `none` ends it.
    Fault {
        /// A device, a table with `each` for all its devices, or `all` for the twin as a whole.
        device: String,
        /// What; of words that are no fault, the twin says what there is.
        #[arg(required = true, allow_negative_numbers = true)]
        words: Vec<String>,
    },
    /// Lists the devices with which something goes wrong on purpose now.
    Faults,
    /// Shows the value of a PV: `beamtwin ctl get TUT:x.RBV`.
    Get { pv: String },
    /// Writes a remark into the trace: `beamtwin ctl marker "sample changed"`.
    Marker { text: String },
    /// Changes the pace: `real`, `stepped`, or how many times faster.
    Pace { pace: String },
    /// Writes a PV: `beamtwin ctl put TUT:x 2.5 --wait`.
    Put {
        pv: String,
        /// A number, a text, or a JSON list.
        #[arg(allow_negative_numbers = true)]
        value: String,
        /// Waits until the put has finished.
        #[arg(long)]
        wait: bool,
    },
    /// Goes back to a snapshot: `beamtwin ctl restore aligned`. Clients stay connected, and device time goes on.
    Restore { name: String },
    /// Ends the session.
    Shutdown,
    /// Keeps in memory how the twin is, motion under way included: `beamtwin ctl snapshot aligned`.
    Snapshot { name: String },
    /// Lists the snapshots.
    Snapshots,
    /// Shows how the twin is.
    Status,
}

impl Verb {
    fn request(self) -> Request {
        match self {
            Self::Advance { by } => Request::Advance { by },
            Self::Fault { device, words } => Request::Fault {
                device,
                words: words.join(" "),
            },
            Self::Faults => Request::Faults,
            Self::Get { pv } => Request::Get { pv },
            Self::Marker { text } => Request::Marker { text },
            Self::Pace { pace } => Request::Pace { pace },
            Self::Put { pv, value, wait } => {
                let value = serde_json::from_str(&value).unwrap_or(Json::String(value));
                Request::Put { pv, value, wait }
            }
            Self::Restore { name } => Request::Restore { name },
            Self::Shutdown => Request::Shutdown,
            Self::Snapshot { name } => Request::Snapshot { name },
            Self::Snapshots => Request::Snapshots,
            Self::Status => Request::Status,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let lost = |error: std::io::Error| {
        Failure::network(format!(
            "failed to reach {}: {error}",
            arguments.control.display()
        ))
    };
    let mut stream = UnixStream::connect(&arguments.control).map_err(lost)?;
    let request = serde_json::to_string(&arguments.verb.clone().request())
        .map_err(|error| Failure::because(code::USAGE, &error))?;
    writeln!(stream, "{request}").map_err(lost)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).map_err(lost)?;
    let answer: Json = serde_json::from_str(&line)
        .map_err(|_| Failure::network("the twin ended before it answered"))?;
    if arguments.json {
        output::print(&line)?;
    } else if let Some(error) = answer["error"].as_str() {
        return Err(Failure::usage(error));
    } else {
        print(&answer)?;
    }
    let ok = answer["ok"].as_bool().unwrap_or_default();
    Ok(match (ok, answer.get("refused")) {
        (true, None) => ExitCode::SUCCESS,
        (true, Some(_)) => ExitCode::from(code::FINDINGS),
        (false, _) => ExitCode::from(code::USAGE),
    })
}

/// The answer for a person: a value by itself, or one fact a line.
fn print(answer: &Json) -> Result<(), Failure> {
    let plain = |value: &Json| {
        // What JSON cannot spell as a number: `nan`.
        let text = value.as_str().or_else(|| value["float"].as_str());
        text.map_or_else(|| value.to_string(), str::to_owned)
    };
    if let Some(value) = answer.get("value") {
        let label = answer
            .get("label")
            .map(|label| format!(" {}", plain(label)));
        let units = answer
            .get("units")
            .map(|units| format!(" {}", plain(units)));
        let alarm = answer["severity"]
            .as_str()
            .filter(|severity| *severity != "NO_ALARM");
        let alarm = alarm.map(|severity| format!(" {severity}"));
        let rest = [label, units, alarm]
            .into_iter()
            .flatten()
            .collect::<String>();
        say!("{}{rest}", plain(value));
        return Ok(());
    }
    if let Some(faults) = answer["faults"].as_array() {
        for fault in faults {
            let until = fault["until"].as_f64();
            let until = until.map_or_else(String::new, |until| format!(", until {until} s"));
            say!(
                "{}: {}{until}",
                plain(&fault["device"]),
                plain(&fault["fault"])
            );
        }
        return Ok(());
    }
    if let Some(snapshots) = answer["snapshots"].as_array() {
        for snapshot in snapshots {
            let megabytes = snapshot["bytes"].as_f64().unwrap_or_default() / 1e6;
            say!(
                "{}: taken at {} s, {megabytes:.1} MB",
                plain(&snapshot["name"]),
                snapshot["t"]
            );
        }
        return Ok(());
    }
    for (key, value) in answer
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != "ok")
    {
        say!("{key}: {}", plain(value));
    }
    Ok(())
}
