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

mod alarms;
mod inbox;
mod leap;
mod memory;
mod owner;
mod roll;
mod threads;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use beamtwin_pv::{Epoch, SimTime};

pub(crate) use self::alarms::Alarms;
pub(crate) use self::inbox::{Inbox, Inboxes};
use self::leap::Leaper;
use self::memory::Memory;
use self::owner::Owner;
use self::roll::Roll;
use crate::engine::Shared;
use crate::folder;

/// Lets time jump.
pub(crate) struct Jump {
    folder: Folder,
    memory: Memory,
    roll: Roll,
    account: Rc<RefCell<Account>>,
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
}

/// A folder that goes with all that is in it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Jump {
    /// Gets ready for clients.
    ///
    /// # Errors
    /// If there is no place for the file and the socket, or the system does not tell what threads do.
    pub(crate) fn open(epoch: Epoch) -> io::Result<Self> {
        threads::are_told()?;
        let memory = Path::new("/dev/shm");
        let temporary = std::env::temp_dir();
        let folder =
            folder::own(memory, "beamtwin").or_else(|_| folder::own(&temporary, "beamtwin"))?;
        let folder = Folder(folder);
        Ok(Self {
            memory: Memory::create(&folder.0.join("memory"), epoch)?,
            roll: Roll::open(&folder.0.join("socket"))?,
            folder,
            account: Rc::default(),
        })
    }

    /// Where clients find file and socket.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// What is told of it, to be looked at while it runs.
    pub(crate) fn account(&self) -> &Rc<RefCell<Account>> {
        &self.account
    }

    /// Lets time jump, for ever.
    ///
    /// # Errors
    /// If clients cannot be told the time.
    pub(crate) async fn run(self, engine: Shared) -> io::Result<()> {
        Leaper::new(self, engine).run().await
    }
}
