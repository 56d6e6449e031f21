//! The comparisons of a suite, on several threads.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;

use beamtwin_align::compare;
use beamtwin_trace::{Recording, Trace};

use crate::kept::{digest, key};
use crate::scores::{Judged, Scores, SessionScore};
use crate::{Kept, Outcome, Suite};

/// Scores all sessions of a suite. What is kept of earlier runs is not done again; `progress` is told how many
/// sessions of how many are done.
///
/// A session that cannot be read does not stop the others: it says why, and counts as 0. A reference that
/// cannot be read fails all sessions of its item.
pub fn run(
    suite: &Suite,
    kept: &Kept,
    threads: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Scores {
    let references: BTreeMap<&Path, Reference> = suite
        .items
        .iter()
        .flat_map(|item| &item.references)
        .map(|path| (path.as_path(), Reference::default()))
        .collect();
    let mut tasks = Vec::new();
    for (candidate, it) in suite.candidates.iter().enumerate() {
        for (item, sessions) in it.sessions.iter().enumerate() {
            tasks.extend(sessions.iter().map(|path| Task {
                item,
                candidate,
                path,
            }));
        }
    }
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found: Vec<Mutex<Option<SessionScore>>> = tasks.iter().map(|_| Mutex::new(None)).collect();
    progress(0, tasks.len());
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, tasks.len().max(1)) {
            scope.spawn(|| {
                while let Some((at, task)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    tasks.get(at).map(|task| (at, task))
                } {
                    let score = task.score(suite, &references, kept);
                    if let Ok(mut place) = found[at].lock() {
                        *place = Some(score);
                    }
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1, tasks.len());
                }
            });
        }
    });
    let sessions = found
        .into_iter()
        .filter_map(|place| place.into_inner().ok()?);
    Scores::of(suite, sessions.collect())
}

/// A reference, read when it is first needed.
#[derive(Default)]
struct Reference {
    digest: OnceLock<Result<String, String>>,
    trace: OnceLock<Result<Trace, String>>,
}

/// A session to be compared with the references of its item.
struct Task<'a> {
    item: usize,
    candidate: usize,
    path: &'a PathBuf,
}

impl Task<'_> {
    fn score(
        &self,
        suite: &Suite,
        references: &BTreeMap<&Path, Reference>,
        kept: &Kept,
    ) -> SessionScore {
        let judged = self.judge(suite, references, kept);
        let (judged, again) = match judged {
            Ok((judged, again)) => (judged, again),
            Err(why) => (Judged::Failed { why }, false),
        };
        SessionScore {
            item: suite.items[self.item].name.clone(),
            candidate: suite.candidates[self.candidate].name.clone(),
            session: self.path.clone(),
            kept: again,
            judged,
        }
    }

    /// The best of the comparisons, and whether all were kept from an earlier run.
    fn judge(
        &self,
        suite: &Suite,
        references: &BTreeMap<&Path, Reference>,
        kept: &Kept,
    ) -> Result<(Judged, bool), String> {
        let bytes = read(self.path)?;
        let own = digest(&bytes);
        let mut session = None;
        let mut best: Option<(usize, Outcome)> = None;
        for (place, path) in suite.items[self.item].references.iter().enumerate() {
            let reference = &references[path.as_path()];
            let theirs = reference.digest.get_or_init(|| Ok(digest(&read(path)?)));
            let key = key(
                theirs.as_ref().map_err(String::clone)?,
                &own,
                &suite.settings,
            );
            let outcome = match kept.get(&key) {
                Some(outcome) => outcome,
                None => {
                    let with = reference.trace.get_or_init(|| trace(path, &read(path)?));
                    let with = with.as_ref().map_err(String::clone)?;
                    if session.is_none() {
                        session = Some(trace(self.path, &bytes)?);
                    }
                    let session = session.as_ref().ok_or("there is no session")?;
                    let outcome = Outcome::of(&compare(with, session, &suite.settings));
                    kept.put(&key, &outcome)
                        .map_err(|error| format!("failed to keep a result: {error}"))?;
                    outcome
                }
            };
            let rank = |it: &Outcome| (it.alike, it.score);
            if best
                .as_ref()
                .is_none_or(|(_, best)| rank(&outcome) > rank(best))
            {
                best = Some((place, outcome));
            }
        }
        let (reference, outcome) = best.ok_or("there is no reference")?;
        Ok((Judged::Compared { reference, outcome }, session.is_none()))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("failed to read {}: {error}", path.display()))
}

fn trace(path: &Path, bytes: &[u8]) -> Result<Trace, String> {
    let recording =
        Recording::read(bytes).map_err(|error| format!("{}: failed to {error}", path.display()))?;
    recording
        .into_trace()
        .map_err(|error| format!("{}: failed to {error}", path.display()))
}
