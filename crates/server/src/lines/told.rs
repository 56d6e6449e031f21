//! Lines that were told, until what they ask for is there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use beamtwin_sim::PvId;
use tokio::time::Instant;

use super::{Message, What};

/// How long a line waits for its put. A put is on its way when its line is told, so one that is not here by now was
/// never sent.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many names that are not served are remembered.
const NAMES: usize = 10_000;
/// How many lines of one channel wait at a time.
const WAITING: usize = 100_000;

/// Whether a circuit is that of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// It is.
    Theirs,
    /// It is not.
    Others,
    /// The system does not tell.
    Unknown,
}

/// Lines that were told.
#[derive(Debug, Default)]
pub(super) struct Told {
    puts: BTreeMap<PvId, VecDeque<Put>>,
    /// Names that are not served, with the line that asked first.
    names: BTreeMap<String, String>,
    /// What was reached for, with the line that did so first.
    pub(super) reached: BTreeMap<String, String>,
    /// The last exception that nobody caught, and its line.
    pub(super) failed: Option<(String, Option<String>)>,
    /// All processes that told something.
    processes: BTreeSet<u32>,
}

#[derive(Debug)]
struct Put {
    process: u32,
    number: u64,
    line: Option<String>,
    told: Instant,
}

impl Told {
    /// Takes in what was told, of a name that is this channel, or that is not served.
    pub(super) fn take(
        &mut self,
        message: &Message,
        line: Option<String>,
        found: Option<PvId>,
        now: Instant,
    ) {
        let &Message {
            process,
            number,
            what,
            ref name,
            ..
        } = message;
        self.processes.insert(process);
        match (what, found, line) {
            (What::Find, None, Some(line)) if self.names.len() < NAMES => {
                self.names.entry(name.clone()).or_insert(line);
            }
            (What::Reach, _, Some(line)) if self.reached.len() < NAMES => {
                self.reached.entry(name.clone()).or_insert(line);
            }
            (What::Fail, _, line) => self.failed = Some((name.clone(), line)),
            (What::Put, Some(pv), line) => {
                let waiting = self.puts.entry(pv).or_default();
                if waiting.len() < WAITING {
                    waiting.push_back(Put {
                        process,
                        number,
                        line,
                        told: now,
                    });
                }
            }
            (What::Unput, Some(pv), _) => {
                let waiting = self.puts.entry(pv).or_default();
                waiting.retain(|put| (put.process, put.number) != (process, number));
            }
            (What::Find | What::Put | What::Reach | What::Unput, ..) => {}
        }
    }

    /// The process and the line of the put that is there; the line if it is known. Puts of one process come in the order in which
    /// they were told.
    pub(super) fn put(
        &mut self,
        pv: PvId,
        now: Instant,
        mut whose: impl FnMut(u32) -> Whose,
    ) -> Option<(u32, Option<String>)> {
        let waiting = self.puts.get_mut(&pv)?;
        waiting.retain(|put| now.duration_since(put.told) < PATIENCE);
        let alone = self.processes.len() == 1;
        let theirs = |put: &Put| match whose(put.process) {
            Whose::Theirs => true,
            Whose::Others => false,
            Whose::Unknown => alone,
        };
        let place = waiting.iter().position(theirs)?;
        let put = waiting.remove(place)?;
        if waiting.is_empty() {
            self.puts.remove(&pv);
        }
        Some((put.process, put.line))
    }

    /// The line that asked first for a name that is not served.
    pub(super) fn miss(&mut self, name: &str) -> Option<String> {
        self.names.remove(name)
    }
}

#[cfg(test)]
mod tests {
    use beamtwin_sim::{FieldIx, RecordIx};

    use super::*;

    fn pv(record: u32) -> PvId {
        let (record, field) = (RecordIx(record), FieldIx(0));
        PvId { record, field }
    }

    fn message(what: What, process: u32, number: u64) -> Message {
        let name = "TUT:x".to_owned();
        Message {
            process,
            number,
            what,
            name,
            at: None,
        }
    }

    /// Lines of puts to one channel: the process, and the line.
    fn told(lines: &[(u32, &str)], now: Instant) -> Told {
        let mut told = Told::default();
        for (&(process, line), number) in lines.iter().zip(1..) {
            let line = Some(line.to_owned()).filter(|it| !it.is_empty());
            let message = message(What::Put, process, number);
            told.take(&message, line, Some(pv(1)), now);
        }
        told
    }

    fn of(process: u32) -> impl Fn(u32) -> Whose {
        move |told| {
            if told == process {
                Whose::Theirs
            } else {
                Whose::Others
            }
        }
    }

    fn unknown(_: u32) -> Whose {
        Whose::Unknown
    }

    fn some(process: u32, line: &str) -> Option<(u32, Option<String>)> {
        Some((process, Some(line.to_owned())))
    }

    #[test]
    fn puts_take_the_lines_of_their_channel_in_order() {
        let now = Instant::now();
        let mut told = told(&[(1, "a.py:1"), (1, ""), (1, "a.py:3")], now);
        assert_eq!(told.put(pv(2), now, of(1)), None);
        assert_eq!(told.put(pv(1), now, of(1)), some(1, "a.py:1"));
        // Whoever asked for the second is not known; the third is not its line.
        assert_eq!(told.put(pv(1), now, of(1)), Some((1, None)));
        assert_eq!(told.put(pv(1), now, of(1)), some(1, "a.py:3"));
        assert_eq!(told.put(pv(1), now, of(1)), None);
    }

    #[test]
    fn the_line_of_what_was_not_sent_is_taken_by_nobody() {
        let now = Instant::now();
        let mut told = told(&[(1, "a.py:1"), (1, "a.py:2")], now);
        told.take(&message(What::Unput, 1, 1), None, Some(pv(1)), now);
        assert_eq!(told.put(pv(1), now, of(1)), some(1, "a.py:2"));
    }

    #[test]
    fn a_process_takes_its_own_lines() {
        let now = Instant::now();
        let mut told = told(&[(1, "a.py:1"), (2, "b.py:1")], now);
        assert_eq!(told.put(pv(1), now, of(3)), None);
        assert_eq!(told.put(pv(1), now, of(2)), some(2, "b.py:1"));
        assert_eq!(told.put(pv(1), now, of(1)), some(1, "a.py:1"));
    }

    #[test]
    fn where_processes_cannot_be_told_apart_a_line_is_taken_only_if_there_is_one() {
        let now = Instant::now();
        let mut one = told(&[(1, "a.py:1")], now);
        assert_eq!(one.put(pv(1), now, unknown), some(1, "a.py:1"));
        let mut two = told(&[(1, "a.py:1"), (2, "b.py:1")], now);
        assert_eq!(two.put(pv(1), now, unknown), None);
    }

    #[test]
    fn a_line_whose_put_does_not_come_is_forgotten() {
        let now = Instant::now();
        let mut told = told(&[(1, "a.py:1")], now);
        assert_eq!(told.put(pv(1), now + PATIENCE, of(1)), None);
    }

    #[test]
    fn a_name_that_is_not_served_keeps_its_first_line() {
        let now = Instant::now();
        let mut told = Told::default();
        for line in ["a.py:1", "a.py:2"] {
            let line = Some(line.to_owned());
            told.take(&message(What::Find, 1, 1), line, None, now);
        }
        assert_eq!(told.miss("TUT:x").as_deref(), Some("a.py:1"));
        assert_eq!(told.miss("TUT:y"), None);
    }
}
