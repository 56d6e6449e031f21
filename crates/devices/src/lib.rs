//! The devices of a beamline: each file is a kind, with its settings, its records and its behaviour.
//!
//! | folder | holds |
//! | --- | --- |
//! | one file per kind | what a `[kind.name]` table of a beamline file makes |
//! | `fault` | what goes wrong on purpose in more than one kind |
//! | [`records`] | tables of record types: which fields there are |
//! | [`settings`] | what settings are made of: durations, temperatures, limits |
//!
//! A kind is listed once, in [`kinds!`](self#kinds); [`visit`] leads from its name to its type.
//!
//! ```
//! use beamtwin_devices::{Kind, Visitor, visit};
//!
//! struct NameOf;
//! impl Visitor for NameOf {
//!     type Output = &'static str;
//!     fn kind<K: Kind>(self) -> &'static str {
//!         K::NAME
//!     }
//! }
//! assert_eq!(visit("mailbox", NameOf), Some("mailbox"));
//! assert_eq!(visit("moter", NameOf), None);
//! ```

mod fault;
pub mod physics;
pub mod records;
pub mod settings;

use beamtwin_sim::{Device, Surface};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

/// A kind of device.
pub trait Kind {
    /// The word in `[kind.name]`.
    const NAME: &'static str;

    /// What stands in its table. Unknown settings are refused (`deny_unknown_fields`).
    type Settings: DeserializeOwned + JsonSchema;

    /// Makes the device and declares what it shows and watches. Mistakes in the settings go to
    /// [`Surface::flaw`], all of them; the device is then not used.
    fn build(settings: Self::Settings, surface: &mut Surface) -> Box<dyn Device>;
}

/// Something to be done with a kind whose name is known only at run time.
pub trait Visitor {
    /// What comes of it.
    type Output;
    /// Does it.
    fn kind<K: Kind>(self) -> Self::Output;
}

macro_rules! kinds {
    ($($name:ident :: $kind:ident),* $(,)?) => {
        $(pub mod $name;)*

        /// The names of all kinds, in alphabetical order.
        pub const KINDS: &[&str] = &[$(<$name::$kind as Kind>::NAME),*];

        /// Calls the visitor with the kind of this name, if there is one.
        pub fn visit<V: Visitor>(name: &str, visitor: V) -> Option<V::Output> {
            match name {
                $(<$name::$kind as Kind>::NAME => Some(visitor.kind::<$name::$kind>()),)*
                _ => None,
            }
        }
    };
}

kinds! {
    camera::Camera,
    diode::Diode,
    linkam::Linkam,
    mailbox::Mailbox,
    motor::Motor,
    positioner::Positioner,
    shutter::Shutter,
    slits::Slits,
    temperature::Temperature,
    twin::Twin,
}
