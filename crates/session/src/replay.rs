//! The recorded inputs against a fresh world.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_pv::SimTime;
use beamtwin_server::{Scribe, scribe};
use beamtwin_sim::fault::ON_PURPOSE;
use beamtwin_sim::{Client, ClientId, Note, PutId, PutRequest, PvId, SnapshotError, World};
use beamtwin_trace::{Channel, End, Fact, Header, Line, ReadError, Reader, Source, Time, What};
use thiserror::Error;

/// A session done again.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The trace that came out.
    pub bytes: Vec<u8>,
    /// How many facts it has.
    pub facts: u64,
    /// Whether it is the same.
    pub verdict: Verdict,
}

/// Whether a session done again gives the same trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Byte for byte.
    Same,
    /// As far as the recording goes: it was cut short, or it stopped before the session did.
    SameAsFar,
    /// From a line on, counted from 1, it differs.
    Different {
        /// Which line.
        line: usize,
        /// What was recorded there; empty if nothing.
        recorded: String,
        /// What came out; empty if nothing.
        replayed: String,
    },
}

/// Why a session cannot be done again.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The trace cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The trace does not hold the file of its beamline.
    #[error("replay a trace that does not carry its beamline file")]
    NoSource,
    /// The beamline of the trace cannot be built.
    #[error("build the beamline of the trace: {0}")]
    World(String),
    /// The session ended before the moment to go on from.
    #[error("go on from there: the session ended at {end} s")]
    Ended {
        /// When.
        end: Time,
    },
    /// A fault that no device of the world has.
    #[error("replay fault {n}: {problem}")]
    Fault {
        /// The number of the fault.
        n: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A put whose channel or value the world does not know.
    #[error("replay put {n}: {problem}")]
    Put {
        /// The number of the put.
        n: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A snapshot that cannot be taken, or not be gone back to.
    #[error("replay snapshot {n}: {problem}")]
    Snapshot {
        /// The number of the fact.
        n: u64,
        /// Why not.
        problem: SnapshotError,
    },
}

/// A session done again up to a moment, to go on from there.
pub struct Begun {
    /// The world as it was then. The clients of the session are gone.
    pub world: World,
    /// What has been recorded so far.
    pub scribe: Scribe,
    /// Whether it is what was recorded then.
    pub verdict: Verdict,
}

/// Feeds the inputs of a recorded trace to the world that `build` makes of its beamline file.
///
/// # Errors
/// If the trace cannot be read or its beamline not be built.
pub fn replay(
    recorded: &[u8],
    build: impl FnOnce(&Header, &Source) -> Result<World, String>,
) -> Result<Replay, ReplayError> {
    let (mut stage, inputs) = Stage::set(recorded, build)?;
    let mut whole = false;
    for line in inputs {
        whole |= matches!(line, Line::End(End::Complete(_), _));
        stage.play(line)?;
    }
    let bytes = stage.scribe.take();
    let verdict = compare(recorded, &bytes, whole);
    Ok(Replay {
        bytes,
        facts: stage.facts,
        verdict,
    })
}

/// The same up to and including a moment; then the clients of the session go.
///
/// # Errors
/// If the trace cannot be read, its beamline not be built, or the session ended before.
pub fn replay_until(
    recorded: &[u8],
    until: Time,
    build: impl FnOnce(&Header, &Source) -> Result<World, String>,
) -> Result<Begun, ReplayError> {
    let (mut stage, inputs) = Stage::set(recorded, build)?;
    let end = inputs.iter().filter_map(moment).max().unwrap_or_default();
    if until > end {
        return Err(ReplayError::Ended { end });
    }
    let mut here = BTreeSet::new();
    for line in inputs {
        match &line {
            Line::End(..) => break,
            line if moment(line).is_some_and(|t| t > until) => break,
            Line::Open(number, _) => here.insert(*number),
            Line::Close(number, _) => here.remove(number),
            _ => false,
        };
        stage.play(line)?;
    }
    stage.advance(until);
    let replayed = stage.scribe.written();
    let lines = replayed.iter().filter(|&&byte| byte == b'\n').count();
    let recorded = recorded.split_inclusive(|&byte| byte == b'\n');
    let recorded: Vec<u8> = recorded.take(lines).flatten().copied().collect();
    let verdict = compare(&recorded, replayed, true);
    for number in here {
        stage.world.close_client(ClientId(number));
    }
    stage.drain();
    Ok(Begun {
        world: stage.world,
        scribe: stage.scribe,
        verdict,
    })
}

/// When a line is from.
fn moment(line: &Line) -> Option<Time> {
    match line {
        Line::Open(_, client) => Some(client.open),
        Line::Close(_, t) | Line::End(End::Complete(t) | End::Stopped(t, _), _) => Some(*t),
        Line::Fact(fact) => Some(fact.t),
        Line::Header(_) | Line::Source(_) | Line::Channel(..) | Line::End(End::CutShort, _) => None,
    }
}

struct Stage {
    world: World,
    scribe: Scribe,
    dictionary: BTreeMap<u32, Channel>,
    /// Puts that were refused, but for `DISP`.
    denied: BTreeSet<u64>,
    facts: u64,
}

/// The put that was refused, if it was for another reason than `DISP`.
fn denied(line: &Line) -> Option<u64> {
    match line {
        Line::Fact(Fact {
            what: What::Refused { put, reason },
            ..
        }) if !reason.ends_with("(DISP)") => Some(*put),
        _ => None,
    }
}

impl Stage {
    /// A fresh world of the beamline file of a trace, and the lines that follow.
    fn set(
        recorded: &[u8],
        build: impl FnOnce(&Header, &Source) -> Result<World, String>,
    ) -> Result<(Self, Vec<Line>), ReplayError> {
        let mut reader = Reader::new(recorded)?;
        let header = reader.header().clone();
        let mut source = None;
        let mut inputs = Vec::new();
        while let Some(line) = reader.next_line()? {
            match line {
                Line::Header(_) => {}
                Line::Source(found) => source = Some(found),
                line => inputs.push(line),
            }
        }
        let source = source.ok_or(ReplayError::NoSource)?;
        let world = build(&header, &source).map_err(ReplayError::World)?;
        let scribe = Scribe::new(&header, Some(&source));
        let denied = inputs.iter().filter_map(denied).collect();
        let mut stage = Self {
            world,
            scribe,
            dictionary: BTreeMap::new(),
            denied,
            facts: 0,
        };
        stage.drain();
        Ok((stage, inputs))
    }

    fn play(&mut self, line: Line) -> Result<(), ReplayError> {
        match line {
            Line::Header(_) | Line::Source(_) => {}
            Line::Channel(number, channel) => {
                self.dictionary.insert(number, channel);
            }
            Line::Open(_, client) => {
                self.advance(client.open);
                self.world.open_client(Client {
                    user: client.user.unwrap_or_default(),
                    host: client.host.unwrap_or_default(),
                    addr: client.addr.unwrap_or_default(),
                });
            }
            Line::Close(number, t) => {
                self.advance(t);
                self.world.close_client(ClientId(number));
            }
            Line::Fact(fact) => self.fact(fact)?,
            Line::End(End::Complete(t), _) => {
                self.advance(t);
                self.drain();
                self.scribe.complete(self.world.now());
            }
            Line::End(End::Stopped(t, _), _) => self.advance(t),
            Line::End(End::CutShort, _) => {}
        }
        self.drain();
        Ok(())
    }

    /// Repeats what came from outside; what the world answers comes by itself.
    fn fact(&mut self, fact: Fact) -> Result<(), ReplayError> {
        let client = |by: Option<u32>| by.map(ClientId);
        let note = match fact.what {
            What::Put(put) => {
                self.advance(fact.t);
                put.at.into_iter().for_each(|line| self.scribe.at(line));
                let wrong = |problem| ReplayError::Put { n: fact.n, problem };
                let pv = self.pv(put.pv).map_err(wrong)?;
                let value = scribe::value(&put.value, self.world.field(pv).kind)
                    .ok_or_else(|| wrong("its value was not kept whole".to_owned()))?;
                let by = client(put.by);
                // Other puts to these fields are refused.
                if let Some(what) = World::acknowledgement(pv, &value)
                    && !self.denied.contains(&fact.n)
                {
                    self.world.acknowledge(pv, what, by, put.complete);
                    return Ok(());
                }
                self.world.put(PutRequest {
                    pv,
                    value,
                    by,
                    complete: put.complete,
                });
                return Ok(());
            }
            What::Fault {
                text,
                device,
                by: by @ Some(_),
            } => {
                self.advance(fact.t);
                let words = text.strip_prefix(ON_PURPOSE).unwrap_or(&text);
                let device = device.unwrap_or_default();
                let made = self.world.fault(&device, words, client(by));
                return made.map_err(|error| ReplayError::Fault {
                    n: fact.n,
                    problem: error.to_string(),
                });
            }
            What::Cancel { put } => {
                self.advance(fact.t);
                self.world.cancel(PutId(put));
                return Ok(());
            }
            What::Snapshot { name, by } => {
                self.advance(fact.t);
                let taken = self.world.snapshot(&name, client(by));
                return taken.map_err(|problem| ReplayError::Snapshot { n: fact.n, problem });
            }
            What::Restore { name, by } => {
                self.advance(fact.t);
                let restored = self.world.restore(&name, client(by));
                return restored.map_err(|problem| ReplayError::Snapshot { n: fact.n, problem });
            }
            What::Loss { text } => Note::Loss(text),
            What::Marker { text, by } => Note::Marker {
                text,
                by: client(by),
            },
            What::Miss { name, by, at } => {
                self.advance(fact.t);
                at.into_iter().for_each(|line| self.scribe.at(line));
                let by = client(by);
                Note::Miss { name, by }
            }
            What::Pace { text } => Note::Pace(text),
            What::Broken { .. }
            | What::Done { .. }
            | What::Fault { .. }
            | What::Post(_)
            | What::Refused { .. } => {
                self.advance(fact.t);
                return Ok(());
            }
        };
        self.advance(fact.t);
        self.world.note(note);
        Ok(())
    }

    fn pv(&self, number: u32) -> Result<PvId, String> {
        let channel = self.dictionary.get(&number);
        let name = &channel
            .ok_or_else(|| format!("channel {number} was not introduced"))?
            .name;
        let target = self.world.find(name);
        target
            .map(|target| target.pv)
            .ok_or_else(|| format!("nothing is called {name}"))
    }

    fn advance(&mut self, t: Time) {
        self.world.advance_to(SimTime::from_nanos(
            u64::try_from(t.nanos()).unwrap_or_default(),
        ));
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(event) = self.world.poll_event() {
            self.facts = event.n;
            self.scribe.record(&self.world, &event);
        }
    }
}

fn compare(recorded: &[u8], replayed: &[u8], whole: bool) -> Verdict {
    if whole && recorded == replayed {
        return Verdict::Same;
    }
    let mut theirs = recorded.split_inclusive(|&byte| byte == b'\n');
    let mut ours = replayed.split_inclusive(|&byte| byte == b'\n');
    let mut line = 0;
    loop {
        line += 1;
        let (recorded, replayed) = (theirs.next(), ours.next());
        if recorded == replayed && recorded.is_some() {
            continue;
        }
        let mut rest = recorded.into_iter().chain(theirs);
        let unfinished = !whole || recorded.is_some();
        if unfinished && rest.all(|line| breaks_off(line, replayed, whole)) {
            return Verdict::SameAsFar;
        }
        let text = |line: Option<&[u8]>| {
            String::from_utf8_lossy(line.unwrap_or_default())
                .trim_end()
                .to_owned()
        };
        return Verdict::Different {
            line,
            recorded: text(recorded),
            replayed: text(replayed),
        };
    }
}

/// Whether an unfinished recording may end with this line: with half of the line that is due, with a footer
/// that says so, or with the introduction of a channel that is not used any more.
fn breaks_off(line: &[u8], due: Option<&[u8]>, whole: bool) -> bool {
    let half = !line.ends_with(b"\n");
    match due {
        Some(due) if half => due.starts_with(line),
        None if half => !whole,
        Some(_) => !whole && line.starts_with(b"{\"end\""),
        None => !whole && (line.starts_with(b"{\"end\"") || line.starts_with(b"{\"pv\"")),
    }
}
