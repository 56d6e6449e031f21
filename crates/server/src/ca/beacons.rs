//! Tells clients that we are here.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use beamtwin_ca::Beacon;
use bytes::BytesMut;
use tokio::net::UdpSocket;
use tokio::time::Instant;
use tracing::debug;

use crate::addresses::Addresses;

/// Sends beacons, for ever.
///
/// # Errors
/// If no socket can be had.
pub async fn send(addresses: Addresses, port: u16) -> io::Result<()> {
    let socket = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)).await?;
    socket.set_broadcast(true)?;
    let start = Instant::now();
    let mut beacon = Beacon::new(port, addresses.beacon_period, start.elapsed());
    let mut out = BytesMut::new();
    loop {
        tokio::time::sleep_until(start + beacon.deadline()).await;
        out.clear();
        if beacon.poll(start.elapsed(), &mut out) {
            for to in &addresses.beacons {
                if let Err(error) = socket.send_to(&out, to).await {
                    debug!(%to, %error, "beacon not sent");
                }
            }
        }
    }
}
