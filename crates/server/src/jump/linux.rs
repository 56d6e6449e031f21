//! Time that jumps, on a system that tells what the threads of a process do.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use beamtwin_pv::Epoch;

use super::Account;
use super::leap::Leaper;
use super::memory::Memory;
use super::roll::Roll;
use super::threads;
use crate::engine::Shared;
use crate::folder;

/// Whether the system tells what is needed.
pub(super) fn is_possible() -> io::Result<()> {
    threads::are_told()
}

/// Lets time jump.
pub(crate) struct Jump {
    folder: Folder,
    pub(super) memory: Memory,
    pub(super) roll: Roll,
    pub(super) account: Rc<RefCell<Account>>,
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
