//! When to send the next beacon, and its bytes.

use std::time::Duration;

use bytes::BytesMut;

use crate::header::{Header, command};

/// Tells clients that a server is there: often at first, then every 15 seconds.
///
/// The period begins at 20 ms and doubles after each beacon, as the C server's does. The sequence
/// number lets clients tell a restarted server from a lost beacon; the first two carry zero.
#[derive(Clone, Debug)]
pub struct Beacon {
    port: u16,
    sequence: u32,
    sent: u32,
    next: Duration,
    period: Duration,
    longest: Duration,
}

impl Beacon {
    /// The first period.
    pub const SHORTEST: Duration = Duration::from_millis(20);
    /// The last, unless `EPICS_CAS_BEACON_PERIOD` says otherwise.
    pub const LONGEST: Duration = Duration::from_secs(15);

    /// Beacons of a server on this TCP port, the first due `now`.
    #[must_use]
    pub const fn new(port: u16, longest: Duration, now: Duration) -> Self {
        Self {
            port,
            sequence: 0,
            sent: 0,
            next: now,
            period: Self::SHORTEST,
            longest,
        }
    }

    /// Begins again with the shortest period, as the C server does after a pause: clients take the change for a
    /// server that is new, and search again soon. The sequence goes on, for numbers shortly before the last
    /// one are not heeded.
    pub const fn restart(&mut self, now: Duration) {
        self.next = now;
        self.period = Self::SHORTEST;
    }

    /// When the next beacon is due.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.next
    }

    /// Appends the datagram of a beacon if one is due, and sets the next deadline.
    pub fn poll(&mut self, now: Duration, out: &mut BytesMut) -> bool {
        if now < self.next {
            return false;
        }
        Header {
            command: command::RSRV_IS_UP,
            payload: 0,
            data_type: crate::MINOR,
            count: self.port.into(),
            p1: self.sequence,
            p2: 0,
        }
        .encode(out);
        self.sent = self.sent.saturating_add(1);
        if self.sent > 1 {
            self.sequence = self.sequence.wrapping_add(1);
        }
        self.next = now + self.period;
        self.period = (self.period * 2).min(self.longest);
        true
    }
}
