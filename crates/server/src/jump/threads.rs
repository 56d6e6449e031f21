//! Whether all threads of a process sleep, as `/proc` tells.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;

/// The threads of a process.
#[derive(Debug)]
pub(super) struct Threads {
    folder: PathBuf,
    known: BTreeMap<u32, Files>,
    /// One that did not sleep when it was last looked at: most likely it still does not.
    awake: Option<u32>,
}

/// What tells of a thread, kept open.
#[derive(Debug)]
struct Files {
    stat: File,
    counters: File,
}

/// How long each thread has run and waited to run, and how often, as the kernel counts it.
pub(super) type Counters = BTreeMap<u32, String>;

impl Threads {
    /// Those of a process.
    pub(super) fn of(process: u32) -> Self {
        Self {
            folder: PathBuf::from(format!("/proc/{process}/task")),
            known: BTreeMap::new(),
            awake: None,
        }
    }

    /// Whether the thread sleeps that did not when it was last looked at.
    pub(super) fn may_sleep(&self) -> bool {
        let files = self.awake.and_then(|id| self.known.get(&id));
        let state = files.map(|files| text(&files.stat));
        !state.is_some_and(|state| state.is_ok_and(|state| !sleeps(&state)))
    }

    /// The counters of all threads.
    ///
    /// # Errors
    /// If a thread has just ended.
    pub(super) fn counters(&mut self) -> io::Result<Counters> {
        let counters = self.read();
        if counters.is_err() {
            self.known.clear();
        }
        counters
    }

    fn read(&mut self) -> io::Result<Counters> {
        self.list()?;
        let read = |(&id, files): (&u32, &Files)| Ok((id, text(&files.counters)?));
        self.known.iter().map(read).collect()
    }

    /// Whether all threads sleep, and none has run since these counters were read.
    ///
    /// # Errors
    /// If a thread has just ended.
    pub(super) fn slept_since(&mut self, earlier: &Counters) -> io::Result<bool> {
        self.list()?;
        if self.known.len() != earlier.len() {
            return Ok(false);
        }
        for (id, files) in &self.known {
            let Some(before) = earlier.get(id) else {
                return Ok(false);
            };
            if !sleeps(&text(&files.stat)?) {
                self.awake = Some(*id);
                return Ok(false);
            }
            if text(&files.counters)? != *before {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Finds the threads that have come or gone. Where one has gone and another come, the files of the first cannot be
    /// read any more, and all are looked for again.
    fn list(&mut self) -> io::Result<()> {
        // The folder, its parent, and one link for each thread.
        let threads = fs::metadata(&self.folder)?.nlink().saturating_sub(2);
        if threads == self.known.len() as u64 {
            return Ok(());
        }
        let mut all = Vec::with_capacity(self.known.len());
        for entry in fs::read_dir(&self.folder)? {
            let id: Option<u32> = entry?.file_name().to_str().and_then(|id| id.parse().ok());
            all.extend(id);
        }
        self.known.retain(|id, _| all.contains(id));
        for id in all {
            if !self.known.contains_key(&id) {
                let folder = self.folder.join(id.to_string());
                let files = Files {
                    stat: File::open(folder.join("stat"))?,
                    counters: File::open(folder.join("schedstat"))?,
                };
                self.known.insert(id, files);
            }
        }
        Ok(())
    }
}

/// # Errors
/// If this system does not tell what threads do.
pub(super) fn are_told() -> io::Result<()> {
    let own = Threads::of(std::process::id()).counters().map(drop);
    own.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("see in /proc what threads do: {error}"),
        )
    })
}

/// What a file of `/proc` says now.
fn text(file: &File) -> io::Result<String> {
    let mut room = [0; 512];
    let read = file.read_at(&mut room, 0)?;
    Ok(String::from_utf8_lossy(&room[..read]).into_owned())
}

/// Whether a thread sleeps, or is over. One that was stopped, or waits for a disk, does not.
fn sleeps(stat: &str) -> bool {
    // The name of its program, in parentheses, may hold anything.
    let state = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next());
    matches!(state, Some('S' | 'I' | 'Z' | 'X'))
}

#[cfg(test)]
mod tests {
    use std::process;

    use super::*;

    #[test]
    fn who_asks_does_not_sleep() {
        let mut threads = Threads::of(process::id());
        let counters = threads.counters().unwrap();
        assert!(!threads.slept_since(&counters).unwrap());
    }

    #[test]
    fn one_that_waits_sleeps_until_it_runs() {
        let mut child = process::Command::new("cat")
            .stdin(process::Stdio::piped())
            .stdout(process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut threads = Threads::of(child.id());
        let counters = loop {
            let counters = threads.counters().unwrap();
            // Before it is the program that it will be, it may wait as well.
            let name = fs::read_to_string(format!("/proc/{}/comm", child.id())).unwrap();
            if threads.slept_since(&counters).unwrap() && name == "cat\n" {
                break counters;
            }
        };
        let echo = |child: &mut process::Child| {
            use std::io::{Read, Write};
            child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
            child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        };
        echo(&mut child);
        assert!(!threads.slept_since(&counters).unwrap(), "it has run");
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(threads.counters().is_err(), "it has ended");
    }

    #[test]
    fn a_name_with_parentheses_is_no_state() {
        assert!(sleeps("12 (R) S) S 1 2"));
        assert!(!sleeps("12 (a) S) R 1 2"));
        assert!(!sleeps("12 (a) D 1 2"));
        assert!(!sleeps(""));
    }
}
