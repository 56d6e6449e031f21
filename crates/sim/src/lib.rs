//! The world: devices, their process variables, their wakeups, and the beam between them.
//!
//! Nothing here reads a clock, opens a socket or starts a thread. A [`World`] is told what clients do
//! and what time it is, and answers with [`Event`]s, in order:
//!
//! | module | holds |
//! | --- | --- |
//! | [`device`] | what every device does: [`Device`] |
//! | [`record`] | the static tables behind records: [`RecordType`], [`Field`], [`Role`] |
//! | [`surface`] | the records one device shows, and what it watches: [`Surface`], [`Slot`] |
//! | [`cx`] | what a device may do while it handles a call: [`Cx`] |
//! | [`world`] | all devices, all values, the agenda; the one commit point: [`World`] |
//! | [`event`] | what happened: [`Event`] |
//! | [`access`] | who may read and write what |
//! | [`agenda`] | the next wakeups, in a stable order |
//! | [`directory`] | names to records and fields |
//! | [`notify`] | puts that wait for completion, queued as the C database does |
//! | [`share`] | what only one device can have at a time |
//! | [`beam`] | light, and what it passes through: [`Beam`], [`Optic`] |
//! | [`word`] | what rules may say of a device: [`Word`] |
//! | [`fault`] | what goes wrong on purpose: [`Fault`] |
//! | [`onlooker`] | who looks on, and says something: [`Onlooker`] |
//! | [`noise`] | seeded randomness, one stream a device |
//! | [`bench`] | a world of one device, for tests |
//!
//! ```
//! use beamtwin_sim::{Bench, Device, Field, RecordType, Surface};
//!
//! static PLAIN: RecordType = RecordType::new("plain", &[Field::double("VAL").setting()]);
//!
//! #[derive(Clone)]
//! struct Keeper;
//! impl Device for Keeper {}
//!
//! let mut bench = Bench::new(|surface: &mut Surface| {
//!     surface.record("a", &PLAIN);
//!     Keeper
//! });
//! bench.put("a", 5.0);
//! assert_eq!(bench.number("a"), 5.0);
//! ```

pub mod access;
pub mod agenda;
pub mod beam;
pub mod bench;
pub mod cx;
pub mod device;
pub mod directory;
pub mod event;
pub mod fault;
pub mod noise;
pub mod notify;
pub mod onlooker;
pub mod record;
pub mod share;
pub mod surface;
pub mod word;
pub mod world;

pub use access::{Access, Rules};
pub use beam::{Beam, Look, Optic};
pub use bench::Bench;
pub use cx::Cx;
pub use device::{Device, Fork, Order, Put, Reason, Refusal, Timer};
pub use directory::{Directory, Target};
pub use event::{Client, ClientId, Event, Mask, Note, PutId, What};
pub use fault::{Fault, UnknownFault};
pub use noise::Noise;
pub use onlooker::Onlooker;
pub use record::{Field, FieldIx, Meaning, RecordType, Role, View};
pub use surface::{Flaw, InputId, LocalRecord, Part, Scalar, ShareId, Slot, Surface};
pub use word::{Says, Word};
pub use world::{
    Acknowledge, BuildError, Description, Kept, PutRequest, PvId, RecordIx, SnapshotError, World,
    WorldBuilder,
};
