//! A network of its own for twin and command: nothing but a loopback interface, to which every address leads.

use std::io;

use super::packet::Packet;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as system;

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;

    use super::Packet;

    /// There is none.
    pub(super) enum Tap {}

    pub(super) fn enter() -> io::Result<Tap> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "only Linux has networks of their own",
        ))
    }

    impl Tap {
        pub(super) async fn packets(&self) -> Vec<Packet> {
            match *self {}
        }

        pub(super) fn rest(&self) -> Vec<Packet> {
            match *self {}
        }
    }
}

/// A network of its own, which this process is in.
pub struct Own {
    tap: system::Tap,
}

impl Own {
    /// Leaves the network of this machine for good. Where it fails, the process may be half way: try it in
    /// another process first. Needs a process with one thread.
    ///
    /// # Errors
    /// If the system does not allow it.
    pub fn enter() -> io::Result<Self> {
        let tap = system::enter()?;
        Ok(Self { tap })
    }

    /// Waits for packets.
    pub(super) async fn packets(&self) -> Vec<Packet> {
        self.tap.packets().await
    }

    /// The packets that are there.
    pub(super) fn rest(&self) -> Vec<Packet> {
        self.tap.rest()
    }
}
