//! Channel Access without sockets: the server half of the protocol as state machines.
//!
//! | module | holds |
//! | --- | --- |
//! | [`circuit`] | one TCP peer: channels, reads, writes, monitors |
//! | [`search`] | UDP name requests in, replies out |
//! | [`beacon`] | when to send the next beacon, and its bytes |
//! | [`filter`] | channel filters: what a name may say behind its field |
//! | [`limits`] | the largest we accept |
//! | [`message`] | what peers say, one variant per command and direction |
//! | [`dbr`] | payloads: STRING…DOUBLE × plain, STS, TIME, GR, CTRL |
//! | [`header`] | 16- and 24-byte headers |
//! | [`status`] | `ECA` codes with their text |
//! | `client` | a minimal client half (feature `client`) |
//!
//! Nothing here owns a socket or reads a clock: bytes and the time go in, and bytes, demands and
//! the next deadline come out. After whatever goes in, poll and transmit until nothing comes.
//!
//! ```
//! use std::time::Duration;
//! use beamtwin_ca::{Access, Circuit, Demand, Limits, message::Request};
//! use beamtwin_pv::ValueKind;
//! use bytes::BytesMut;
//!
//! let mut heard = BytesMut::new();
//! Request::Version { minor: 13, priority: 0, sequence: 0 }.encode(&mut heard);
//! Request::CreateChan { cid: 7, minor: 13, name: b"m.RBV" }.encode(&mut heard);
//!
//! let mut circuit = Circuit::new(Limits::default(), Duration::ZERO);
//! circuit.receive(&heard, Duration::ZERO);
//! let mut said = BytesMut::new();
//! loop {
//!     while let Some(demand) = circuit.poll() {
//!         if let Demand::Open { channel, name } = demand {
//!             assert_eq!(name, "m.RBV");
//!             circuit.opened(channel, ValueKind::Double, 1, Access::READ);
//!         }
//!     }
//!     if !circuit.transmit(&mut said) {
//!         break;
//!     }
//! }
//! assert_eq!(said.len(), 3 * 16, "version, access rights, channel");
//! ```

#![warn(clippy::cast_possible_truncation)]

/// The minor version of the protocol that we speak (4.13).
pub const MINOR: u16 = 13;

pub mod beacon;
pub mod circuit;
#[cfg(feature = "client")]
pub mod client;
pub mod dbr;
pub mod filter;
pub mod header;
pub mod limits;
pub mod message;
pub mod search;
pub mod status;

pub use beacon::Beacon;
pub use circuit::{Access, ChannelId, Circuit, Demand, Mask, Read, Search, SubscriptionId, Write};
#[cfg(feature = "client")]
pub use client::{Client, Heard};
pub use dbr::{Acknowledgement, Dbr, Form};
pub use limits::Limits;
pub use search::Responder;
pub use status::Eca;
