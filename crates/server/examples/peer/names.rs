//! Searches by datagram, then channels on one circuit.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use beamtwin_ca::header::{Header, command};
use beamtwin_ca::message::Request;
use bytes::BytesMut;

use crate::floor::{Deal, Floor};
use crate::wire::Circuit;

/// How many channels a client looks for.
pub(crate) const CHANNELS: usize = 10_000;
/// Bytes of a datagram of searches, as the C library fills them.
const DATAGRAM: usize = 1400;
/// How many searches are under way at most.
const WINDOW: usize = 500;

/// Searches for names, then opens them; how long that took.
pub(crate) fn connect(address: SocketAddr, names: &[String]) -> io::Result<Duration> {
    let began = Instant::now();
    search(address, names)?;
    let mut circuit = Circuit::connect(address)?;
    circuit.open(names)?;
    Ok(began.elapsed())
}

/// The same bytes through a server that does nothing, without the datagrams.
pub(crate) fn floor(floor: &Floor) -> io::Result<Duration> {
    let began = Instant::now();
    for (request, reply) in [(40, 24), (40, 32)] {
        let mut circuit = floor.connect(Deal::Reply { request, reply })?;
        let mut sending = circuit.stream.try_clone()?;
        std::thread::scope(|scope| {
            let sent = scope.spawn(move || sending.write_all(&[0; 40 * CHANNELS]));
            for _ in 0..CHANNELS {
                circuit.next()?;
            }
            sent.join().expect("it does not panic")
        })?;
    }
    Ok(began.elapsed())
}

fn search(address: SocketAddr, names: &[String]) -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(address)?;
    socket.set_read_timeout(Some(Duration::from_millis(200)))?;
    let mut found = vec![false; names.len()];
    let mut missing = names.len();
    let mut answer = [0; 1 << 16];
    while missing > 0 {
        let mut under_way = 0_usize;
        let left: Vec<u32> = (0..)
            .zip(&found)
            .filter_map(|(cid, found)| (!found).then_some(cid))
            .collect();
        let mut left = left.into_iter().peekable();
        while left.peek().is_some() || under_way > 0 {
            if under_way < WINDOW && left.peek().is_some() {
                let mut out = hello();
                while let Some(cid) = left.next_if(|_| out.len() < DATAGRAM - 64) {
                    Request::Search {
                        cid,
                        minor: beamtwin_ca::MINOR.into(),
                        wants_refusal: false,
                        name: names[cid as usize].as_bytes(),
                    }
                    .encode(&mut out);
                    under_way += 1;
                }
                socket.send(&out)?;
                continue;
            }
            let got = match socket.recv(&mut answer) {
                Ok(got) => got,
                // What was lost on its way is asked for again.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            };
            let mut rest = &answer[..got];
            while let Some((header, head)) = Header::decode(rest) {
                rest = rest
                    .get(head + header.payload as usize..)
                    .unwrap_or_default();
                let known = found.get_mut(header.p2 as usize);
                if header.command == command::SEARCH
                    && let Some(known) = known
                    && !std::mem::replace(known, true)
                {
                    missing -= 1;
                    under_way -= 1;
                }
            }
        }
    }
    Ok(())
}

fn hello() -> BytesMut {
    let mut out = BytesMut::new();
    Request::Version {
        minor: beamtwin_ca::MINOR.into(),
        priority: 0,
        sequence: 1,
    }
    .encode(&mut out);
    out
}
