//! Serves a world: the engine, Channel Access over sockets, the recorder, the control channel, the clock.
//!
//! One thread owns the world and all circuits. Channel Access peers and the control channel are equal
//! clients of one [`Engine`]; what is heavy (writing the trace to disk) has a thread of its own.
//!
//! | module | holds |
//! | --- | --- |
//! | [`pace`] | how wall time becomes device time; the only place where the two meet |
//! | [`engine`] | the world, its subscribers, and who waits for which put |
//! | [`scribe`] | events into lines of a trace |
//! | [`recorder`] | lines into a file, on a thread of its own |
//! | [`addresses`] | where to listen: `EPICS_CAS_*`, `EPICS_CA_*` |
//! | [`limits`], [`census`] | how much clients may ask for, and how much they have |
//! | [`lines`] | which line of a script asks for what |
//! | [`networks`], [`elsewhere`] | what is around this machine, and who there serves our names |
//! | [`ca`] | Channel Access: circuits over TCP, searches over UDP, beacons |
//! | [`control`] | JSON lines over a socket that only its owner can open |
//! | [`folder`] | folders that nobody else can look into |
//! | [`jump`] | when time may jump, and clients that take part |
//! | [`serve`] | puts it all together |
//!
//! This crate knows no device and no file format: it serves any [`World`](beamtwin_sim::World).

pub mod addresses;
pub mod ca;
pub mod census;
pub mod control;
pub mod elsewhere;
pub mod engine;
pub mod folder;
pub mod jump;
pub mod limits;
pub mod lines;
pub mod networks;
pub mod pace;
pub mod recorder;
pub mod scribe;
pub mod serve;

pub use addresses::Addresses;
pub use engine::Engine;
pub use limits::Limits;
pub use pace::{Mode, Pace};
pub use recorder::Recorder;
pub use scribe::Scribe;
pub use serve::{Options, ServeError, Server};
