//! The largest we accept.

use std::time::Duration;

/// Bounds of one circuit; the defaults suit a beamline with a two-megapixel camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest payload of one message, in either direction.
    ///
    /// A larger request is skipped and answered with `ECA_TOLARGE`, as is a read of a larger
    /// value. The C server takes what `EPICS_CA_MAX_ARRAY_BYTES` says, and anything when
    /// `EPICS_CA_AUTO_ARRAY_BYTES` is set; a server that faces a network wants an end.
    pub payload: usize,
    /// Bytes waiting to be sent above which events queue per monitor instead of being encoded.
    pub event_backlog: usize,
    /// Events a monitor may have waiting before a new one replaces the last.
    ///
    /// The C server gives each monitor four entries of a ring it shares with 35 others.
    pub events_per_monitor: usize,
    /// Bytes of events waiting on a circuit above which each monitor keeps one: a reader of large arrays
    /// that is slow costs no more than this, one that waits, and one that is being sent.
    pub event_bytes: usize,
    /// Bytes waiting to be sent above which requests are left unread.
    pub reply_backlog: usize,
    /// How long a put with completion may keep the next one on its channel, and all that follows it,
    /// waiting, as in the C server. `None` where it does not wait here, but in the queue of its record.
    pub put_wait: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            payload: 64 << 20,
            event_backlog: 64 << 10,
            events_per_monitor: 4,
            event_bytes: 8 << 20,
            reply_backlog: 1 << 20,
            put_wait: Some(Duration::from_secs(60)),
        }
    }
}

/// The largest payload for peers older than 4.9, who do not know extended headers.
pub(crate) const LONGEST_WITHOUT_EXTENSION: usize = 0xfff8;
