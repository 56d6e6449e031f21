//! Room for large messages that are arriving, shared by all circuits.

use std::cell::Cell;
use std::rc::Rc;

use tokio::sync::Notify;

/// Bytes of a message above which it needs room.
const SMALL: usize = 1 << 20;
/// Bytes of large messages that may be arriving at a time, of all circuits; a single one may be larger.
const ROOM: usize = 64 << 20;

/// The room for large messages that are arriving.
#[derive(Debug, Default)]
pub(crate) struct Arrivals(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    taken: Cell<usize>,
    waiting: Cell<usize>,
    freed: Notify,
}

/// What a circuit has of it.
#[derive(Debug)]
pub(super) struct Portion {
    bytes: usize,
    room: Rc<Inner>,
}

/// Somebody who waits for room.
struct Waiting<'a>(&'a Inner);

impl Arrivals {
    /// Nothing yet.
    pub(super) fn portion(&self) -> Portion {
        Portion {
            bytes: 0,
            room: Rc::clone(&self.0),
        }
    }
}

impl Portion {
    /// Takes as much room as a message of so many bytes needs, or gives back what is needed no longer; whether it
    /// may arrive.
    pub(super) fn fit(&mut self, bytes: usize) -> bool {
        let bytes = if bytes > SMALL { bytes } else { 0 };
        let others = self.room.taken.get() - self.bytes;
        let fits = bytes <= self.bytes || others == 0 || others + bytes <= ROOM;
        if fits && bytes != self.bytes {
            self.room.taken.set(others + bytes);
            if bytes < self.bytes {
                self.room.freed.notify_waiters();
            }
            self.bytes = bytes;
        }
        fits
    }

    /// Waits until somebody gives room back.
    pub(super) async fn freed(&self) {
        let _waiting = Waiting::among(&self.room);
        self.room.freed.notified().await;
    }

    /// Whether it has room.
    pub(super) const fn is_large(&self) -> bool {
        self.bytes > 0
    }

    /// Whether it has room that others wait for.
    pub(super) fn is_wanted(&self) -> bool {
        self.is_large() && self.room.waiting.get() > 0
    }
}

impl Drop for Portion {
    fn drop(&mut self) {
        self.fit(0);
    }
}

impl<'a> Waiting<'a> {
    fn among(room: &'a Inner) -> Self {
        room.waiting.set(room.waiting.get() + 1);
        Self(room)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_messages_share_the_room_and_small_ones_need_none() {
        let arrivals = Arrivals::default();
        let [mut first, mut second, mut third] = [(); 3].map(|()| arrivals.portion());
        assert!(first.fit(ROOM / 2));
        assert!(second.fit(ROOM / 2));
        assert!(!third.fit(2 * SMALL));
        assert!(third.fit(SMALL));
        assert!(first.fit(0), "it has arrived");
        assert!(third.fit(2 * SMALL));
        drop(second);
        assert!(!first.fit(ROOM));
        drop(third);
        assert!(first.fit(2 * ROOM), "alone it may be larger");
    }
}
