//! A client of Channel Access, and a server for it in the same process.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test file uses some of it"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use beamtwin_ca::message::Request;
use beamtwin_ca::{Client, Heard};
use beamtwin_pv::Value;
use beamtwin_server::Mode;
use beamtwin_server::ca;
use beamtwin_server::engine::Shared;
use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::task::{LocalSet, spawn_local, yield_now};

use crate::toy;

/// Longer than anything here should take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Serves toys to a test, on one port for circuits and searches.
pub(crate) async fn with_server(mode: Mode, test: impl AsyncFnOnce(Shared, SocketAddr)) {
    with_engine(Shared::new(toy::world(), mode), test).await;
}

/// The same, with an engine of its own.
pub(crate) async fn with_engine(engine: Shared, test: impl AsyncFnOnce(Shared, SocketAddr)) {
    let local = LocalSet::new();
    local
        .run_until(async {
            let (circuits, searches) = sockets().await;
            let searches = Rc::new(searches);
            let address = circuits.local_addr().unwrap();
            let port = address.port();
            let clock = engine.clone();
            spawn_local(async move { clock.run().await });
            spawn_local(ca::accept(circuits, engine.clone(), port));
            spawn_local(ca::udp::answer(
                Rc::clone(&searches),
                searches,
                engine.clone(),
                port,
                Vec::new(),
            ));
            test(engine, address).await;
        })
        .await;
}

async fn sockets() -> (TcpListener, UdpSocket) {
    loop {
        let circuits = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(searches) = UdpSocket::bind(circuits.local_addr().unwrap()).await {
            return (circuits, searches);
        }
    }
}

/// Lets others do their work until it is done.
pub(crate) async fn until(mut done: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !done() {
            yield_now().await;
        }
    });
    waited.await.expect("waited in vain");
}

/// A circuit as its client sees it.
pub(crate) struct Peer {
    pub(crate) client: Client,
    pub(crate) stream: TcpStream,
    out: BytesMut,
    input: Vec<u8>,
}

impl Peer {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::connect_from(Ipv4Addr::LOCALHOST, address).await
    }

    /// Connects from another address of this machine.
    pub(crate) async fn connect_from(ip: Ipv4Addr, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((ip, 0).into()).unwrap();
        let mut peer = Self {
            client: Client::default(),
            stream: socket.connect(address).await.unwrap(),
            out: BytesMut::new(),
            input: vec![0; 1 << 16],
        };
        peer.stream.set_nodelay(true).unwrap();
        assert!(matches!(peer.hear().await, Heard::Version { minor: 13 }));
        peer
    }

    /// Says the first half of what there is to say.
    pub(crate) async fn flush_half(&mut self) {
        self.client.transmit(&mut self.out);
        let half = self.out.len() / 2;
        self.stream.write_all(&self.out[..half]).await.unwrap();
        self.out.clear();
    }

    pub(crate) async fn flush(&mut self) {
        self.client.transmit(&mut self.out);
        self.stream.write_all(&self.out).await.unwrap();
        self.out.clear();
    }

    /// Says what there is to say, then waits for the next thing that the server says.
    pub(crate) async fn hear(&mut self) -> Heard {
        self.flush().await;
        loop {
            if let Some(heard) = self.client.poll().unwrap() {
                return heard;
            }
            let got = tokio::time::timeout(PATIENCE, self.stream.read(&mut self.input));
            let got = got.await.expect("the server says nothing").unwrap();
            assert_ne!(got, 0, "the server hung up");
            self.client.receive(&self.input[..got]);
        }
    }

    /// Waits until the server hangs up, whatever it says before.
    pub(crate) async fn hung_up(&mut self) {
        loop {
            let got = tokio::time::timeout(PATIENCE, self.stream.read(&mut self.input));
            // Where something was still on its way, the circuit is reset.
            if matches!(got.await.expect("the server stays"), Ok(0) | Err(_)) {
                return;
            }
        }
    }

    /// Whether nothing was said so far.
    pub(crate) fn has_heard_nothing(&mut self) -> bool {
        self.client.poll().unwrap().is_none() && self.stream.try_read(&mut self.input).is_err()
    }

    /// Opens a channel; gives the numbers that the client and the server have for it.
    pub(crate) async fn open(&mut self, name: &str) -> (u32, u32) {
        let cid = self.client.open(name);
        loop {
            match self.hear().await {
                Heard::Access { .. } => {}
                Heard::Opened {
                    cid: heard, sid, ..
                } if heard == cid => return (cid, sid),
                other => panic!("{name}: {other:?}"),
            }
        }
    }

    /// The next event, which must be of this subscription.
    pub(crate) async fn event(&mut self, expected: u32) -> Value {
        match self.hear().await {
            Heard::Event {
                subscription,
                sample,
                ..
            } if subscription == expected => sample.value,
            other => panic!("{other:?}"),
        }
    }
}

/// Asks for names over UDP, in one datagram; each is called by its place.
pub(crate) async fn ask(socket: &UdpSocket, server: SocketAddr, names: &[&str]) {
    let mut datagram = BytesMut::new();
    Request::Version {
        minor: 13,
        priority: 1,
        sequence: 5,
    }
    .encode(&mut datagram);
    for (cid, name) in (0..).zip(names) {
        let (name, minor, wants_refusal) = (name.as_bytes(), 13, false);
        Request::Search {
            cid,
            minor,
            wants_refusal,
            name,
        }
        .encode(&mut datagram);
    }
    socket.send_to(&datagram, server).await.unwrap();
}

/// Waits for one datagram of answers; gives who was found, and the port.
pub(crate) async fn found(socket: &UdpSocket) -> Vec<(u32, u16)> {
    let mut datagram = vec![0; 1 << 16];
    let got = tokio::time::timeout(PATIENCE, socket.recv_from(&mut datagram));
    let (got, _) = got.await.expect("no answer").unwrap();
    let word = |at: usize| u16::from_be_bytes([datagram[at], datagram[at + 1]]);
    // A version, then answers of a header and eight bytes each.
    assert_eq!(word(0), 0);
    (16..got)
        .step_by(24)
        .map(|at| {
            assert_eq!((word(at), word(at + 2)), (6, 8));
            (
                u32::from(word(at + 12)) << 16 | u32::from(word(at + 14)),
                word(at + 4),
            )
        })
        .collect()
}

/// Asks for names over UDP, and waits for the answers.
pub(crate) async fn search(
    socket: &UdpSocket,
    server: SocketAddr,
    names: &[&str],
) -> Vec<(u32, u16)> {
    ask(socket, server, names).await;
    found(socket).await
}
