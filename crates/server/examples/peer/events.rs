//! Events of many subscriptions of one PV, and images to some clients.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use beamtwin_ca::Mask;
use beamtwin_ca::header::command;
use beamtwin_ca::message::Request;
use bytes::BytesMut;

use crate::floor::{Deal, Floor};
use crate::loads::{LONG, put};
use crate::records::PIXELS;
use crate::wire::{Channel, Circuit};

/// How many subscriptions one PV has.
pub(crate) const SUBSCRIPTIONS: u32 = 100;
/// How many clients see each image.
pub(crate) const VIEWERS: usize = 4;
/// How many images are sent in one measurement.
const IMAGES: u32 = 40;
/// After so long without an event no more is expected.
const QUIET: Duration = Duration::from_secs(1);

/// What came of puts to a PV with many subscriptions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    /// Events a second.
    pub(crate) rate: f64,
    /// How many of those that there could have been.
    pub(crate) share: f64,
}

/// How puts follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Puts {
    /// With completion, each when the one before is done.
    Completed,
    /// As fast as the server takes them.
    Flooding,
}

/// Puts to a PV, and counts the events that another circuit gets of them.
pub(crate) fn deliver(address: SocketAddr, name: &str, puts: Puts) -> io::Result<Delivery> {
    let names = [name.to_owned()];
    let mut viewer = Circuit::connect(address)?;
    let channel = viewer.open(&names)?[0];
    subscribe(&mut viewer, channel, SUBSCRIPTIONS)?;
    let mut writer = Circuit::connect(address)?;
    let channel = writer.open(&names)?[0];
    let completed = puts == Puts::Completed;
    let some = (0..puts.at_once()).map(|value| put(&channel, 0, value % 2, completed));
    drive(viewer, writer, some.collect(), puts)
}

/// The same bytes through a server that does nothing.
pub(crate) fn deliver_floor(floor: &Floor, puts: Puts) -> io::Result<Delivery> {
    let viewer = floor.connect(Deal::Listen)?;
    let some = vec![BytesMut::zeroed(24); usize::from(puts.at_once())];
    let writer = floor.connect(Deal::Publish {
        request: 24,
        event: 40,
        times: SUBSCRIPTIONS.into(),
    })?;
    drive(viewer, writer, some, puts)
}

impl Puts {
    /// Puts in one write; even, so that each changes the value.
    const fn at_once(self) -> u8 {
        match self {
            Self::Completed => 2,
            Self::Flooding => 64,
        }
    }
}

/// Asks for events in the `TIME` form, and waits for the first of each.
fn subscribe(circuit: &mut Circuit, channel: Channel, times: u32) -> io::Result<()> {
    let mut out = BytesMut::new();
    for subscription in 0..times {
        Request::EventAdd {
            sid: channel.sid,
            subscription,
            data_type: channel.kind + 14,
            count: channel.count,
            mask: (Mask::VALUE | Mask::ALARM).bits(),
        }
        .encode(&mut out);
    }
    circuit.send(&out)?;
    let mut told = 0;
    while told < times {
        told += u32::from(circuit.next()?.command == command::EVENT_ADD);
    }
    Ok(())
}

fn drive(
    mut viewer: Circuit,
    mut writer: Circuit,
    some: Vec<BytesMut>,
    how: Puts,
) -> io::Result<Delivery> {
    let ended = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&ended);
    let writing = thread::spawn(move || {
        let batch = some.concat();
        let began = Instant::now();
        let mut puts = 0;
        while began.elapsed() < LONG {
            match how {
                Puts::Completed => {
                    for put in &some {
                        writer.send(put)?;
                        while writer.next()?.command != command::WRITE_NOTIFY {}
                    }
                }
                Puts::Flooding => writer.send(&batch)?,
            }
            puts += some.len() as u64;
        }
        theirs.store(true, Ordering::Relaxed);
        // Kept open until all events are there.
        Ok::<_, io::Error>((puts, writer))
    });
    viewer.stream.set_read_timeout(Some(QUIET))?;
    let (mut events, began) = (0_u64, Instant::now());
    let mut last = began;
    loop {
        while let Some(header) = viewer.message()? {
            events += u64::from(header.command == command::EVENT_ADD);
        }
        match viewer.fill() {
            Ok(()) => last = Instant::now(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
            }
            Err(error) => return Err(error),
        }
    }
    let (puts, _writer) = writing.join().expect("it does not panic")?;
    let due = puts * u64::from(SUBSCRIPTIONS);
    Ok(Delivery {
        rate: events as f64 / last.duration_since(began).as_secs_f64(),
        share: events as f64 / due as f64,
    })
}

/// Puts images one after another, the next when all clients have the last; images a second.
pub(crate) fn images(address: SocketAddr, name: &str) -> io::Result<f64> {
    let names = [name.to_owned()];
    let mut viewers = Vec::new();
    for _ in 0..VIEWERS {
        let mut viewer = Circuit::connect(address)?;
        let channel = viewer.open(&names)?[0];
        subscribe(&mut viewer, channel, 1)?;
        viewers.push(viewer);
    }
    let mut writer = Circuit::connect(address)?;
    let channel = writer.open(&names)?[0];
    show(viewers, &mut writer, &put(&channel, 0, 1, false))
}

/// Puts an image, and waits until it is there.
pub(crate) fn fill(address: SocketAddr, name: &str) -> io::Result<()> {
    let mut writer = Circuit::connect(address)?;
    let channel = writer.open(&[name.to_owned()])?[0];
    writer.send(&put(&channel, 0, 1, true))?;
    while writer.next()?.command != command::WRITE_NOTIFY {}
    Ok(())
}

/// The same bytes through a server that does nothing.
pub(crate) fn images_floor(floor: &Floor) -> io::Result<f64> {
    let viewers: io::Result<Vec<Circuit>> =
        (0..VIEWERS).map(|_| floor.connect(Deal::Listen)).collect();
    let pixels = 2 * PIXELS as u64;
    let (image, event) = (24 + pixels, 24 + pixels + 16);
    let mut writer = floor.connect(Deal::Publish {
        request: image,
        event,
        times: 1,
    })?;
    let image = vec![0; usize::try_from(image).map_err(io::Error::other)?];
    show(viewers?, &mut writer, &image)
}

fn show(viewers: Vec<Circuit>, writer: &mut Circuit, image: &[u8]) -> io::Result<f64> {
    let (seen, all) = mpsc::channel();
    let count = viewers.len();
    for mut viewer in viewers {
        let seen = seen.clone();
        thread::spawn(move || {
            let mut images = 0;
            while images < IMAGES {
                images += u32::from(viewer.next()?.command == command::EVENT_ADD);
                // The receiver is there until all have seen all.
                let _ = seen.send(());
            }
            Ok::<_, io::Error>(())
        });
    }
    drop(seen);
    let began = Instant::now();
    for _ in 0..IMAGES {
        writer.send(image)?;
        for _ in 0..count {
            all.recv().map_err(io::Error::other)?;
        }
    }
    Ok(f64::from(IMAGES) / began.elapsed().as_secs_f64())
}
