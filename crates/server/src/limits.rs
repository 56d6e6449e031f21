//! How much clients may ask for.

use std::cell::Cell;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::time::Instant;
use tracing::debug;

use crate::addresses::BadVariable;

/// The most that clients can have; the defaults suit a beamline with many displays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Circuits. One more is closed as soon as it is opened.
    pub circuits: usize,
    /// Channels of all circuits together.
    pub channels: usize,
    /// Channels of one circuit.
    pub channels_per_circuit: usize,
    /// Subscriptions of all circuits together.
    pub subscriptions: usize,
    /// Subscriptions of one circuit.
    pub subscriptions_per_circuit: usize,
    /// How long whoever writes waits for a circuit that has no room for the events; then it is slow, and its events
    /// are squashed until it has caught up.
    pub patience: Duration,
    /// Of each circuit.
    pub circuit: beamtwin_ca::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            circuits: 16 << 10,
            channels: 4 << 20,
            channels_per_circuit: 1 << 20,
            subscriptions: 4 << 20,
            subscriptions_per_circuit: 1 << 20,
            patience: Duration::from_millis(50),
            circuit: beamtwin_ca::Limits::default(),
        }
    }
}

impl Limits {
    /// Takes the most bytes of one message from `EPICS_CA_MAX_ARRAY_BYTES`, where `EPICS_CA_AUTO_ARRAY_BYTES` says
    /// `NO`; as an IOC does, and like it no less than 16 KiB.
    ///
    /// # Errors
    /// If that is no number.
    pub fn heed(&mut self, variable: impl Fn(&str) -> Option<String>) -> Result<(), BadVariable> {
        let auto = variable("EPICS_CA_AUTO_ARRAY_BYTES");
        let name = "EPICS_CA_MAX_ARRAY_BYTES";
        let is_auto = auto.is_none_or(|auto| !auto.trim().eq_ignore_ascii_case("no"));
        let Some(value) = variable(name).filter(|_| !is_auto) else {
            return Ok(());
        };
        let bytes: usize = value
            .trim()
            .parse()
            .map_err(|_| BadVariable::new(name, &value, "the bytes of an array are a number"))?;
        self.circuit.payload = bytes.max(LEAST);
        Ok(())
    }
}

/// Lets this process have as many circuits open as the system allows: each is a file descriptor, and what a process
/// starts with is often 1024 of them.
pub fn raise_descriptors() {
    let kind = Resource::RLIMIT_NOFILE;
    if let Ok((soft, hard)) = getrlimit(kind)
        && soft < hard
        && let Err(error) = setrlimit(kind, hard, hard)
    {
        debug!(soft, hard, %error, "no more file descriptors");
    }
}

/// Something that can happen very often and is said once a minute at most.
#[derive(Debug, Default)]
pub struct Seldom {
    last: Cell<Option<Instant>>,
    /// How often it happened since it was last said.
    unsaid: Cell<u64>,
}

/// The least that an IOC takes for the bytes of one message.
const LEAST: usize = 16 << 10;
/// How long not to say the same again.
const SILENCE: Duration = Duration::from_secs(60);

impl Seldom {
    /// Says it, with the number of times that it was not said before, unless that was a moment ago.
    pub fn say(&self, f: impl FnOnce(u64)) {
        let now = Instant::now();
        if self.last.get().is_some_and(|last| now - last < SILENCE) {
            self.unsaid.set(self.unsaid.get() + 1);
            return;
        }
        self.last.set(Some(now));
        f(self.unsaid.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_an_array_are_as_for_an_ioc() {
        let heed = |max: &str, auto: &str| {
            let mut limits = Limits::default();
            let heeded = limits.heed(|name| {
                let is_max = name == "EPICS_CA_MAX_ARRAY_BYTES";
                Some(if is_max { max } else { auto }.to_owned())
            });
            heeded.map(|()| limits.circuit.payload)
        };
        let usual = Limits::default().circuit.payload;
        assert_eq!(heed("100000", "YES"), Ok(usual));
        assert_eq!(heed("100000", "NO"), Ok(100_000));
        assert_eq!(heed("10", "no"), Ok(LEAST));
        assert!(heed("many", "NO").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_is_said_once_a_minute_with_how_often_it_was_not() {
        let seldom = Seldom::default();
        let said = Cell::new(Vec::new());
        let say = || {
            seldom.say(|unsaid| {
                let mut all = said.take();
                all.push(unsaid);
                said.set(all);
            });
        };
        for _ in 0..5 {
            say();
        }
        tokio::time::advance(SILENCE).await;
        say();
        assert_eq!(said.take(), [0, 4]);
    }
}
