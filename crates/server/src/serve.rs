//! Puts it all together: sockets, recorder, control channel, clock.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};

use beamtwin_sim::World;
use beamtwin_trace::{Header, Source};
use socket2::{Domain, Protocol, Socket as RawSocket, Type};
use thiserror::Error;
use tokio::net::{TcpListener, UdpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{LocalSet, spawn_local};
use tracing::{info, warn};

use crate::addresses::Addresses;
use crate::ca;
use crate::control;
use crate::engine::Shared;
use crate::pace::Mode;

/// What to serve, and how.
#[derive(Debug)]
pub struct Options {
    /// Where to listen.
    pub addresses: Addresses,
    /// How fast device time runs.
    pub pace: Mode,
    /// Where to record the session.
    pub record: Option<PathBuf>,
    /// What stands at the beginning of the trace.
    pub header: Header,
    /// The file that the world was made from.
    pub source: Option<Source>,
    /// Where the control channel is; in a folder of its own if not said.
    pub control: Option<PathBuf>,
    /// The record (an `mbbi` of off, on, lost) that shows whether the session is recorded.
    pub shows_recording: Option<String>,
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
    /// No signals, or no runtime.
    #[error("start")]
    Start(#[source] io::Error),
}

/// A world whose sockets are open.
pub struct Server {
    engine: Shared,
    addresses: Addresses,
    ports: Ports,
    circuits: Vec<TcpListener>,
    searches: Vec<UdpSocket>,
    control: control::Socket,
}

impl Server {
    /// Opens the sockets and the trace. Needs a tokio runtime.
    ///
    /// # Errors
    /// If a socket or the trace cannot be opened.
    pub async fn bind(world: World, options: Options) -> Result<Self, ServeError> {
        let Options {
            addresses,
            pace,
            record,
            header,
            source,
            control,
            shows_recording,
        } = options;
        let (ports, circuits, searches) = sockets(&addresses)?;
        let control_path = control;
        let control = control::Socket::bind(control_path.as_deref(), &std::env::temp_dir())
            .map_err(|source| ServeError::Control {
                path: control_path,
                source,
            })?;
        let engine = Shared::new(world, pace);
        if let Some(path) = record {
            // A file that grows over its limit is an error to be told, not a death.
            let _ = signal(SignalKind::from_raw(SIGXFSZ));
            engine
                .start_recording(&path, &header, source.as_ref())
                .map_err(|source| ServeError::Record { path, source })?;
        }
        engine.act(|engine| {
            if let Some(target) = shows_recording.and_then(|name| engine.world().find(&name)) {
                engine.show_recording(target.pv);
            }
            if pace != Mode::REAL {
                engine.change_pace(pace);
            }
        });
        Ok(Self {
            engine,
            addresses,
            ports,
            circuits,
            searches,
            control,
        })
    }

    /// The port that clients search on (`EPICS_CA_SERVER_PORT`).
    #[must_use]
    pub const fn search_port(&self) -> u16 {
        self.ports.searches
    }

    /// The port of circuits (`EPICS_CA_NAME_SERVERS`): the same one, unless another server has it.
    #[must_use]
    pub const fn circuit_port(&self) -> u16 {
        self.ports.circuits
    }

    /// Where the control channel is.
    #[must_use]
    pub fn control(&self) -> &Path {
        self.control.path()
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
    pub async fn run(self, ready: impl FnOnce()) -> Result<(), ServeError> {
        let Self {
            engine,
            addresses,
            ports,
            circuits,
            searches,
            control,
        } = self;
        let port = ports.circuits;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Start)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Start)?;
        let local = LocalSet::new();
        local.spawn_local({
            let engine = engine.clone();
            async move { engine.run().await }
        });
        local.spawn_local({
            let engine = engine.clone();
            async move { engine.watch_recorder().await }
        });
        for listener in circuits {
            local.spawn_local(ca::accept(listener, engine.clone(), port));
        }
        for socket in searches {
            let ignore = addresses.ignore.clone();
            local.spawn_local(ca::udp::answer(socket, engine.clone(), port, ignore));
        }
        local.spawn_local(async move {
            if let Err(error) = ca::beacons::send(addresses, port).await {
                warn!(%error, "no beacons are sent");
            }
        });
        let why = local
            .run_until(async {
                spawn_local({
                    let engine = engine.clone();
                    async move { control.serve(engine).await }
                });
                ready();
                tokio::select! {
                    _ = interrupt.recv() => "interrupted",
                    _ = terminate.recv() => "terminated",
                    () = engine.ended() => "shut down",
                }
            })
            .await;
        info!(why, "ending");
        // What clients are still told goes with them; the trace ends before they are gone.
        let finished = engine.act(crate::Engine::finish_recording);
        drop(local);
        finished.map_err(ServeError::RecordingLost)
    }
}

/// Where clients find us.
#[derive(Clone, Copy, Debug)]
struct Ports {
    searches: u16,
    circuits: u16,
}

/// Opens a circuit socket and a search socket on each interface, all on one port if it can be had.
///
/// As an IOC does, we share the search port with other servers, and take another port for circuits where
/// theirs is taken; searches tell clients which.
fn sockets(addresses: &Addresses) -> Result<(Ports, Vec<TcpListener>, Vec<UdpSocket>), ServeError> {
    let mut attempts = 0;
    loop {
        let mut port = addresses.port;
        let mut circuits = Vec::new();
        for &ip in &addresses.listen {
            let listener = match tcp(ip, port) {
                Err(error) if taken(&error) && port != 0 && circuits.is_empty() => {
                    warn!(port, "the port for circuits is taken, using another");
                    tcp(ip, 0)
                }
                other => other,
            };
            let listener = listener.map_err(|source| listen(ip, port, source))?;
            port = listener
                .local_addr()
                .map_err(|source| listen(ip, port, source))?
                .port();
            circuits.push(listener);
        }
        let search_port = if addresses.port == 0 {
            port
        } else {
            addresses.port
        };
        let searches: io::Result<Vec<UdpSocket>> = addresses
            .listen
            .iter()
            .map(|&ip| udp(ip, search_port, addresses.port != 0))
            .collect();
        match searches {
            Ok(searches) => {
                return Ok((Ports { searches: search_port, circuits: port }, circuits, searches));
            }
            Err(source) if addresses.port == 0 && taken(&source) && attempts < ATTEMPTS => {
                attempts += 1;
            }
            Err(source) => return Err(listen(addresses.listen[0], search_port, source)),
        }
    }
}

/// How often to look for a port that is free for circuits and for searches.
const ATTEMPTS: u32 = 32;
/// `SIGXFSZ` on Linux and on BSD: a file grew over its limit.
const SIGXFSZ: i32 = 25;
/// How many circuits may wait to be accepted.
const BACKLOG: i32 = 1024;

fn listen(ip: Ipv4Addr, port: u16, source: io::Error) -> ServeError {
    ServeError::Listen {
        address: SocketAddrV4::new(ip, port).into(),
        source,
    }
}

fn taken(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrInUse
}

fn tcp(ip: Ipv4Addr, port: u16) -> io::Result<TcpListener> {
    let socket = RawSocket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddrV4::new(ip, port).into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

fn udp(ip: Ipv4Addr, port: u16, shared: bool) -> io::Result<UdpSocket> {
    let socket = RawSocket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(shared)?;
    socket.bind(&SocketAddrV4::new(ip, port).into())?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket.into())
}
