//! A running twin.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::kernel::Process;

/// A running `beamtwin run`, killed when dropped.
pub(crate) struct Twin {
    child: Child,
    port: u16,
    control: PathBuf,
    /// Kept open, so that the twin has somebody to tell.
    _said: BufReader<ChildStdout>,
}

impl Twin {
    /// Starts it and waits until it is ready.
    pub(crate) fn start(
        binary: &Path,
        file: &Path,
        record: Option<&Path>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(binary);
        command.arg("run").arg(file).args(["--port", "0"]);
        if let Some(trace) = record {
            command.arg("--record").arg(trace);
        }
        let mut child = command
            .env("BEAMTWIN_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut port = 0;
        let mut control = PathBuf::new();
        let mut line = String::new();
        while !line.starts_with("iocRun") {
            line.clear();
            if said.read_line(&mut line)? == 0 {
                return Err("the twin did not start".into());
            }
            if let Some(said) = line.strip_prefix("EPICS_CA_SERVER_PORT=") {
                port = said.trim().parse()?;
            }
            if let Some(said) = line.strip_prefix("BEAMTWIN_CONTROL=") {
                control = said.trim().into();
            }
        }
        Ok(Self {
            child,
            port,
            control,
            _said: said,
        })
    }

    /// Where its circuits are.
    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Where its control channel is.
    pub(crate) fn control(&self) -> &Path {
        &self.control
    }

    /// What the kernel knows of it.
    pub(crate) fn process(&self) -> Process {
        Process(self.child.id())
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
