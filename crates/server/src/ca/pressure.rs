//! Whoever writes waits for those who read what it changes, as long as they keep reading.
//!
//! A put may be an event for many subscriptions. A client that writes faster than another one reads would have events
//! squashed of a client that does nothing wrong; so the writer is not read from until the reader's queues have room
//! again. A reader that takes longer than [`patience`](crate::Limits::patience) is slow: nobody waits for it, and its
//! events are squashed, until it has caught up.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;

/// How a circuit keeps up with its events.
#[derive(Debug, Default)]
pub(crate) struct Pressure {
    state: Cell<State>,
    eased: Notify,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// There is room.
    #[default]
    Fine,
    /// The next event of some monitor would replace another.
    Full,
    /// It was full for so long that nobody waits for it.
    Slow,
}

impl Pressure {
    /// The circuit has sent something: whether it has room, and whether nothing is left.
    pub(super) fn sent(&self, room: bool, all: bool) {
        let eased = match self.state.get() {
            State::Fine => false,
            State::Full => room,
            State::Slow => all,
        };
        if eased {
            self.ease();
        }
    }

    /// Nobody need wait any longer.
    pub(super) fn ease(&self) {
        self.state.set(State::Fine);
        self.eased.notify_waiters();
    }

    async fn eased(&self) {
        let eased = self.eased.notified();
        if self.state.get() == State::Full {
            eased.await;
        }
    }
}

/// The circuits that the last put has filled.
#[derive(Debug, Default)]
pub(crate) struct Pressed(RefCell<Vec<Rc<Pressure>>>);

impl Pressed {
    /// A circuit has no room for the next event of a monitor.
    pub(super) fn add(&self, pressure: &Rc<Pressure>) {
        if pressure.state.get() == State::Slow {
            return;
        }
        pressure.state.set(State::Full);
        let mut all = self.0.borrow_mut();
        if !all.iter().any(|known| Rc::ptr_eq(known, pressure)) {
            all.push(Rc::clone(pressure));
        }
    }

    /// Forgets what others have filled.
    pub(super) fn clear(&self) {
        self.0.borrow_mut().clear();
    }

    /// Whether there is nobody to wait for.
    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Those to wait for.
    pub(super) fn take(&self) -> Readers {
        Readers(self.0.take())
    }
}

/// Circuits that a writer waits for.
pub(super) struct Readers(Vec<Rc<Pressure>>);

impl Readers {
    /// Waits until all have room, or are known to be slow.
    pub(super) async fn wait(self, patience: Duration) {
        let all = async {
            for reader in &self.0 {
                reader.eased().await;
            }
        };
        if tokio::time::timeout(patience, all).await.is_err() {
            let full = |reader: &&Rc<Pressure>| reader.state.get() == State::Full;
            for reader in self.0.iter().filter(full) {
                reader.state.set(State::Slow);
                reader.eased.notify_waiters();
            }
        }
    }
}
