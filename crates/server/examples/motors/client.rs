//! A client that monitors, on a thread of its own.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use beamtwin_ca::{Client, Dbr, Form, Heard, Mask};
use beamtwin_pv::Value;
use bytes::BytesMut;

type Failed = Box<dyn Error>;

/// Monitors on some fields of many records, on one circuit.
pub(crate) struct Watch {
    stream: TcpStream,
    /// The channels of the last field, which is where the motors are sent from.
    targets: Vec<u32>,
    /// Events so far: of the first field of all records, then of the second, ….
    counts: Arc<Vec<AtomicU64>>,
}

impl Watch {
    /// Connects, opens all channels, and subscribes to them; comes back when each has told its first value.
    pub(crate) fn start(
        address: SocketAddr,
        records: &[String],
        fields: &[&str],
    ) -> Result<Self, Failed> {
        let mut circuit = Circuit::connect(address)?;
        for field in fields {
            for record in records {
                circuit.client.open(&format!("{record}.{field}"));
            }
        }
        let total = records.len() * fields.len();
        let mut opened = Vec::new();
        while opened.len() < total {
            match circuit.hear()? {
                Heard::Opened { sid, dbr, .. } => opened.push((sid, dbr.ok_or("no type")?)),
                Heard::NotFound { .. } => return Err("a channel is not there".into()),
                _ => {}
            }
        }
        let mut first = None;
        for &(sid, native) in &opened {
            let Dbr::Value(_, kind) = native else {
                return Err("a channel without a type".into());
            };
            let wanted = Dbr::Value(Form::Time, kind);
            let mask = Mask::VALUE | Mask::ALARM;
            let number = circuit.client.subscribe(sid, wanted, 1, mask);
            first.get_or_insert(number);
        }
        let first = first.ok_or("nothing to monitor")?;
        let counts: Arc<Vec<AtomicU64>> = Arc::new((0..total).map(|_| AtomicU64::new(0)).collect());
        for _ in 0..total {
            circuit.count(first, &counts)?;
        }
        let stream = circuit.stream.try_clone()?;
        let heard = Arc::clone(&counts);
        thread::spawn(move || while circuit.count(first, &heard).is_ok() {});
        let targets = opened[total - records.len()..].iter();
        Ok(Self {
            stream,
            targets: targets.map(|&(sid, _)| sid).collect(),
            counts,
        })
    }

    /// Sends all motors on their way, a few each millisecond so that they do not all move in step, and comes
    /// back when each has told twice where it is.
    pub(crate) fn go(&self) -> Result<(), Failed> {
        let before = self.counts();
        let mut client = Client::default();
        let mut out = BytesMut::new();
        // What a client says at first has been said.
        client.transmit(&mut out);
        out.clear();
        for some in self.targets.chunks(AT_ONCE) {
            for &sid in some {
                client.write(sid, &Value::Double(FAR), false);
            }
            client.transmit(&mut out);
            (&self.stream).write_all(&out)?;
            out.clear();
            thread::sleep(Duration::from_millis(1));
        }
        let readbacks = self.targets.len();
        while !self.counts()[..readbacks]
            .iter()
            .zip(&before)
            .all(|(now, before)| *now >= before + 2)
        {
            thread::yield_now();
        }
        Ok(())
    }

    /// How many events there were of each monitor: of the first field of all records, then of the second, ….
    pub(crate) fn counts(&self) -> Vec<u64> {
        let counts = self.counts.iter();
        counts.map(|count| count.load(Ordering::Relaxed)).collect()
    }
}

/// Of a thousand motors, so many a millisecond fill the tenth of a second in which each is polled once.
const AT_ONCE: usize = 10;
/// A target that is minutes away.
const FAR: f64 = 900.0;

struct Circuit {
    client: Client,
    stream: TcpStream,
    out: BytesMut,
    input: Vec<u8>,
}

impl Circuit {
    fn connect(address: SocketAddr) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            client: Client::default(),
            stream,
            out: BytesMut::new(),
            input: vec![0; 1 << 16],
        })
    }

    /// Sends what there is, and waits for the next thing that the server says.
    fn hear(&mut self) -> Result<Heard, Failed> {
        self.client.transmit(&mut self.out);
        self.stream.write_all(&self.out)?;
        self.out.clear();
        loop {
            if let Some(heard) = self.client.poll()? {
                return Ok(heard);
            }
            let got = self.stream.read(&mut self.input)?;
            if got == 0 {
                return Err("the twin is gone".into());
            }
            self.client.receive(&self.input[..got]);
        }
    }

    /// Waits for an event, and counts it.
    fn count(&mut self, first: u32, counts: &[AtomicU64]) -> Result<(), Failed> {
        loop {
            if let Heard::Event { subscription, .. } = self.hear()? {
                let place = subscription.wrapping_sub(first) as usize;
                let count = counts.get(place).ok_or("an event of nobody's")?;
                count.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
        }
    }
}
