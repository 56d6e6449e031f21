//! What commands that serve have in common.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;

use beamtwin_server::addresses::Addresses;
use beamtwin_server::pace::Mode;
use beamtwin_server::serve::{Options, Server};
use beamtwin_sim::World;
use clap::Args;
use tracing::info;

use crate::failure::{Failure, code};
use crate::output;
use crate::prepared::unserved;

/// Where and how to serve.
#[derive(Debug, Args)]
pub(crate) struct Serving {
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
    pub(super) record: Option<PathBuf>,
    /// Device time runs this many times as fast as the wall clock; 1 if not said.
    #[arg(long, value_name = "TIMES")]
    speed: Option<Mode>,
    /// Device time stands still until told: `beamtwin ctl advance "5 s"`.
    #[arg(long, conflicts_with = "speed")]
    paused: bool,
    /// Socket of the control channel; one among the temporary files if not said.
    #[arg(long, value_name = "PATH")]
    pub(super) control: Option<PathBuf>,
}

impl Serving {
    /// Whether anything of it was said.
    pub(super) const fn is_asked(&self) -> bool {
        self.port.is_some()
            || !self.listen.is_empty()
            || self.expose
            || self.record.is_some()
            || self.speed.is_some()
            || self.paused
            || self.control.is_some()
    }

    /// How fast device time runs.
    pub(super) fn pace(&self) -> Result<Mode, Failure> {
        match self.speed {
            _ if self.paused => Ok(Mode::Stepped),
            Some(Mode::Jump) => {
                let why = "time jumps only where all clients take part, in a preflight";
                Err(Failure::usage(why))
            }
            speed => Ok(speed.unwrap_or(Mode::REAL)),
        }
    }

    /// What the environment says, unless an option says otherwise; never beyond this machine by accident.
    pub(super) fn addresses(&self) -> Result<Addresses, Failure> {
        let mut addresses = Addresses::from_variables(|name| std::env::var(name).ok())
            .map_err(|error| Failure::usage(error.to_string()))?;
        if let Some(port) = self.port {
            addresses.port = port;
        }
        if !self.listen.is_empty() {
            addresses.listen.clone_from(&self.listen);
        }
        if !addresses.is_local() && !self.expose {
            return Err(Failure::usage(
                "listening beyond this machine could be mistaken for the real beamline; \
                 add --expose if that is what you want",
            ));
        }
        Ok(addresses)
    }
}

/// Serves a world until interrupted.
pub(super) fn serve(world: World, options: Options) -> Result<ExitCode, Failure> {
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
