//! Answers searches.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use beamtwin_ca::Responder;
use bytes::BytesMut;
use tokio::net::UdpSocket;
use tracing::debug;

use crate::engine::Shared;

/// The largest datagram there can be.
const DATAGRAM: usize = 1 << 16;

/// Answers the searches that arrive on one socket, for ever.
///
/// What is broadcast arrives on a socket of its own, which cannot be answered from: `replies` is that of its
/// interface.
pub async fn answer(
    socket: Rc<UdpSocket>,
    replies: Rc<UdpSocket>,
    engine: Shared,
    port: u16,
    ignore: Vec<Ipv4Addr>,
) {
    let mut responder = Responder::new(port);
    let mut datagram = vec![0; DATAGRAM];
    let mut out = BytesMut::new();
    loop {
        let (len, from) = match socket.recv_from(&mut datagram).await {
            Ok(received) => received,
            Err(error) => {
                // A datagram of ours found nobody at home: Linux tells it on the next receive.
                debug!(%error, "search socket");
                continue;
            }
        };
        if matches!(from.ip(), IpAddr::V4(ip) if ignore.contains(&ip)) {
            continue;
        }
        let mut missed: Vec<String> = Vec::new();
        engine.look(|engine| {
            let world = engine.world();
            let knows = |name: &str| match world.find(name) {
                Some(target) => world.is_served(target.pv),
                None => {
                    missed.extend((!world.is_down()).then(|| name.to_owned()));
                    false
                }
            };
            responder.receive(&datagram[..len], knows, &mut out);
        });
        if !missed.is_empty() {
            engine.act(|engine| missed.iter().for_each(|name| engine.miss(name, None)));
        }
        if !out.is_empty() {
            if let Err(error) = send(&replies, &out, from).await {
                debug!(%from, %error, "search reply not sent");
            }
            out.clear();
        }
    }
}

async fn send(socket: &UdpSocket, out: &[u8], to: std::net::SocketAddr) -> io::Result<usize> {
    socket.send_to(out, to).await
}
