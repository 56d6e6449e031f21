//! How much clients may ask for.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

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
            circuit: beamtwin_ca::Limits::default(),
        }
    }
}

/// Something that can happen very often and is said once a minute at most.
#[derive(Debug, Default)]
pub struct Seldom {
    last: Cell<Option<Instant>>,
    /// How often it happened since it was last said.
    unsaid: Cell<u64>,
}

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
