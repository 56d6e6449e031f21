//! The comparisons of a suite, on several threads.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::kept::{digest, key};
use crate::reference::read;
use crate::scores::{Judged, Scores, SessionScore};
use crate::{Kept, Outcome, Suite};

/// Scores all sessions of a suite. What is kept of earlier runs is not done again; `progress` is told how many
/// sessions of how many are done.
///
/// A session that cannot be read does not stop the others: it says why, and counts as 0.
pub fn run(
    suite: &Suite,
    kept: &Kept,
    threads: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Scores {
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
                    let score = task.score(suite, kept);
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

/// A session to be compared with the references of its item.
struct Task<'a> {
    item: usize,
    candidate: usize,
    path: &'a PathBuf,
}

impl Task<'_> {
    fn score(&self, suite: &Suite, kept: &Kept) -> SessionScore {
        let judged = self.judge(suite, kept);
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
    fn judge(&self, suite: &Suite, kept: &Kept) -> Result<(Judged, bool), String> {
        let bytes = read(self.path)?;
        let own = digest(&bytes);
        let mut session = None;
        let mut best: Option<(usize, Outcome)> = None;
        for (place, reference) in suite.items[self.item].references.iter().enumerate() {
            let key = key(&reference.digest, &own, &suite.method);
            let outcome = match kept.get(&key) {
                Some(outcome) => outcome,
                None => {
                    if session.is_none() {
                        session = Some(suite.method.session(self.path, &bytes)?);
                    }
                    let session = session.as_ref().ok_or("there is no session")?;
                    let judged = suite.method.judge(&reference.session, session);
                    let outcome = judged
                        .map_err(|why| format!("{}: failed to {why}", self.path.display()))?;
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
