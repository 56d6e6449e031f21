//! Gets and puts of a hundred PVs, one at a time and a hundred in flight.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use beamtwin_ca::header::{Header, command};
use beamtwin_ca::message::Request;
use bytes::BytesMut;

use crate::floor::{Deal, Floor};
use crate::wire::{Channel, Circuit};

/// How long each measurement takes.
pub(crate) const LONG: Duration = Duration::from_secs(1);

/// What is asked for, encoded: of each PV one request, or two that differ in their value.
pub(crate) struct Requests {
    encoded: Vec<[BytesMut; 2]>,
    /// Bytes of one, and of what answers it, on average.
    floor: (u64, u64),
}

/// What was measured of requests and answers.
#[derive(Clone, Debug)]
pub(crate) struct Rate {
    /// Answers a second.
    pub(crate) rate: f64,
    /// How many there were.
    pub(crate) answers: u64,
    /// How long each took, in order; only of one at a time.
    pub(crate) took: Vec<Duration>,
}

impl Rate {
    /// How long at most all took but one of so many.
    pub(crate) fn all_but(&self, of: usize) -> Duration {
        let last = self.took.len().saturating_sub(1);
        let place = last - (self.took.len() / of).min(last);
        self.took.get(place).copied().unwrap_or_default()
    }
}

impl Requests {
    /// Reads in the `TIME` form.
    pub(crate) fn gets(channels: &[Channel]) -> Self {
        let encode = |(ioid, channel): (u32, &Channel)| {
            let mut out = BytesMut::new();
            Request::Read {
                sid: channel.sid,
                ioid,
                data_type: channel.kind + 14,
                count: channel.count,
                notify: true,
            }
            .encode(&mut out);
            [out.clone(), out]
        };
        Self {
            encoded: (0..).zip(channels).map(encode).collect(),
            floor: (16, 16 + 32),
        }
    }

    /// Writes that wait for completion.
    pub(crate) fn puts(channels: &[Channel]) -> Self {
        let encode =
            |(ioid, channel): (u32, &Channel)| [0, 1].map(|value| put(channel, ioid, value, true));
        Self {
            encoded: (0..).zip(channels).map(encode).collect(),
            floor: (16 + 24, 16),
        }
    }

    /// Sends each when the one before was answered, `in_flight` at a time, and counts.
    pub(crate) fn measure(&self, circuit: &mut Circuit, in_flight: usize) -> io::Result<Rate> {
        let places = self.encoded.len();
        let mut turn = vec![0_usize; places];
        let mut out = BytesMut::new();
        let mut took = Vec::new();
        for place in 0..in_flight {
            out.extend_from_slice(&self.encoded[place][0]);
        }
        let (mut next, mut answers) = (in_flight % places, 0_u64);
        let began = Instant::now();
        let mut sent = began;
        circuit.send(&out)?;
        while began.elapsed() < LONG {
            circuit.fill()?;
            out.clear();
            while let Some(header) = circuit.message()? {
                if !matches!(header.command, command::READ_NOTIFY | command::WRITE_NOTIFY) {
                    continue;
                }
                answers += 1;
                if in_flight == 1 {
                    took.push(sent.elapsed());
                }
                // With many in flight, on a channel that has just answered and so waits for nothing.
                let place = if in_flight == 1 {
                    next
                } else {
                    header.p2 as usize
                };
                turn[place] ^= 1;
                out.extend_from_slice(&self.encoded[place][turn[place]]);
                next = (next + 1) % places;
            }
            sent = Instant::now();
            circuit.send(&out)?;
        }
        let rate = answers as f64 / began.elapsed().as_secs_f64();
        took.sort_unstable();
        Ok(Rate {
            rate,
            answers,
            took,
        })
    }

    /// The same of a server that does nothing.
    pub(crate) fn floor(&self, floor: &Floor, in_flight: usize) -> io::Result<Rate> {
        let (request, reply) = self.floor;
        let mut circuit = floor.connect(Deal::Reply { request, reply })?;
        let mut request = BytesMut::new();
        let header = Header {
            command: command::WRITE_NOTIFY,
            payload: u32::try_from(self.floor.0).map_err(io::Error::other)? - 16,
            ..Header::default()
        };
        header.encode(&mut request);
        request.resize(header.payload as usize + 16, 0);
        let same = Self {
            encoded: vec![[request.clone(), request]; 100],
            floor: self.floor,
        };
        same.measure(&mut circuit, in_flight)
    }
}

/// A write of one of two values, whatever the type.
pub(crate) fn put(channel: &Channel, ioid: u32, value: u8, notify: bool) -> BytesMut {
    let digits = match channel.kind {
        0 => &[b'0' + value][..],
        1 | 3 => &[0, value],
        5 => &[0, 0, 0, value],
        4 => &[value],
        2 => &[0x3f, 0x80 + value, 0, 0],
        _ => &[0x3f, 0xf0 + value, 0, 0, 0, 0, 0, 0],
    };
    let element = if channel.kind == 0 { 40 } else { digits.len() };
    let mut payload = BytesMut::new();
    for _ in 0..channel.count {
        let end = payload.len() + element;
        payload.extend_from_slice(digits);
        payload.resize(end, 0);
    }
    payload.resize(payload.len().next_multiple_of(8), 0);
    let mut out = BytesMut::new();
    Request::Write {
        sid: channel.sid,
        ioid,
        data_type: channel.kind,
        count: channel.count,
        notify,
        payload: &payload,
    }
    .encode(&mut out);
    out
}

/// Somebody who writes each of some PVs ten times a second, until dropped.
pub(crate) struct Writer {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Writer {
    pub(crate) fn start(address: SocketAddr, names: &[String]) -> io::Result<Self> {
        let mut circuit = Circuit::connect(address)?;
        let channels = circuit.open(names)?;
        let stop = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&stop);
        let write = move || {
            for turn in (0..).map(|turn| turn % 2) {
                for some in channels.chunks(channels.len().div_ceil(10)) {
                    let mut out = BytesMut::new();
                    for channel in some {
                        out.extend_from_slice(&put(channel, 0, turn, false));
                    }
                    circuit.send(&out)?;
                    thread::sleep(Duration::from_millis(10));
                }
                if theirs.load(Ordering::Relaxed) {
                    break;
                }
            }
            Ok(())
        };
        Ok(Self {
            stop,
            thread: Some(thread::spawn(write)),
        })
    }

    /// Whether all was written until now.
    pub(crate) fn stop(mut self) -> io::Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().expect("it is stopped once");
        thread.join().expect("it does not panic")
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
