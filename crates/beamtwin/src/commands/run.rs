//! `beamtwin run`: serves a beamline.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;

use beamtwin_server::addresses::Addresses;
use beamtwin_server::pace::Mode;
use beamtwin_server::serve::Server;
use chrono::{DateTime, Utc};
use clap::Args;
use tracing::info;

use crate::failure::{Failure, code};
use crate::output;
use crate::prepared::{Wanted, prepare, unserved};

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

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let addresses = addresses(&arguments)?;
    if arguments.speed == Mode::Jump {
        let why = "time jumps only where all clients take part, in a preflight";
        return Err(Failure::usage(why));
    }
    let wanted = Wanted {
        addresses,
        pace: if arguments.paused {
            Mode::Stepped
        } else {
            arguments.speed
        },
        seed: arguments.seed,
        epoch: arguments.epoch,
        record: arguments.record,
        control: arguments.control,
    };
    let (world, options) = prepare(&arguments.file, wanted)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::because(code::NETWORK, &error))?;
    runtime.block_on(async {
        let server = Server::bind(world, options)
            .await
            .map_err(|error| unserved(&error))?;
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
        server.run(ready).await.map_err(|error| unserved(&error))
    })?;
    Ok(ExitCode::SUCCESS)
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
