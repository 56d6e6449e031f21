//! Puts it all together: sockets, recorder, control channel, clock.

mod sockets;

use std::cell::RefCell;
use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::rc::Rc;

use beamtwin_pv::SimTime;
use beamtwin_sim::World;
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{JoinSet, LocalSet};
use tracing::{error, info, warn};

use self::sockets::{Searches, Sockets};
use crate::addresses::Addresses;
use crate::ca;
use crate::control;
use crate::elsewhere::{self, Other};
use crate::engine::Shared;
use crate::jump::{Account, Jump};
use crate::limits::{self, Limits};
use crate::networks::networks;
use crate::pace::Mode;
use crate::recorder::{Bounds, Recorder};
use crate::scribe::Scribe;

/// What to serve, and how.
#[derive(Debug)]
pub struct Options {
    /// Where to listen.
    pub addresses: Addresses,
    /// How much clients may ask for.
    pub limits: Limits,
    /// How fast device time runs.
    pub pace: Mode,
    /// Where to record the session.
    pub record: Option<PathBuf>,
    /// The trace up to now: what stands at its beginning, and the session so far where there was one.
    pub scribe: Scribe,
    /// Where the control channel is; in a folder of its own if not said.
    pub control: Option<PathBuf>,
    /// The prefix of the records in which the twin shows what it does.
    pub shown_below: Option<String>,
}

/// Why a world cannot be served.
#[derive(Debug, Error)]
pub enum ServeError {
    /// No socket.
    #[error("listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// Somebody else serves one of our names.
    #[error(
        "serve {}, which {} serves already: clients could take this simulation for the real thing; let them search \
         on this machine only (EPICS_CA_ADDR_LIST=127.0.0.1 EPICS_CA_AUTO_ADDR_LIST=NO, and no --expose)",
        .0.name, .0.address
    )]
    Elsewhere(Other),
    /// No control channel.
    #[error("open the control channel{}", .path.as_ref().map(|p| format!(" {}", p.display())).unwrap_or_default())]
    Control {
        /// Where.
        path: Option<PathBuf>,
        /// Why not.
        source: io::Error,
    },
    /// No trace.
    #[error("record into {}", .path.display())]
    Record {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The trace ended before the session did.
    #[error("record the session to its end: {0}")]
    RecordingLost(String),
    /// Time cannot jump here.
    #[error("let device time jump; --real does without")]
    Jump(#[source] io::Error),
    /// No signals, or no runtime.
    #[error("start")]
    Start(#[source] io::Error),
}

/// A world whose sockets are open.
pub struct Server {
    engine: Shared,
    addresses: Addresses,
    beacons: Vec<SocketAddrV4>,
    sockets: Sockets,
    control: control::Socket,
    jump: Option<Jump>,
}

impl Server {
    /// Opens the sockets and the trace. Needs a tokio runtime.
    ///
    /// # Errors
    /// If a socket or the trace cannot be opened.
    pub async fn bind(world: World, options: Options) -> Result<Self, ServeError> {
        let Options {
            addresses,
            limits,
            pace,
            record,
            scribe,
            control,
            shown_below,
        } = options;
        let networks = networks();
        let other = elsewhere::search(&world, shown_below.as_deref(), &addresses, &networks);
        if let Some(other) = other.await.map_err(ServeError::Start)? {
            return Err(ServeError::Elsewhere(other));
        }
        limits::raise_descriptors();
        let sockets = Sockets::open(&addresses, &networks)?;
        let beacons = addresses.beacon_targets(&networks);
        let control_path = control;
        let control = control::Socket::bind(control_path.as_deref(), &std::env::temp_dir())
            .map_err(|source| ServeError::Control {
                path: control_path,
                source,
            })?;
        let jump = (pace == Mode::Jump).then(|| Jump::open(world.epoch()));
        let jump = jump.transpose().map_err(ServeError::Jump)?;
        let engine = Shared::limited(world, pace, limits);
        sockets.watch(engine.inboxes()).map_err(ServeError::Start)?;
        // A file that grows over its limit, the log for instance, is an error to be told, not a death.
        let _ = signal(SignalKind::from_raw(SIGXFSZ));
        if let Some(path) = record {
            let recorder = Recorder::go_on(&path, scribe, Bounds::default())
                .map_err(|source| ServeError::Record { path, source })?;
            engine.start_recording(recorder);
        }
        engine.act(|engine| {
            // A session that goes on may have had another pace.
            if pace != Mode::REAL || engine.world().now() != SimTime::ZERO {
                engine.change_pace(pace);
            }
            if let Some(prefix) = shown_below {
                engine.show_below(&prefix);
            }
        });
        Ok(Self {
            engine,
            addresses,
            beacons,
            sockets,
            control,
            jump,
        })
    }

    /// The port that clients search on (`EPICS_CA_SERVER_PORT`).
    #[must_use]
    pub const fn search_port(&self) -> u16 {
        self.sockets.ports.searches
    }

    /// The port of circuits (`EPICS_CA_NAME_SERVERS`): the same one, unless another server has it.
    #[must_use]
    pub const fn circuit_port(&self) -> u16 {
        self.sockets.ports.circuits
    }

    /// Where the control channel is.
    #[must_use]
    pub fn control(&self) -> &Path {
        self.control.path()
    }

    /// Where clients find device time, if it jumps.
    #[must_use]
    pub fn clock(&self) -> Option<&Path> {
        self.jump.as_ref().map(Jump::folder)
    }

    /// What is told of time that jumps.
    #[must_use]
    pub fn account(&self) -> Option<Rc<RefCell<Account>>> {
        self.jump.as_ref().map(|jump| Rc::clone(jump.account()))
    }

    /// The engine, for tests and tools in the same process.
    #[must_use]
    pub const fn engine(&self) -> &Shared {
        &self.engine
    }

    /// Serves until SIGINT, SIGTERM, or a request to shut down; then ends the trace. `ready` is called when
    /// clients can connect.
    ///
    /// # Errors
    /// If signals cannot be caught, or the recording did not reach its end.
    ///
    /// # Panics
    /// If something panicked that the session cannot do without; the trace then says so.
    pub async fn run(self, ready: impl FnOnce()) -> Result<(), ServeError> {
        let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Start)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Start)?;
        let told = async {
            tokio::select! {
                _ = interrupt.recv() => "interrupted",
                _ = terminate.recv() => "terminated",
            }
        };
        self.run_until(ready, told).await
    }

    /// The same, until `told` says why it is to end.
    ///
    /// # Errors
    /// If the recording did not reach its end.
    ///
    /// # Panics
    /// If something panicked that the session cannot do without; the trace then says so.
    pub async fn run_until(
        self,
        ready: impl FnOnce(),
        told: impl Future<Output = &'static str>,
    ) -> Result<(), ServeError> {
        let Self {
            engine,
            addresses,
            beacons,
            sockets,
            control,
            jump,
        } = self;
        let local = LocalSet::new();
        let mut vital = vital(&local, &engine, (&addresses, beacons), sockets, control);
        if let Some(jump) = jump {
            let own = engine.clone();
            vital.spawn_local_on(
                async move {
                    if let Err(error) = jump.run(own.clone()).await {
                        error!(%error, "clients cannot be told the time");
                        own.end();
                    }
                },
                &local,
            );
        }
        let ended = async {
            ready();
            let mut told = pin!(told);
            loop {
                return tokio::select! {
                    why = &mut told => why,
                    () = engine.ended() => "shut down",
                    Some(task) = vital.join_next() => match task {
                        Err(bug) if bug.is_panic() => BUG,
                        _ => continue,
                    },
                };
            }
        };
        let why = local.run_until(ended).await;
        info!(why, "ending");
        if why == BUG || engine.is_broken() {
            engine.abort_recording(BUG);
            panic!("{BUG}, see the message before this one");
        }
        // What clients are still told goes with them; the trace ends before they are gone.
        let finished = engine.act(crate::Engine::finish_recording);
        drop(vital);
        drop(local);
        finished.map_err(ServeError::RecordingLost)
    }
}

