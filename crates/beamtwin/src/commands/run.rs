//! `beamtwin run`: serves a beamline.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;

use beamtwin_beamline::Serving;
use beamtwin_pv::Epoch;
use beamtwin_server::Limits;
use beamtwin_server::addresses::Addresses;
use beamtwin_server::pace::Mode;
use beamtwin_server::serve::{Options, ServeError, Server};
use beamtwin_sim::World;
use beamtwin_trace::{Header, Source, VERSION};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use sha2::{Digest, Sha256};
use tracing::info;

use crate::failure::{Failure, code};
use crate::{files, output};

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
    /// Port of searches and circuits; 0 for any free one, which is printed.
    #[arg(long)]
    port: Option<u16>,
    /// Address to listen on; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<Ipv4Addr>,
    /// Allows to listen beyond this machine.
    #[arg(long)]
    expose: bool,
    /// Records the session into this trace.
    #[arg(long, value_name = "TRACE")]
    record: Option<PathBuf>,
    /// Device time runs this many times as fast as the wall clock.
    #[arg(long, value_name = "TIMES", default_value = "1")]
    speed: Mode,
    /// Device time stands still until told: `beamtwin ctl advance "5 s"`.
    #[arg(long, conflicts_with = "speed")]
    paused: bool,
    /// Seed of all noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Date of device time zero, such as 2026-01-01T00:00:00Z; now if not said.
    #[arg(long, value_name = "RFC3339")]
    epoch: Option<DateTime<Utc>>,
    /// Socket of the control channel; one among the temporary files if not said.
    #[arg(long, value_name = "PATH")]
    control: Option<PathBuf>,
}

/// The one path of the light, if there is one.
fn paths(world: &World) -> Vec<Vec<String>> {
    let path: Vec<String> = world.path().map(str::to_owned).collect();
    [path].into_iter().filter(|path| !path.is_empty()).collect()
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let addresses = addresses(&arguments)?;
    let (mut world, serving, text) =
        files::world(&arguments.file, arguments.seed, Epoch::default())?;
    let date = arguments.epoch.unwrap_or_else(Utc::now);
    let nanos = date.timestamp_millis().max(0).unsigned_abs() * 1_000_000;
    let epoch = Epoch::from_unix_nanos(nanos);
    world.set_epoch(epoch);
    let pace = if arguments.paused {
        Mode::Stepped
    } else {
        arguments.speed
    };
    let name = arguments
        .file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let header = Header {
        version: VERSION,
        beamline: world.title().to_owned(),
        epoch: date.to_rfc3339_opts(SecondsFormat::Millis, true),
        seed: arguments.seed,
        file: Some(format!("sha256:{}", hex(&Sha256::digest(&text)))),
        program: concat!("beamtwin ", env!("CARGO_PKG_VERSION")).to_owned(),
        paths: paths(&world),
    };
    info!(
        title = world.title(),
        devices = world.devices().len(),
        records = world.directory().len(),
        pace = %pace,
        seed = arguments.seed,
        "beamline"
    );
    let limits = limits(&serving)?;
    let options = Options {
        addresses,
        limits,
        pace,
        record: arguments.record,
        header,
        source: Some(Source { name, text }),
        control: arguments.control,
        shown_below: serving.twin_pv,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::because(code::NETWORK, &error))?;
    runtime.block_on(async {
        let server = Server::bind(world, options)
            .await
            .map_err(|error| failure(&error))?;
        let (search, circuit) = (server.search_port(), server.circuit_port());
        let control = server.control().display().to_string();
        info!(search, circuit, "listening; this is a simulation");
        let ready = move || {
            // Nobody may be listening, which is no reason not to serve.
            let _ = output::print(format!(
                "EPICS_CA_SERVER_PORT={search}\nBEAMTWIN_CONTROL={control}\n\
                 iocRun: All initialization complete\n"
            ));
        };
        server.run(ready).await.map_err(|error| failure(&error))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What the file says, unless the environment says otherwise.
fn limits(serving: &Serving) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    let asked = &serving.limits;
    for (limit, asked) in [
        (&mut limits.circuits, asked.circuits),
        (&mut limits.channels, asked.channels),
        (&mut limits.channels_per_circuit, asked.channels_per_circuit),
        (&mut limits.subscriptions, asked.subscriptions),
        (
            &mut limits.subscriptions_per_circuit,
            asked.subscriptions_per_circuit,
        ),
        (&mut limits.circuit.payload, asked.array_bytes),
    ] {
        if let Some(asked) = asked {
            *limit = usize::try_from(asked).unwrap_or(usize::MAX);
        }
    }
    if !serving.puts_in_turn {
        limits.circuit.put_wait = None;
    }
    limits
        .heed(|name| std::env::var(name).ok())
        .map_err(|error| Failure::usage(error.to_string()))?;
    Ok(limits)
}

/// What the environment says, unless an option says otherwise; never beyond this machine by accident.
fn addresses(arguments: &Arguments) -> Result<Addresses, Failure> {
    let mut addresses = Addresses::from_variables(|name| std::env::var(name).ok())
        .map_err(|error| Failure::usage(error.to_string()))?;
    if let Some(port) = arguments.port {
        addresses.port = port;
    }
    if !arguments.listen.is_empty() {
        addresses.listen.clone_from(&arguments.listen);
    }
    if !addresses.is_local() && !arguments.expose {
        return Err(Failure::usage(
            "listening beyond this machine could be mistaken for the real beamline; \
             add --expose if that is what you want",
        ));
    }
    Ok(addresses)
}

fn failure(error: &ServeError) -> Failure {
    let code = match error {
        ServeError::Elsewhere(_) | ServeError::Listen { .. } | ServeError::Start(_) => {
            code::NETWORK
        }
        ServeError::RecordingLost(_) => code::FINDINGS,
        ServeError::Control { .. } | ServeError::Record { .. } => code::USAGE,
    };
    Failure::because(code, error)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
