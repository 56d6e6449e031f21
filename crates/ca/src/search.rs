//! UDP name requests in, replies out.

use bytes::BytesMut;

/// Answers searches: pure but for its counters.
#[derive(Clone, Debug)]
pub struct Responder {
    port: u16,
    counts: Counts,
}

/// What came in over UDP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Datagrams received.
    pub datagrams: u64,
    /// Datagrams that were not, or not wholly, Channel Access.
    pub malformed: u64,
    /// Names asked for and known.
    pub hits: u64,
    /// Names asked for and not known.
    pub misses: u64,
}

impl Responder {
    /// Sends clients to this TCP port of ours.
    #[must_use]
    pub fn new(port: u16) -> Self {
        Self {
            port,
            counts: Counts::default(),
        }
    }

    /// Reads one datagram and appends the datagram that answers it to `out`, which stays empty if
    /// there is nothing to say.
    ///
    /// `knows` tells whether a name can be opened at once.
    pub fn receive(
        &mut self,
        _datagram: &[u8],
        _knows: impl FnMut(&str) -> bool,
        _out: &mut BytesMut,
    ) {
        let _ = self.port;
    }

    /// What came in so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }
}
