//! Channel Access without sockets

/// The minor version of the protocol that we speak (4.13).
pub const MINOR: u16 = 13;

pub mod beacon;
pub mod circuit;
pub mod dbr;
pub mod header;
pub mod limits;
pub mod message;
pub mod search;
pub mod status;

pub use beacon::Beacon;
pub use circuit::{Access, ChannelId, Circuit, Demand, Mask, Read, Search, SubscriptionId, Write};
pub use dbr::{Acknowledgement, Dbr, Form};
pub use limits::Limits;
pub use search::Responder;
pub use status::Eca;