/// Starts all that a session cannot do without; none of it ends by itself, unless it has nothing to do.
fn vital(
    local: &LocalSet,
    engine: &Shared,
    (addresses, beacons): (&Addresses, Vec<SocketAddrV4>),
    sockets: Sockets,
    control: control::Socket,
) -> JoinSet<()> {
    let mut vital = JoinSet::new();
    let Sockets {
        ports,
        circuits,
        searches,
    } = sockets;
    let port = ports.circuits;
    let own = engine.clone();
    vital.spawn_local_on(async move { own.run().await }, local);
    let own = engine.clone();
    vital.spawn_local_on(async move { own.watch_recorder().await }, local);
    let own = engine.clone();
    vital.spawn_local_on(async move { own.tell_figures().await }, local);
    let own = engine.clone();
    vital.spawn_local_on(async move { control.serve(own).await }, local);
    for listener in circuits {
        vital.spawn_local_on(ca::accept(listener, engine.clone(), port), local);
    }
    for Searches { heard, replies } in searches {
        let ignore = addresses.ignore.clone();
        let answers = ca::udp::answer(heard, replies, engine.clone(), port, ignore);
        vital.spawn_local_on(answers, local);
    }
    let period = addresses.beacon_period;
    let own = engine.clone();
    let beacons = async move {
        if let Err(error) = ca::beacons::send(beacons, period, port, own).await {
            warn!(%error, "no beacons are sent");
        }
    };
    vital.spawn_local_on(beacons, local);
    vital
}

/// What is said of a bug that left the world half changed, or without its clock.
const BUG: &str = "a bug ended the session";
/// `SIGXFSZ` on Linux and on BSD: a file grew over its limit.
const SIGXFSZ: i32 = 25;
