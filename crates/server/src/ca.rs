//! Channel Access over sockets.

pub mod beacons;
pub mod tcp;
pub mod udp;

pub use tcp::accept;
