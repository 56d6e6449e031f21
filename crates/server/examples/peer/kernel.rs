//! What the kernel knows of a process.

use std::error::Error;
use std::time::Duration;

/// A process, by its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// A line of its status, in kB.
    pub(crate) fn memory(self, key: &str) -> Result<u64, Box<dyn Error>> {
        number(&std::fs::read_to_string(self.file("status"))?, key)
    }

    /// The processor time that all its threads have used so far.
    pub(crate) fn cpu(self) -> Result<Duration, Box<dyn Error>> {
        let stat = std::fs::read_to_string(self.file("stat"))?;
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

    /// A file of it in `/proc`.
    pub(crate) fn file(self, name: &str) -> String {
        format!("/proc/{}/{name}", self.0)
    }
}

/// The number in a line of a status.
pub(crate) fn number(status: &str, key: &str) -> Result<u64, Box<dyn Error>> {
    let line = status.lines().find(|line| line.starts_with(key));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number.ok_or("the kernel does not tell")?.parse()?)
}

/// Milliseconds of a tick in which the kernel counts: `USER_HZ` is 100 on all that we run on.
const TICK: u64 = 10;
