//! What goes on over the network. It depends on how clients behave, so no trace holds it.

use std::cell::Cell;

use crate::limits::Seldom;

/// How many there are now, and how much there was so far.
#[derive(Debug, Default)]
pub struct Census {
    /// Circuits now.
    pub circuits: Count,
    /// Channels now.
    pub channels: Count,
    /// Subscriptions now.
    pub subscriptions: Count,
    /// Events for subscriptions so far.
    pub events: Count,
    /// Those of them that replaced an earlier one which its client had not read.
    pub squashed: Count,
    /// Bytes received over circuits so far.
    pub received: Count,
    /// Bytes sent over circuits so far.
    pub sent: Count,
    /// Circuits, channels and subscriptions that there was no room for so far, and messages that were too large.
    pub refused: Count,
    /// What is said where that happens.
    pub(crate) circuits_full: Seldom,
    pub(crate) channels_full: Seldom,
    pub(crate) subscriptions_full: Seldom,
    pub(crate) too_large: Seldom,
    pub(crate) unaccepted: Seldom,
}

/// A number that many count up and down.
#[derive(Debug, Default)]
pub struct Count(Cell<u64>);

impl Count {
    /// The present number.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.get()
    }

    /// So many more.
    pub fn add(&self, more: u64) {
        self.0.set(self.0.get().wrapping_add(more));
    }

    /// So many in place of so many.
    pub(crate) fn replace(&self, before: usize, now: usize) {
        let gone = self.0.get().wrapping_sub(before as u64);
        self.0.set(gone.wrapping_add(now as u64));
    }
}
