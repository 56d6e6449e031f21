//! Where what clients send arrives, and whether all of it has been seen to.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::{Rc, Weak};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tokio::net::TcpStream;

use crate::pace::Mode;

/// All inboxes, where anybody wants to know.
#[derive(Debug, Default)]
pub(crate) struct Inboxes {
    watched: bool,
    circuits: RefCell<Vec<Weak<Inbox>>>,
    others: RefCell<Vec<OwnedFd>>,
}

/// That of a circuit.
#[derive(Debug)]
pub(crate) struct Inbox {
    /// Another handle of its socket, where it is watched.
    socket: Option<OwnedFd>,
    /// Its client.
    pub(super) peer: SocketAddr,
    /// Who that is, once it was looked for.
    pub(super) owner: RefCell<Option<super::Owner>>,
    /// Whether there is something to do that does not come from the socket.
    works: Cell<bool>,
    /// Whether the socket is read from.
    reads: Cell<bool>,
}

impl Inboxes {
    /// They are watched where time jumps.
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            watched: mode == Mode::Jump,
            ..Self::default()
        }
    }

    /// The inbox of a new circuit.
    pub(crate) fn of_circuit(&self, stream: &TcpStream, peer: SocketAddr) -> Rc<Inbox> {
        // Without another handle it never rests, and time stands still rather than to be wrong.
        let socket = self
            .watched
            .then(|| stream.as_fd().try_clone_to_owned().ok());
        let inbox = Rc::new(Inbox {
            socket: socket.flatten(),
            peer,
            owner: RefCell::default(),
            works: Cell::new(true),
            reads: Cell::new(true),
        });
        if self.watched {
            let mut circuits = self.circuits.borrow_mut();
            circuits.retain(|known| known.strong_count() > 0);
            circuits.push(Rc::downgrade(&inbox));
        }
        inbox
    }

    /// Another socket at which clients knock.
    pub(crate) fn watch(&self, socket: &impl AsFd) -> io::Result<()> {
        if self.watched {
            let socket = socket.as_fd().try_clone_to_owned()?;
            self.others.borrow_mut().push(socket);
        }
        Ok(())
    }

    /// The circuits that there are.
    pub(super) fn circuits(&self) -> Vec<Rc<Inbox>> {
        self.circuits
            .borrow()
            .iter()
            .filter_map(Weak::upgrade)
            .collect()
    }

    /// Whether all circuits rest, and what they said has left this machine's side of the connection.
    pub(super) fn rest(&self) -> bool {
        self.circuits()
            .iter()
            .all(|it| !it.works.get() && it.socket.as_ref().is_some_and(has_left))
    }

    /// Whether nothing has come that was not looked at.
    pub(super) fn are_empty(&self) -> bool {
        self.with_sockets(|sockets| {
            let mut sockets: Vec<PollFd<'_>> = sockets.to_vec();
            poll(&mut sockets, PollTimeout::ZERO) == Ok(0)
        })
    }

    /// Gives the sockets that are read from, as they are polled.
    pub(super) fn with_sockets<R>(&self, f: impl FnOnce(&[PollFd<'_>]) -> R) -> R {
        let circuits = self.circuits();
        let others = self.others.borrow();
        let read = circuits.iter().filter(|it| it.reads.get());
        let sockets: Vec<PollFd<'_>> = read
            .filter_map(|it| it.socket.as_ref())
            .chain(others.iter())
            .map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN))
            .collect();
        f(&sockets)
    }
}

impl Inbox {
    /// There is something to do.
    pub(crate) fn works(&self) {
        self.works.set(true);
    }

    /// There is nothing to do until something comes from the socket, if that is read from.
    pub(crate) fn rests(&self, reads: bool) {
        self.works.set(false);
        self.reads.set(reads);
    }
}

/// Whether all that was written to a socket has been sent.
#[cfg(target_os = "linux")]
fn has_left(socket: &OwnedFd) -> bool {
    nix::sys::socket::getsockopt(socket, TcpInfo).is_ok_and(|info| info[NOT_SENT] == 0)
}

#[cfg(not(target_os = "linux"))]
fn has_left(_: &OwnedFd) -> bool {
    false
}

/// `struct tcp_info` of Linux up to `tcpi_notsent_bytes`.
#[cfg(target_os = "linux")]
type Info = [u32; NOT_SENT + 1];
/// Where in it that is.
#[cfg(target_os = "linux")]
const NOT_SENT: usize = 36;

#[cfg(target_os = "linux")]
mod option {
    use nix::libc;

    /// What the kernel tells of a connection.
    #[derive(Clone, Copy, Debug)]
    pub(super) struct TcpInfo;

    nix::getsockopt_impl!(
        TcpInfo,
        libc::IPPROTO_TCP,
        libc::TCP_INFO,
        super::Info,
        nix::sys::socket::sockopt::GetStruct<super::Info>
    );
}
#[cfg(target_os = "linux")]
use option::TcpInfo;
