//! The clients that have the clock.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::{Duration, Instant};

use beamtwin_pv::SimTime;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::getsockopt;
use nix::sys::socket::sockopt::PeerCredentials;
use tracing::{debug, warn};

use super::memory::{Memory, PLACES, Wish};
use super::owner::ancestors;
use super::threads::Threads;

/// The socket at which they come, and those that have.
pub(super) struct Roll {
    listener: UnixListener,
    clients: Vec<Client>,
}

/// A process that has the clock, for as long as its connection is open.
struct Client {
    place: usize,
    process: u32,
    /// The processes that it comes from, itself first.
    line: Vec<u32>,
    connection: UnixStream,
    threads: Threads,
    /// What it wanted when it was last asked.
    wish: Wish,
    /// How far time has gone on for it although it did not wait.
    crept: u64,
    /// The deadline for which it was woken, and when.
    woken: Option<(SimTime, Instant)>,
}

/// What time is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// Somebody does something.
    Busy,
    /// All wait, and somebody not for device time.
    Elsewhere,
    /// All wait, until this device time at most.
    Wait(Option<SimTime>),
}

impl Roll {
    /// Opens the socket.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener,
            clients: Vec::new(),
        })
    }

    /// Lets clients come and go, and asks what they want; whether there are others than before.
    pub(super) fn call(&mut self, memory: &Memory) -> io::Result<bool> {
        let before = self.clients.len();
        self.clients.retain_mut(|client| {
            let is_there = client.is_there();
            if !is_there {
                debug!(process = client.process, "a client of the clock has gone");
            }
            is_there
        });
        let mut changed = self.clients.len() != before;
        while let Ok((connection, _)) = self.listener.accept() {
            changed |= self.admit(connection, memory)?;
        }
        let wishes = memory.wishes()?;
        for client in &mut self.clients {
            client.wish = wishes[client.place];
        }
        Ok(changed)
    }

    fn admit(&mut self, mut connection: UnixStream, memory: &Memory) -> io::Result<bool> {
        let free = (0..PLACES).find(|place| self.clients.iter().all(|it| it.place != *place));
        let process = getsockopt(&connection, PeerCredentials).map(|who| who.pid().unsigned_abs());
        let (Some(place), Ok(process)) = (free, process) else {
            warn!("no place for another client of the clock");
            return Ok(false);
        };
        memory.clear(place)?;
        connection.set_nonblocking(true)?;
        if connection
            .write_all(&[u8::try_from(place).unwrap_or_default()])
            .is_err()
        {
            return Ok(false);
        }
        debug!(process, place, "a client of the clock");
        self.clients.push(Client {
            place,
            process,
            line: ancestors(process),
            connection,
            threads: Threads::of(process),
            wish: memory.wishes()?[place],
            crept: 0,
            woken: None,
        });
        Ok(true)
    }

    /// The processes that there are.
    pub(super) fn processes(&self) -> BTreeSet<u32> {
        self.clients.iter().map(|client| client.process).collect()
    }

    /// Whether nobody is here.
    pub(super) fn is_empty(&self) -> bool {
        self.present().next().is_none()
    }

    /// Those that are not about to end.
    fn present(&self) -> impl Iterator<Item = &Client> {
        self.clients.iter().filter(|client| !client.wish.leaves)
    }

    /// Whether somebody wants time to stand still at this time of the clock. Who waits for a child holds it only
    /// for a child that has no clock itself; who looks for a channel, for so long at most.
    pub(super) fn is_held(&self, now: Duration, patience: Duration) -> bool {
        self.present().any(|client| {
            if !client.wish.seeks.is_zero() && client.wish.seeks + patience > now {
                return true;
            }
            let child = client.wish.child;
            let is_known =
                |other: &Client| other.process != client.process && other.line.contains(&child);
            client.wish.held > now && (child == 0 || !self.present().any(is_known))
        })
    }

    /// By how much time is to go on for those that read the clock all the time, in milliseconds.
    pub(super) fn creep(&mut self) -> u64 {
        let more = self.clients.iter_mut().map(|client| {
            let more = client.wish.creep.saturating_sub(client.crept);
            client.crept = client.wish.creep;
            more
        });
        more.max().unwrap_or_default()
    }

    /// What all threads of all clients do, and what they want then. `is_quiet` is asked when they were all seen
    /// asleep.
    pub(super) fn listen(
        &mut self,
        memory: &Memory,
        is_quiet: impl Fn() -> bool,
    ) -> io::Result<Says> {
        if !self.sleep() || !is_quiet() {
            return Ok(Says::Busy);
        }
        let wishes = memory.wishes()?;
        for client in &mut self.clients {
            client.wish = wishes[client.place];
        }
        let elsewhere = self.present().any(|client| !client.wish.waits);
        let deadlines = self.present().filter_map(|client| client.wish.deadline);
        Ok(if elsewhere {
            Says::Elsewhere
        } else {
            Says::Wait(deadlines.min())
        })
    }

    /// Whether all threads of all clients sleep, and none has run between two looks.
    fn sleep(&mut self) -> bool {
        let present = self.clients.iter_mut().filter(|it| !it.wish.leaves);
        let mut present: Vec<&mut Client> = present.collect();
        if !present.iter().all(|client| client.threads.may_sleep()) {
            return false;
        }
        let counters = present.iter_mut().map(|client| client.threads.counters());
        let Ok(before) = counters.collect::<io::Result<Vec<_>>>() else {
            return false;
        };
        let mut all = present.iter_mut().zip(&before);
        all.all(|(client, before)| client.threads.slept_since(before).unwrap_or(false))
    }

    /// Wakes those whose time has come.
    pub(super) fn wake(&mut self, memory: &Memory, now: SimTime) -> io::Result<()> {
        let wishes = memory.wishes()?;
        for client in &mut self.clients {
            client.wish = wishes[client.place];
            let Some(deadline) = client.wish.deadline.filter(|&it| it <= now) else {
                continue;
            };
            let at = Instant::now();
            let known = client.woken.filter(|it| it.0 == deadline);
            if known.is_none_or(|it| at.duration_since(it.1) > AGAIN) {
                client.woken = Some((deadline, at));
                // One that cannot be written to has gone, or has more than enough to read.
                let _ = client.connection.write(&[0]);
            }
        }
        Ok(())
    }

    /// Gives all sockets of clients and the one at which they come, as they are polled.
    pub(super) fn sockets(&self) -> Vec<PollFd<'_>> {
        let clients = self.clients.iter().map(|client| client.connection.as_fd());
        clients
            .chain([self.listener.as_fd()])
            .map(|socket| PollFd::new(socket, PollFlags::POLLIN))
            .collect()
    }
}

/// How soon a client is woken again that did not hear it.
const AGAIN: Duration = Duration::from_millis(5);

impl Client {
    /// Whether its connection is open. It says nothing.
    fn is_there(&mut self) -> bool {
        match self.connection.read(&mut [0; 64]) {
            Ok(read) => read > 0,
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        }
    }
}
