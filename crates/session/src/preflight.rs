//! A command against a twin of its own.

mod attempts;
mod child;
mod environment;
mod family;
pub mod network;
mod packet;
mod progress;
mod python;

use std::convert::Infallible;
use std::ffi::OsString;
use std::future::pending;
use std::io;
use std::path::Path;
use std::time::Duration;

use beamtwin_report::preflight::{Network, Run};
use beamtwin_server::engine::Shared;
use beamtwin_server::{Engine, ServeError, Server};
use beamtwin_trace::Time;
use thiserror::Error;

pub use environment::Ports;
pub use progress::Progress;

use child::Child;
use network::Own;
use python::Python;

/// What to run, and for how long at most.
#[derive(Clone, Debug)]
pub struct Job {
    /// The command and its arguments.
    pub command: Vec<OsString>,
    /// The most device time that it may take.
    pub device_limit: Option<Duration>,
    /// The most time by the clock.
    pub wall_limit: Option<Duration>,
    /// Whether what it prints goes to standard error.
    pub aside: bool,
    /// The ports that it is told of.
    pub ports: Ports,
    /// Whether the lines of a Python script are told that ask for something.
    pub lines: bool,
}

/// Why a command could not be run.
#[derive(Debug, Error)]
pub enum PreflightError {
    /// There is no such command, or it may not be run.
    #[error("run {command}")]
    Command {
        /// Which.
        command: String,
        /// Why not.
        source: io::Error,
    },
    /// The Python side could not be laid out.
    #[error("prepare the Python side; --no-source-lines does without")]
    Python(#[source] io::Error),
    /// The twin did not come up, or not to its end.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

/// Serves a twin, runs a command beside it, and ends both. `progress` is told several times a second how it goes.
///
/// # Errors
/// If the command cannot be run, or the twin not be served to the end.
pub async fn preflight(
    server: Server,
    job: &Job,
    network: Result<Own, String>,
    progress: Option<&mut dyn FnMut(&Progress)>,
) -> Result<Run, PreflightError> {
    let engine = server.engine().clone();
    let clock = server.clock().map(Path::to_owned);
    let python = (job.lines || clock.is_some()).then(Python::new).transpose();
    let python = python.map_err(PreflightError::Python)?;
    let mut variables = environment::variables(&server, job.ports);
    let told = |python: &Python| python.variables(job.lines, clock.as_deref());
    variables.extend(python.iter().flat_map(told));
    let account = server.account();
    if let (Some(account), Some(limit)) = (&account, job.device_limit) {
        let now = engine.look(|engine| engine.world().now());
        account.borrow_mut().end_at(now + limit);
    }
    let lines = python.as_ref().filter(|_| job.lines);
    let lines = lines.map(|it| engine.tell_lines(&it.lines()));
    let lines = lines.transpose().map_err(PreflightError::Python)?;
    let own = [server.search_port(), server.circuit_port()];
    let own = [own.as_slice(), &job.ports.all()].concat();
    let heard = async || -> Infallible {
        let Some(socket) = lines else {
            return pending().await;
        };
        loop {
            socket.wait(|| engine.act(Engine::hear_lines)).await;
        }
    };
    let mut run = None;
    let command = async {
        let child = Child::start(job, &variables, &engine);
        run = Some(match child {
            Ok(child) => tokio::select! {
                run = child.attend(job, network, &own, progress) => Ok(run),
                never = heard() => match never {},
            },
            Err(source) => Err(PreflightError::Command {
                command: job.command[0].to_string_lossy().into_owned(),
                source,
            }),
        });
        "the command ended"
    };
    server.run_until(|| (), command).await?;
    if let (Some(Ok(run)), Some(account)) = (&mut run, account) {
        for (why, passed) in account.borrow().by_clock() {
            let by_clock = format!(
                "; by the clock for {:.3} s, since {why}",
                passed.as_secs_f64()
            );
            run.pace.push_str(&by_clock);
        }
    }
    run.unwrap_or_else(|| {
        // Somebody asked the twin to shut down, through its control channel.
        Err(PreflightError::Serve(ServeError::RecordingLost(
            "the twin was shut down before the command ended".to_owned(),
        )))
    })
}

/// The present device time.
fn now(engine: &Shared) -> Time {
    let now = engine.act(|engine| engine.world().now());
    Time::from_nanos(i64::try_from(now.nanos()).unwrap_or(i64::MAX))
}

/// How fast device time runs, in words.
fn pace(engine: &Shared) -> String {
    engine.look(Engine::mode).to_string()
}

/// What of the network a command had.
fn told(network: &Result<Own, String>) -> Network {
    match network {
        Ok(_) => Network::Own,
        Err(why) => Network::Shared(why.clone()),
    }
}
