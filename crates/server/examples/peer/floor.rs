//! The floor: what the same bytes cost when nobody looks at them.
//!
//! A bare server in a process of its own, which is this program again. Whoever connects says what it is; from then on, of so many bytes that arrive so many go out, in one write after each read.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use beamtwin_ca::header::{Header, command};
use bytes::BytesMut;

use crate::wire::Circuit;

/// The server, killed when dropped.
pub(crate) struct Floor {
    child: Child,
    address: SocketAddr,
}

/// What is to be done with what arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deal {
    /// For each `request` bytes, a message of `reply` bytes goes back.
    Reply { request: u64, reply: u64 },
    /// For each `request` bytes, `times` messages of `event` bytes go to each listener.
    Publish {
        request: u64,
        event: u64,
        times: u64,
    },
    /// Listens to what is published.
    Listen,
}

impl Deal {
    fn write(self, stream: &mut TcpStream) -> io::Result<()> {
        let numbers = match self {
            Self::Reply { request, reply } => [0, request, reply, 1],
            Self::Publish {
                request,
                event,
                times,
            } => [1, request, event, times],
            Self::Listen => [2, 0, 0, 0],
        };
        stream.write_all(numbers.map(u64::to_be_bytes).as_flattened())
    }

    fn read(stream: &mut TcpStream) -> io::Result<Self> {
        let mut numbers = [[0; 8]; 4];
        stream.read_exact(numbers.as_flattened_mut())?;
        Ok(match numbers.map(u64::from_be_bytes) {
            [0, request, reply, _] => Self::Reply { request, reply },
            [1, request, event, times] => Self::Publish {
                request,
                event,
                times,
            },
            _ => Self::Listen,
        })
    }
}

impl Floor {
    /// Starts this program as the bare server.
    pub(crate) fn start() -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(FLOOR)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let said = child
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("no output"))?;
        BufReader::new(said).read_line(&mut line)?;
        let address = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self { child, address })
    }

    /// Connects.
    pub(crate) fn connect(&self, deal: Deal) -> io::Result<Circuit> {
        let mut circuit = Circuit::plain(self.address)?;
        deal.write(&mut circuit.stream)?;
        // One byte says that it is known.
        circuit.skip(1)?;
        Ok(circuit)
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How this program is told to be the server.
pub(crate) const FLOOR: &str = "--floor";

/// Serves for ever.
pub(crate) fn serve() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?);
    let listeners = Arc::new(Mutex::new(Vec::new()));
    for stream in listener.incoming() {
        let (stream, listeners) = (stream?, Arc::clone(&listeners));
        // Who goes away ends its thread.
        thread::spawn(move || deal(stream, &listeners));
    }
    Ok(())
}

fn deal(mut stream: TcpStream, listeners: &Mutex<Vec<TcpStream>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let deal = Deal::read(&mut stream)?;
    if matches!(deal, Deal::Listen) {
        listeners
            .lock()
            .expect("nobody panics")
            .push(stream.try_clone()?);
    }
    stream.write_all(&[0])?;
    match deal {
        Deal::Reply { request, reply } => {
            let answer = message(command::READ_NOTIFY, reply);
            pump(&mut stream, request, &answer, 1, |mut stream, bytes| {
                stream.write_all(bytes)
            })
        }
        Deal::Publish {
            request,
            event,
            times,
        } => {
            let event = message(command::EVENT_ADD, event);
            let mut hearing = std::mem::take(&mut *listeners.lock().expect("nobody panics"));
            let done = message(command::WRITE_NOTIFY, 16);
            pump(&mut stream, request, &event, times, |mut stream, bytes| {
                publish(&mut hearing, bytes)?;
                // Whoever waits for an answer gets one; nobody else looks at it.
                stream.write_all(&done)
            })
        }
        Deal::Listen => Ok(()),
    }
}

/// Sends the same to all, to each from a thread of its own.
fn publish(listeners: &mut [TcpStream], bytes: &[u8]) -> io::Result<()> {
    let Some((first, others)) = listeners.split_first_mut() else {
        return Ok(());
    };
    thread::scope(|scope| {
        let others: Vec<_> = others
            .iter_mut()
            .map(|stream| scope.spawn(|| stream.write_all(bytes)))
            .collect();
        first.write_all(bytes)?;
        others
            .into_iter()
            .try_for_each(|other| other.join().expect("it does not panic"))
    })
}

/// Reads, and sends what is due for it.
fn pump(
    stream: &mut TcpStream,
    request: u64,
    message: &[u8],
    times: u64,
    mut send: impl FnMut(&TcpStream, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut input = vec![0; 256 << 10];
    let mut output = Vec::new();
    let mut arrived = 0;
    loop {
        let got = stream.read(&mut input)?;
        if got == 0 {
            return Ok(());
        }
        arrived += got as u64;
        let mut due = arrived / request * times;
        arrived %= request;
        while due > 0 {
            let some = due.min(AT_ONCE / message.len() as u64 + 1);
            due -= some;
            let size = usize::try_from(some).map_err(io::Error::other)? * message.len();
            while output.len() < size {
                output.extend_from_slice(message);
            }
            send(stream, &output[..size])?;
        }
    }
}

/// A message of so many bytes, so that the client has the same to do as with a server.
fn message(command: u16, bytes: u64) -> Vec<u8> {
    let size = u32::try_from(bytes).expect("a message fits");
    let header = |head| Header {
        command,
        payload: size - head,
        ..Header::default()
    };
    let mut message = BytesMut::new();
    let short = header(16);
    if short.is_extended() {
        header(24)
    } else {
        short
    }
    .encode(&mut message);
    message.resize(size as usize, 0);
    message.to_vec()
}

/// About so many bytes are sent at once.
const AT_ONCE: u64 = 64 << 10;
