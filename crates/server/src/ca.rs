//! Channel Access over sockets.

mod admission;
pub mod beacons;
mod faulty;
mod long_string;
pub mod tcp;
pub mod udp;

pub use tcp::accept;
