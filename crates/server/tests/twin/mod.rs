//! A whole server in the process of the test.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use beamtwin_server::addresses::Searched;
use beamtwin_server::serve::{Options, ServeError, Server};
use beamtwin_server::{Addresses, Limits, Mode, Scribe};
use beamtwin_trace::{End, Trace};

use crate::toy;

/// Loopback, on this port, without beacons.
pub(crate) fn addresses(port: u16) -> Addresses {
    Addresses {
        listen: vec![Ipv4Addr::LOCALHOST],
        port,
        groups: Vec::new(),
        beacons: Vec::new(),
        auto_beacons: None,
        beacon_period: Duration::from_secs(15),
        ignore: Vec::new(),
        clients: Searched::default(),
    }
}

/// Toys that are recorded into a folder and controlled from there.
pub(crate) fn options(folder: &Path, addresses: Addresses) -> Options {
    Options {
        addresses,
        limits: Limits::default(),
        pace: Mode::Stepped,
        record: Some(folder.join("trace")),
        scribe: Scribe::new(&toy::header(), Some(&toy::source())),
        control: Some(folder.join("control")),
        shown_below: Some("toy:".to_owned()),
    }
}

pub(crate) async fn bind(options: Options) -> Result<Server, ServeError> {
    Server::bind(toy::world(), options).await
}

#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "not every test file opens one"
)]
pub(crate) fn circuits(server: &Server) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, server.circuit_port()).into()
}

/// The trace of a session that has ended as it should.
pub(crate) fn whole(folder: &Path) -> Trace {
    let bytes = std::fs::read(folder.join("trace")).unwrap();
    let trace = Trace::read(bytes.as_slice()).unwrap();
    assert!(matches!(trace.end, End::Complete(_)), "{:?}", trace.end);
    assert_eq!(trace.counted, Some(trace.facts.len() as u64));
    trace
}
