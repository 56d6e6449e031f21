//! A recorded session: its format, a reader, and a writer.
//!
//! A trace is JSON Lines, one fact a line, in the order of device time:
//!
//! - [`Header`], [`Source`], [`Channel`], [`Client`]: what a trace says before its facts.
//! - [`Fact`] and [`What`]: what happened: a client *put*, the beamline *posted*.
//! - [`Datum`]: five kinds of value; [`Time`]: integer nanoseconds of device time.
//! - [`Writer`] formats lines; [`Reader`] reads them one by one; [`Trace`] holds a whole session.
//! - [`envtrace`] imports and exports the JSON of EnvTrace; [`Recording`] reads either form;
//!   [`import`] reads what other programs recorded; [`chrome`] writes what Perfetto opens.
//!
//! The crate knows no protocol, no clock, and no file: bytes come through `BufRead` and go through
//! `Write`.
//!
//! ```
//! use beamtwin_trace::{Channel, Datum, End, Header, Put, Role, Time, Trace, VERSION, Writer};
//!
//! let header = Header {
//!     version: VERSION,
//!     beamline: "Tutorial".into(),
//!     epoch: "2026-01-01T00:00:00Z".into(),
//!     seed: 7,
//!     file: None,
//!     program: "example".into(),
//!     paths: Vec::new(),
//! };
//! let mut writer = Writer::new(Vec::new());
//! writer.header(&header)?;
//! writer.channel(1, &Channel::named("TUT:x.VAL", Role::Request))?;
//! let t = Time::from_nanos(12_000_000);
//! writer.put(t, &Put { pv: 1, value: Datum::Number(5.0), by: None, complete: true, at: None })?;
//! writer.done(Time::from_nanos(2_512_000_000), 1)?;
//! writer.complete(Time::from_nanos(3_000_000_000))?;
//!
//! let bytes = writer.into_inner();
//! assert!(bytes.windows(40).any(|w| w == br#"{"n":1,"t":0.012,"put":1,"value":5.0,"co"#));
//! let trace = Trace::read(bytes.as_slice()).expect("what was written can be read");
//! assert_eq!(trace.facts.len(), 2);
//! assert_eq!(trace.end, End::Complete(Time::from_nanos(3_000_000_000)));
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod chrome;
pub mod envtrace;
pub mod import;

mod channel;
mod datum;
mod epoch;
mod fact;
mod reader;
mod recording;
mod time;
mod trace;
mod writer;

pub use channel::{Channel, Client, Header, Role, Source, VERSION, Version};
pub use datum::{Datum, Digest, Text};
pub use epoch::NotADate;
pub use fact::{Fact, Post, Put, What};
pub use reader::{Line, ReadError, Reader};
pub use recording::{Recording, RecordingError};
pub use time::{NotATime, Time};
pub use trace::{End, Trace};
pub use writer::Writer;
