//! Channel Access over sockets.

mod admission;
mod arrivals;
pub mod beacons;
mod faulty;
mod long_string;
mod pressure;
pub mod tcp;
pub mod udp;

pub(crate) use arrivals::Arrivals;
pub(crate) use pressure::Pressed;
pub use tcp::accept;
