//! Which line of a script asks for what.
//!
//! Nothing in Channel Access carries a line, so the Python side of a preflight tells it beside: before a client library is
//! asked to put, a datagram with the name and the line is in our socket. We read that before we look at a put. What
//! cannot be told apart is told of no line.

mod process;
mod told;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use beamtwin_sim::{ClientId, PvId, World};
use serde::Deserialize;
use tokio::io::Interest;
use tokio::net;
use tokio::time::Instant;
use tracing::debug;

use self::told::{Told, Whose};

/// The longest message: a path may have 4,096 bytes.
const LONGEST: usize = 16 << 10;

/// The socket at which lines are told, and those that nobody has asked for yet.
pub(crate) struct Lines {
    socket: Rc<Socket>,
    told: Told,
    /// Files below this folder are named from there.
    base: PathBuf,
    /// The process that each client is, as far as it is known.
    processes: BTreeMap<ClientId, u32>,
    message: Vec<u8>,
}

/// A socket at which lines are told.
pub struct Socket {
    /// Read at once: the runtime may not know yet that there is something.
    now: UnixDatagram,
    /// The same socket, to wait for.
    later: net::UnixDatagram,
}

impl Socket {
    /// Opens it. Needs a tokio runtime.
    pub(crate) fn bind(path: &Path) -> io::Result<Rc<Self>> {
        let now = UnixDatagram::bind(path)?;
        now.set_nonblocking(true)?;
        let later = net::UnixDatagram::from_std(now.try_clone()?)?;
        Ok(Rc::new(Self { now, later }))
    }

    /// Waits until something was told, which `hear` reads.
    pub async fn wait(&self, hear: impl FnOnce()) {
        let heard = || -> io::Result<()> {
            hear();
            Err(io::ErrorKind::WouldBlock.into())
        };
        if self.later.readable().await.is_ok() {
            let _ = self.later.try_io(Interest::READABLE, heard);
        }
    }
}

/// What the Python side tells.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    process: u32,
    /// Grows with each message of a process.
    number: u64,
    what: What,
    /// The name as it was asked for, the address, or what the exception says.
    name: String,
    /// The file, or what else the code stands in, and the line in it, if they are known.
    #[serde(default)]
    at: Option<(String, u32)>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    /// The line asks for a name.
    Find,
    /// The line puts to a name.
    Put,
    /// That put came to nothing before it was sent.
    Unput,
    /// The line reaches for an address, or looks up a name.
    Reach,
    /// Nobody caught an exception that came from the line.
    Fail,
}

impl Lines {
    pub(crate) fn new(socket: Rc<Socket>) -> Self {
        Self {
            socket,
            told: Told::default(),
            base: std::env::current_dir().unwrap_or_default(),
            processes: BTreeMap::new(),
            message: vec![0; LONGEST],
        }
    }

    /// Reads what was told until now.
    pub(crate) fn hear(&mut self, world: &World) {
        let now = Instant::now();
        while let Ok(length) = self.socket.now.recv(&mut self.message) {
            match serde_json::from_slice::<Message>(&self.message[..length]) {
                Ok(message) => {
                    let line = message.at.as_ref().map(|at| self.named(at));
                    let found = world.find(&message.name).map(|target| target.pv);
                    self.told.take(&message, line, found, now);
                }
                Err(error) => debug!(%error, "not a line"),
            }
        }
    }

    /// A line as it is told: `scan.py:42`.
    fn named(&self, (file, line): &(String, u32)) -> String {
        let below = Path::new(file).strip_prefix(&self.base);
        let file = below.ok().and_then(Path::to_str).unwrap_or(file);
        format!("{file}:{line}")
    }

    /// The line that asked for this put.
    pub(crate) fn put(&mut self, pv: PvId, (by, addr): (ClientId, &str)) -> Option<String> {
        let addr: SocketAddr = addr.parse().ok()?;
        let known = self.processes.get(&by).copied();
        let mut asked = BTreeMap::new();
        let whose = |process: u32| match known {
            Some(known) if known == process => Whose::Theirs,
            Some(_) => Whose::Others,
            None => *asked
                .entry(process)
                .or_insert_with(|| process::whose(addr, process)),
        };
        let (process, line) = self.told.put(pv, Instant::now(), whose)?;
        self.processes.entry(by).or_insert(process);
        line
    }

    /// The line that asked for this name, which is not served.
    pub(crate) fn miss(&mut self, name: &str) -> Option<String> {
        self.told.miss(name)
    }

    /// The line that was the first to reach for an address, or to look up a name.
    pub(crate) fn reach(&self, to: &str) -> Option<&str> {
        self.told.reached.get(to).map(String::as_str)
    }

    /// The last exception that nobody caught, and the line that it came from.
    pub(crate) fn exception(&self) -> Option<&(String, Option<String>)> {
        self.told.failed.as_ref()
    }

    /// A client has gone.
    pub(crate) fn close(&mut self, client: ClientId) {
        self.processes.remove(&client);
    }
}
