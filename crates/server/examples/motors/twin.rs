//! A running twin, and what the kernel knows of it.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// A running `beamtwin run`, killed when dropped.
pub(crate) struct Twin {
    child: Child,
    port: u16,
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
        let mut line = String::new();
        while !line.starts_with("iocRun") {
            line.clear();
            if said.read_line(&mut line)? == 0 {
                return Err("the twin did not start".into());
            }
            if let Some(said) = line.strip_prefix("EPICS_CA_SERVER_PORT=") {
                port = said.trim().parse()?;
            }
        }
        Ok(Self {
            child,
            port,
            _said: said,
        })
    }

    /// Where its circuits are.
    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// A line of its status, in kB.
    pub(crate) fn memory(&self, key: &str) -> Result<u64, Box<dyn Error>> {
        let status = std::fs::read_to_string(self.proc("status"))?;
        let line = status.lines().find(|line| line.starts_with(key));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        Ok(number.ok_or("the kernel does not tell")?.parse()?)
    }

    /// The processor time that all its threads have used so far.
    pub(crate) fn cpu(&self) -> Result<Duration, Box<dyn Error>> {
        let stat = std::fs::read_to_string(self.proc("stat"))?;
        // Behind the name, which may hold anything; utime and stime are the fields 14 and 15.
        let (_, fields) = stat.rsplit_once(')').ok_or("no name")?;
        let ticks: Vec<u64> = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        Ok(Duration::from_millis(ticks.iter().sum::<u64>() * TICK))
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }
}

/// Milliseconds of a tick in which the kernel counts: `USER_HZ` is 100 on all that we run on.
const TICK: u64 = 10;

impl Drop for Twin {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
