//! The servers that are compared: a C IOC, the twin, and a bare TCP server that only moves bytes.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::kernel::Process;
use crate::records::Records;
use crate::twin::Twin;
use crate::wire::Circuit;

/// How the servers are started.
pub(crate) struct Starts {
    /// The twin's binary.
    pub(crate) binary: PathBuf,
    /// A Python that has `epicscorelibs`.
    pub(crate) python: PathBuf,
    /// Where files go.
    pub(crate) folder: PathBuf,
}

/// One that speaks Channel Access.
pub(crate) enum Server {
    Ioc(Ioc),
    Twin(Twin),
}

/// A C IOC, killed when dropped.
pub(crate) struct Ioc {
    child: Child,
    /// Kept open: its shell ends with its input.
    _input: ChildStdin,
    port: u16,
}

impl Starts {
    /// Starts a C IOC, and waits until the last record can be reached.
    pub(crate) fn ioc(&self, records: &Records) -> Result<(Server, Duration), Box<dyn Error>> {
        let file = self.folder.join("bench.db");
        std::fs::write(&file, &records.database)?;
        let port = free_port()?;
        let began = Instant::now();
        let mut child = Command::new(&self.python)
            .args(["-m", "epicscorelibs.ioc", "-d"])
            .arg(&file)
            .env("EPICS_CAS_INTF_ADDR_LIST", "127.0.0.1")
            .env("EPICS_CAS_BEACON_ADDR_LIST", "127.0.0.1")
            .env("EPICS_CAS_AUTO_BEACON_ADDR_LIST", "NO")
            .env("EPICS_CA_SERVER_PORT", port.to_string())
            .env("EPICS_CAS_SERVER_PORT", port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let input = child.stdin.take().ok_or("no input")?;
        let ioc = Ioc {
            child,
            _input: input,
            port,
        };
        let server = Server::Ioc(ioc);
        while TcpStream::connect(server.address()).is_err() {
            if began.elapsed() > Duration::from_secs(120) {
                return Err("the C IOC did not start".into());
            }
            thread::sleep(Duration::from_millis(1));
        }
        server.reach(records)?;
        Ok((server, began.elapsed()))
    }

    /// Starts the twin, and waits until the last record can be reached.
    pub(crate) fn twin(
        &self,
        records: &Records,
        trace: Option<&Path>,
    ) -> Result<(Server, Duration), Box<dyn Error>> {
        let file = self.folder.join("bench.toml");
        std::fs::write(&file, &records.beamline)?;
        let began = Instant::now();
        let server = Server::Twin(Twin::start(&self.binary, &file, trace)?);
        server.reach(records)?;
        Ok((server, began.elapsed()))
    }
}

impl Server {
    /// Where its circuits and its searches are.
    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Ioc(ioc) => (Ipv4Addr::LOCALHOST, ioc.port).into(),
            Self::Twin(twin) => twin.address(),
        }
    }

    /// What the kernel knows of it.
    pub(crate) fn process(&self) -> Process {
        match self {
            Self::Ioc(ioc) => Process(ioc.child.id()),
            Self::Twin(twin) => twin.process(),
        }
    }

    fn reach(&self, records: &Records) -> Result<(), Box<dyn Error>> {
        let last = records.names.last().ok_or("no records")?;
        Circuit::connect(self.address())?.open(std::slice::from_ref(last))?;
        Ok(())
    }
}

impl Drop for Ioc {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free for circuits and searches.
fn free_port() -> Result<u16, Box<dyn Error>> {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = tcp.local_addr()?.port();
        if UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
}
