//! Lines of a trace into a file, on a thread of its own, so that a slow disk never stops the beamline.
//!
//! What the engine records is handed over at once and written at the latest [`Bounds::flush`] later, so a
//! killed process loses no more than that. Nothing is dropped: above [`Bounds::congested`] bytes the server
//! stops reading those who write. On an I/O error or a stall of [`Bounds::stall`] the recording stops,
//! loudly, and the beamline runs on without it.

mod kept;

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use beamtwin_pv::SimTime;
use beamtwin_sim::{Event, World};
use beamtwin_trace::{Header, Source};

use self::kept::Kept;
use tracing::warn;

use crate::scribe::Scribe;

/// How long and how much may wait for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How long a line may wait before it is written.
    pub flush: Duration,
    /// How many bytes may wait before writers are held back.
    pub congested: usize,
    /// How long one write may take before the recording is given up.
    pub stall: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            flush: Duration::from_millis(100),
            congested: 64 << 20,
            stall: Duration::from_secs(5),
        }
    }
}

/// A handover is worth a wake-up of the thread from here on.
const BATCH: usize = 256 << 10;

/// Records a session into a file.
#[derive(Debug)]
pub struct Recorder {
    scribe: Scribe,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    bounds: Bounds,
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
    closing: Closing,
    /// Since when the thread has been inside one write.
    writing: Option<Instant>,
    failed: Option<String>,
}

/// How the trace is to end.
#[derive(Debug, Default, PartialEq, Eq)]
enum Closing {
    /// Not yet.
    #[default]
    No,
    /// The footer is among what waits.
    Whole,
    /// As it is, for this reason.
    Short(String),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Creates the file and writes the beginning of the trace. A file that is there already is kept, with a
    /// `~` behind its name: it may be the only record of a session, or that of another twin.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(
        path: &Path,
        header: &Header,
        source: Option<&Source>,
        bounds: Bounds,
    ) -> io::Result<Self> {
        Self::go_on(path, Scribe::new(header, source), bounds)
    }

    /// The same, where a trace has begun already.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn go_on(path: &Path, scribe: Scribe, bounds: Bounds) -> io::Result<Self> {
        keep_earlier(path)?;
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
            .spawn(move || write_until_closed(Kept::new(file), &theirs, bounds.flush))?;
        let mut recorder = Self {
            scribe,
            shared,
            thread: Some(thread),
            bounds,
            path: path.to_owned(),
        };
        recorder.hand_over();
        Ok(recorder)
    }

    /// Where the trace goes.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The next put to be recorded, or name that nobody serves, was asked for by this line of a script.
    pub fn at(&mut self, line: String) {
        self.scribe.at(line);
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
        self.shared.lock().waiting.len() > self.bounds.congested
    }

    /// Why the recording has stopped, if it has.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        let state = self.shared.lock();
        if state.failed.is_some() {
            return state.failed.clone();
        }
        let stall = self.bounds.stall;
        let stalled = state.writing.is_some_and(|since| since.elapsed() > stall);
        stalled.then(|| format!("the disk did not answer for {} s", stall.as_secs_f64()))
    }

    /// Ends the trace and waits until it is on disk.
    ///
    /// # Errors
    /// If the recording failed before its end.
    pub fn close(mut self, now: SimTime) -> Result<(), String> {
        self.scribe.complete(now);
        self.hand_over();
        self.end(Closing::Whole);
        self.wait()
    }

    /// Ends the trace as it is, with a footer that says why, and waits until it is on disk.
    pub fn abort(mut self, reason: &str) {
        self.end(Closing::Short(reason.to_owned()));
        // Why it failed is known better by whoever calls this.
        let _ = self.wait();
    }

    /// Ends the trace as it is, with a footer that says why, as soon as the disk answers.
    pub fn give_up(self, reason: &str) {
        self.end(Closing::Short(reason.to_owned()));
    }

    fn wait(&mut self) -> Result<(), String> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        while !thread.is_finished() {
            if let Some(failure) = self.failure() {
                return Err(failure);
            }
            thread::park_timeout(Duration::from_millis(1));
        }
        match thread.join() {
            Ok(()) => self.failure().map_or(Ok(()), Err),
            Err(_) => Err("the recorder died".to_owned()),
        }
    }

    fn end(&self, closing: Closing) {
        let mut state = self.shared.lock();
        if state.closing == Closing::No {
            state.closing = closing;
        }
        drop(state);
        self.shared.changed.notify_one();
    }
}

impl Drop for Recorder {
    /// A recorder that nobody closed does not leave its thread behind.
    fn drop(&mut self) {
        self.end(Closing::Short("the recorder was dropped".to_owned()));
    }
}

/// Moves a file out of the way.
fn keep_earlier(path: &Path) -> io::Result<()> {
    let holds_something = |meta: std::fs::Metadata| meta.is_file() && meta.len() > 0;
    if std::fs::symlink_metadata(path).is_ok_and(holds_something) {
        let mut kept = path.as_os_str().to_owned();
        kept.push("~");
        std::fs::rename(path, &kept)?;
        warn!(file = %path.display(), kept = %Path::new(&kept).display(), "the earlier file is kept");
    }
    Ok(())
}

/// The thread: writes what waits, until told to close or the disk says no.
fn write_until_closed(mut kept: Kept, shared: &Shared, flush: Duration) {
    if let Err(reason) = write_lines(&mut kept, shared, flush) {
        kept.cut_short(&reason);
        shared.lock().failed = Some(reason);
    }
    shared.lock().writing = None;
}

fn write_lines(kept: &mut Kept, shared: &Shared, flush: Duration) -> Result<(), String> {
    let quiet = |state: &State| state.waiting.len() < BATCH && state.closing == Closing::No;
    let mut bytes = Vec::new();
    loop {
        let mut state = shared.lock();
        state.writing = None;
        while state.waiting.is_empty() && state.closing == Closing::No {
            state = shared
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        // Gather what comes within the flush time, so that a busy beamline costs twenty writes a second.
        let (mut state, _) = shared
            .changed
            .wait_timeout_while(state, flush / 2, |state| quiet(state))
            .unwrap_or_else(PoisonError::into_inner);
        bytes.clear();
        std::mem::swap(&mut bytes, &mut state.waiting);
        state.writing = Some(Instant::now());
        let short = match &state.closing {
            Closing::Short(reason) => Some(reason.clone()),
            Closing::No | Closing::Whole => None,
        };
        let closing = state.closing != Closing::No;
        drop(state);
        kept.write(&bytes).map_err(|error| error.to_string())?;
        if let Some(reason) = short {
            return Err(reason);
        }
        if closing {
            return kept.sync().map_err(|error| error.to_string());
        }
    }
}
