//! The sockets of circuits and of searches, and their ports.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};
use tracing::warn;

use super::ServeError;
use crate::addresses::Addresses;
use crate::jump::Inboxes;
use crate::networks::Network;

/// Where clients find us.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) searches: u16,
    pub(super) circuits: u16,
}

/// A circuit socket and the search sockets of each interface.
#[derive(Debug)]
pub(super) struct Sockets {
    pub(super) ports: Ports,
    pub(super) circuits: Vec<TcpListener>,
    pub(super) searches: Vec<Searches>,
}

/// A socket that hears searches, and the one that answers them.
#[derive(Debug)]
pub(super) struct Searches {
    pub(super) heard: Rc<UdpSocket>,
    pub(super) replies: Rc<UdpSocket>,
}

impl Sockets {
    /// Opens all sockets, on one port if it can be had.
    ///
    /// As an IOC does, we share the search port with other servers, and take another port for circuits
    /// where theirs is taken on any interface; searches tell clients which.
    pub(super) fn open(addresses: &Addresses, networks: &[Network]) -> Result<Self, ServeError> {
        let (ips, port) = (&addresses.listen, addresses.port);
        if port == 0 {
            return open_any(addresses, networks);
        }
        let (circuits, own) = match circuits(ips, port) {
            Err(refused) if refused.is_taken() => {
                warn!(port, "the port for circuits is taken, using another");
                retry(|| circuits(ips, 0))?
            }
            other => other?,
        };
        Ok(Self {
            ports: Ports {
                searches: port,
                circuits: own,
            },
            circuits,
            searches: searches(addresses, networks, port, true)?,
        })
    }

    /// Has what arrives watched, where time jumps.
    pub(super) fn watch(&self, inboxes: &Inboxes) -> io::Result<()> {
        self.circuits
            .iter()
            .try_for_each(|socket| inboxes.watch(socket))?;
        self.searches
            .iter()
            .try_for_each(|it| inboxes.watch(&*it.heard))
    }
}

/// Opens all sockets on one port that is free for circuits and for searches, on all interfaces.
fn open_any(addresses: &Addresses, networks: &[Network]) -> Result<Sockets, ServeError> {
    let opened = retry(|| {
        let (circuits, port) = circuits(&addresses.listen, 0)?;
        let searches = searches(addresses, networks, port, false)?;
        Ok((circuits, searches, port))
    });
    let (circuits, searches, port) = opened?;
    let ports = Ports {
        searches: port,
        circuits: port,
    };
    Ok(Sockets {
        ports,
        circuits,
        searches,
    })
}

/// A socket that cannot be had.
struct Refused {
    address: SocketAddrV4,
    source: io::Error,
}

impl Refused {
    fn is_taken(&self) -> bool {
        self.source.kind() == io::ErrorKind::AddrInUse
    }
}

impl From<Refused> for ServeError {
    fn from(Refused { address, source }: Refused) -> Self {
        Self::Listen {
            address: address.into(),
            source,
        }
    }
}

/// Tries a few times, for ports that somebody else just took.
fn retry<T>(open: impl Fn() -> Result<T, Refused>) -> Result<T, Refused> {
    for _ in 1..ATTEMPTS {
        match open() {
            Err(refused) if refused.is_taken() => {}
            other => return other,
        }
    }
    open()
}

/// How often to look for a port that is free everywhere.
const ATTEMPTS: u32 = 32;
/// How many circuits may wait to be accepted.
const BACKLOG: i32 = 1024;
/// Bytes of searches that may wait to be answered: a client that starts sends thousands of names at once.
/// The kernel gives less where its own limit is lower.
const BURST: usize = 4 << 20;

/// Circuit sockets on one port; for port 0, on whichever the first interface has free.
fn circuits(ips: &[Ipv4Addr], port: u16) -> Result<(Vec<TcpListener>, u16), Refused> {
    let mut port = port;
    let mut sockets = Vec::new();
    for &ip in ips {
        let address = SocketAddrV4::new(ip, port);
        let refused = |source| Refused { address, source };
        let socket = tcp(address).map_err(refused)?;
        port = socket.local_addr().map_err(refused)?.port();
        sockets.push(socket);
    }
    Ok((sockets, port))
}

/// On BSD sockets, one that is bound to the address of an interface does not hear what is broadcast in its
/// network. As an IOC does, another one is bound to the address of broadcasts.
fn searches(
    addresses: &Addresses,
    networks: &[Network],
    port: u16,
    shared: bool,
) -> Result<Vec<Searches>, Refused> {
    let open = |ip: Ipv4Addr| {
        let address = SocketAddrV4::new(ip, port);
        let opened = udp(address, shared);
        opened
            .map(Rc::new)
            .map_err(|source| Refused { address, source })
    };
    let mut searches = Vec::new();
    for &ip in &addresses.listen {
        let replies = open(ip)?;
        for group in &addresses.groups {
            if let Err(error) = replies.join_multicast_v4(*group, ip) {
                warn!(%group, %ip, %error, "a group is not heard");
            }
        }
        let broadcasts = networks.iter().filter(|network| network.own == ip);
        for network in broadcasts {
            let heard = open(network.all)?;
            let replies = Rc::clone(&replies);
            searches.push(Searches { heard, replies });
        }
        let heard = Rc::clone(&replies);
        searches.push(Searches { heard, replies });
    }
    Ok(searches)
}

fn tcp(address: SocketAddrV4) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

fn udp(address: SocketAddrV4, shared: bool) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(shared)?;
    socket.set_recv_buffer_size(BURST)?;
    socket.bind(&address.into())?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket.into())
}
