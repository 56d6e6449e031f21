//! Tells clients that we are here.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use beamtwin_ca::Beacon;
use bytes::BytesMut;
use tokio::net::UdpSocket;
use tokio::time::Instant;
use tracing::debug;

use crate::engine::{Engine, Shared};

/// What is gone on purpose.
fn disconnected(engine: &Engine) -> Vec<String> {
    let faults = engine.world().faults();
    let gone = faults.filter(|(_, fault, _)| fault.disconnects());
    gone.map(|(name, ..)| name.to_owned()).collect()
}

/// Sends beacons, for ever; none while the twin is gone on purpose, and often again when anything is back.
///
/// # Errors
/// If no socket can be had.
pub async fn send(
    targets: Vec<SocketAddrV4>,
    period: Duration,
    port: u16,
    engine: Shared,
) -> io::Result<()> {
    let socket = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)).await?;
    socket.set_broadcast(true)?;
    let start = Instant::now();
    let mut beacon = Beacon::new(port, period, start.elapsed());
    let mut out = BytesMut::new();
    let mut faulted = engine.look(Engine::faulted);
    let mut gone = engine.look(disconnected);
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(start + beacon.deadline()) => {}
            Ok(()) = faulted.changed() => {
                let now = engine.look(disconnected);
                if gone.iter().any(|name| !now.contains(name)) {
                    beacon.restart(start.elapsed());
                }
                gone = now;
            }
        }
        out.clear();
        let due = beacon.poll(start.elapsed(), &mut out);
        if due && !engine.look(|engine| engine.world().is_down()) {
            for to in &targets {
                if let Err(error) = socket.send_to(&out, to).await {
                    debug!(%to, %error, "beacon not sent");
                }
            }
        }
    }
}
