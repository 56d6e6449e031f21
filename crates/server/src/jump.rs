//! Jump time: device time goes to the next thing that happens as soon as all clients wait for it.
//!
//! A client takes part by registering: it maps the file in which device time is, and writes there what it waits for.
//! Between jumps time stands still. A jump is made only if, in this order, all circuits rest, what was sent has left,
//! and nothing has come; nobody holds time; all threads of all clients sleep, and none ran between two looks; still
//! nothing has come; and the main thread of each client waits for device time. If only the last does not hold, or
//! somebody has a circuit who did not register, time passes by the clock.
//!
//! | file | holds |
//! | --- | --- |
//! | `memory` | device time, where clients see it, and what they wait for |
//! | `roll` | the clients |
//! | `threads` | whether a process sleeps |
//! | `inbox` | whether anything has come, or has yet to be sent |
//! | `owner` | whose a circuit is |
//! | `alarms` | who in the twin waits for device time |
//! | `leap` | the rule |
//! | `linux` | all of it, on a system that tells what is needed |

mod alarms;
mod inbox;
mod owner;

#[cfg(target_os = "linux")]
mod leap;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod roll;
#[cfg(target_os = "linux")]
mod threads;
#[cfg(target_os = "linux")]
use linux as system;

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use beamtwin_pv::SimTime;

pub(crate) use self::alarms::Alarms;
pub(crate) use self::inbox::{Inbox, Inboxes};
use self::owner::Owner;
pub(crate) use self::system::Jump;

/// Whether time can jump on this machine.
///
/// # Errors
/// Why not.
pub fn is_possible() -> io::Result<()> {
    system::is_possible()
}

/// What is told of a session in jump time, and how far it may go.
#[derive(Debug, Default)]
pub struct Account {
    by_clock: BTreeMap<String, Duration>,
    last: Option<SimTime>,
}

impl Account {
    /// Time goes no further than to here.
    pub const fn end_at(&mut self, last: SimTime) {
        self.last = Some(last);
    }

    /// The reasons for which device time passed by the clock, and for how long.
    #[must_use]
    pub const fn by_clock(&self) -> &BTreeMap<String, Duration> {
        &self.by_clock
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::cell::RefCell;
    use std::io;
    use std::path::Path;
    use std::rc::Rc;

    use beamtwin_pv::Epoch;

    use super::Account;
    use crate::engine::Shared;

    /// There is none.
    pub(crate) enum Jump {}

    pub(super) fn is_possible() -> io::Result<()> {
        let why = "only Linux tells what the threads of a client do";
        Err(io::Error::new(io::ErrorKind::Unsupported, why))
    }

    impl Jump {
        pub(crate) fn open(_: Epoch) -> io::Result<Self> {
            is_possible().map(|()| unreachable!("it is not possible"))
        }

        pub(crate) fn folder(&self) -> &Path {
            match *self {}
        }

        pub(crate) fn account(&self) -> &Rc<RefCell<Account>> {
            match *self {}
        }

        pub(crate) async fn run(self, _: Shared) -> io::Result<()> {
            match self {}
        }
    }
}
