//! What a server does while nobody wants anything.

use std::error::Error;

use crate::kernel::{Process, number};

/// How often the threads of a process have gone to sleep by themselves so far.
pub(crate) fn naps(process: Process) -> Result<u64, Box<dyn Error>> {
    let mut naps = 0;
    for thread in std::fs::read_dir(process.file("task"))? {
        let status = std::fs::read_to_string(thread?.path().join("status"))?;
        naps += number(&status, "voluntary_ctxt_switches")?;
    }
    Ok(naps)
}
