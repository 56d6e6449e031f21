//! A raw circuit: what is sent was encoded before, and of what comes only headers are looked at.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use beamtwin_ca::header::{Header, command};
use beamtwin_ca::message::Request;
use bytes::BytesMut;

/// One TCP connection to a server.
pub(crate) struct Circuit {
    pub(crate) stream: TcpStream,
    input: Vec<u8>,
    start: usize,
    end: usize,
}

/// A channel that is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Channel {
    /// The server's number of it.
    pub(crate) sid: u32,
    /// Its native type.
    pub(crate) kind: u16,
    /// Its native number of elements.
    pub(crate) count: u32,
}

impl Circuit {
    /// Connects, and says what the C library says first.
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let mut circuit = Self::plain(address)?;
        let mut hello = BytesMut::new();
        Request::Version {
            minor: beamtwin_ca::MINOR.into(),
            priority: 0,
            sequence: 0,
        }
        .encode(&mut hello);
        Request::ClientName { name: b"bench" }.encode(&mut hello);
        Request::HostName { name: b"localhost" }.encode(&mut hello);
        circuit.send(&hello)?;
        Ok(circuit)
    }

    /// Connects, and says nothing.
    pub(crate) fn plain(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            input: vec![0; 256 << 10],
            start: 0,
            end: 0,
        })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The next message, without its payload; waits for it.
    pub(crate) fn next(&mut self) -> io::Result<Header> {
        loop {
            if let Some(header) = self.message()? {
                return Ok(header);
            }
            self.fill()?;
        }
    }

    /// The next message that has arrived; of one that is larger than all buffers, the rest is waited for.
    pub(crate) fn message(&mut self) -> io::Result<Option<Header>> {
        let Some((header, head)) = Header::decode(&self.input[self.start..self.end]) else {
            return Ok(None);
        };
        let size = head + header.payload as usize;
        if size > self.end - self.start && size <= self.input.len() {
            return Ok(None);
        }
        self.skip(size)?;
        Ok(Some(header))
    }

    /// Waits for some bytes more.
    pub(crate) fn fill(&mut self) -> io::Result<()> {
        self.input.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let got = self.stream.read(&mut self.input[self.end..])?;
        self.end += got;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// Waits for so many bytes, and forgets them.
    pub(crate) fn skip(&mut self, mut bytes: usize) -> io::Result<()> {
        while bytes > self.end - self.start {
            bytes -= self.end - self.start;
            (self.start, self.end) = (0, 0);
            self.fill()?;
        }
        self.start += bytes;
        Ok(())
    }

    /// Opens channels, and comes back when all are open.
    pub(crate) fn open(&mut self, names: &[String]) -> io::Result<Vec<Channel>> {
        let mut out = BytesMut::new();
        for (cid, name) in (0..).zip(names) {
            Request::CreateChan {
                cid,
                minor: beamtwin_ca::MINOR.into(),
                name: name.as_bytes(),
            }
            .encode(&mut out);
        }
        let mut sending = self.stream.try_clone()?;
        let mut channels = Vec::with_capacity(names.len());
        // Whoever asks for very many at once must listen meanwhile.
        std::thread::scope(|scope| {
            let sent = scope.spawn(move || sending.write_all(&out));
            while channels.len() < names.len() {
                let header = self.next()?;
                match header.command {
                    command::CREATE_CHAN => channels.push(Channel {
                        sid: header.p2,
                        kind: header.data_type,
                        count: header.count,
                    }),
                    command::CREATE_CH_FAIL => {
                        return Err(io::Error::other(format!(
                            "{} is not there",
                            names[header.p1 as usize]
                        )));
                    }
                    _ => {}
                }
            }
            sent.join().expect("it does not panic")
        })?;
        Ok(channels)
    }
}
