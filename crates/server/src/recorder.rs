//! Lines of a trace into a file, on a thread of its own, so that a slow disk never stops the beamline.
//!
//! What the engine records is handed over at once and written at the latest [`FLUSH`] later, so a killed
//! process loses no more than that. Nothing is dropped: above [`CONGESTED`] bytes the server stops reading
//! those who write. On an I/O error or a stall of [`STALL`] the recording stops, loudly, and the beamline
//! runs on without it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use beamtwin_pv::SimTime;
use beamtwin_sim::{Event, World};
use beamtwin_trace::{Header, Source};

use crate::scribe::Scribe;

/// How long a line may wait for the disk.
pub const FLUSH: Duration = Duration::from_millis(100);
/// How many bytes may wait before writers are held back.
pub const CONGESTED: usize = 64 << 20;
/// How long one write may take before the recording is given up.
pub const STALL: Duration = Duration::from_secs(5);
/// A handover is worth a wake-up of the thread from here on.
const BATCH: usize = 256 << 10;

/// Records a session into a file.
#[derive(Debug)]
pub struct Recorder {
    scribe: Scribe,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    closing: bool,
    /// Since when the thread has been inside one write.
    writing: Option<Instant>,
    failed: Option<String>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Creates the file and writes the beginning of the trace.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(path: &Path, header: &Header, source: Option<&Source>) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?;
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || write_until_closed(file, &theirs))?;
        let scribe = Scribe::new(header, source);
        Ok(Self {
            scribe,
            shared,
            thread: Some(thread),
            path: path.to_owned(),
        })
    }

    /// Where the trace goes.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records an event.
    pub fn record(&mut self, world: &World, event: &Event) {
        self.scribe.record(world, event);
    }

    /// Hands over what was recorded. Call it after each batch of events, before anybody is told.
    pub fn hand_over(&mut self) {
        if self.scribe.pending() == 0 {
            return;
        }
        let bytes = self.scribe.take();
        let mut state = self.shared.lock();
        let before = state.waiting.len();
        if before == 0 {
            state.waiting = bytes;
        } else {
            state.waiting.extend_from_slice(&bytes);
        }
        let full = before < BATCH && state.waiting.len() >= BATCH;
        drop(state);
        if before == 0 || full {
            self.shared.changed.notify_one();
        }
    }

    /// Whether so much waits for the disk that writers should be held back.
    #[must_use]
    pub fn congested(&self) -> bool {
        self.shared.lock().waiting.len() > CONGESTED
    }

    /// Why the recording has stopped, if it has.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        let state = self.shared.lock();
        if state.failed.is_some() {
            return state.failed.clone();
        }
        let stalled = state.writing.is_some_and(|since| since.elapsed() > STALL);
        stalled.then(|| format!("the disk did not answer for {} s", STALL.as_secs()))
    }

    /// Ends the trace and waits until it is on disk.
    ///
    /// # Errors
    /// If the recording failed before its end.
    pub fn close(mut self, now: SimTime) -> Result<(), String> {
        self.scribe.complete(now);
        self.hand_over();
        self.shared.lock().closing = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            while !thread.is_finished() {
                if let Some(failure) = self.failure() {
                    return Err(failure);
                }
                thread::park_timeout(Duration::from_millis(1));
            }
        }
        self.failure().map_or(Ok(()), Err)
    }
}

/// The thread: writes what waits, until told to close or the disk says no.
fn write_until_closed(mut file: File, shared: &Shared) {
    let mut kept = Kept::default();
    let mut bytes = Vec::new();
    loop {
        let mut state = shared.lock();
        state.writing = None;
        while state.waiting.is_empty() {
            if state.closing {
                drop(state);
                finish(&mut file, shared, &mut kept);
                return;
            }
            state = shared
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.waiting.len() < BATCH && !state.closing {
            // Gather what comes within the flush time, so that a busy beamline costs ten writes a second.
            let (gathered, _) = shared
                .changed
                .wait_timeout_while(state, FLUSH / 2, |s| s.waiting.len() < BATCH && !s.closing)
                .unwrap_or_else(PoisonError::into_inner);
            state = gathered;
        }
        bytes.clear();
        std::mem::swap(&mut bytes, &mut state.waiting);
        state.writing = Some(Instant::now());
        drop(state);
        if let Err(error) = kept.write(&mut file, &bytes) {
            let reason = error.to_string();
            kept.cut_short(&mut file, &reason);
            shared.lock().failed = Some(reason);
            return;
        }
    }
}

fn finish(file: &mut File, shared: &Shared, kept: &mut Kept) {
    // Special files (/dev/null, a pipe) cannot be synchronised, which is no loss.
    if let Err(error) = file.sync_all()
        && file.metadata().is_ok_and(|metadata| metadata.is_file())
    {
        let reason = error.to_string();
        kept.cut_short(file, &reason);
        shared.lock().failed = Some(reason);
    }
}

/// How much of the file is whole lines.
#[derive(Debug, Default)]
struct Kept {
    len: u64,
}

impl Kept {
    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Ends the trace as well as still can be: whole lines only, and a footer that says why. If the disk is
    /// full, the last lines make room for it.
    fn cut_short(&mut self, file: &mut File, reason: &str) {
        /// Enough for a footer and for the longest line that usually stands before it.
        const TAIL: u64 = 64 << 10;
        let Ok(end) = file.seek(SeekFrom::End(0)) else {
            return;
        };
        let start = end.saturating_sub(TAIL);
        let mut tail = Vec::new();
        if file.seek(SeekFrom::Start(start)).is_err() || file.read_to_end(&mut tail).is_err() {
            return;
        }
        let mut cut = tail.len();
        while let Some(newline) = tail[..cut].iter().rposition(|&byte| byte == b'\n') {
            let lines = &tail[..=newline];
            let footer = footer(lines, reason);
            let at = start + lines.len() as u64;
            let written = file.set_len(at).is_ok()
                && file.seek(SeekFrom::Start(at)).is_ok()
                && file.write_all(footer.as_bytes()).is_ok();
            if written {
                return;
            }
            cut = newline;
        }
    }
}

/// The last line of a recording that stopped before its session did.
fn footer(lines: &[u8], reason: &str) -> String {
    let last = lines.split(|&byte| byte == b'\n').rev().find_map(|line| {
        let line: serde_json::Value = serde_json::from_slice(line).ok()?;
        Some((line.get("n")?.as_u64()?, line.get("t")?.to_string()))
    });
    let (records, t) = last.unwrap_or((0, "0.0".to_owned()));
    let reason = serde_json::Value::from(reason);
    format!(
        "{{\"end\":{{\"t\":{t},\"records\":{records},\"complete\":false,\"reason\":{reason}}}}}\n"
    )
}
