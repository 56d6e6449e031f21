//! What a session asked for, in order.
//!
//! The sequence is the accepted puts on channels of the beamline, whatever their role. A trace without a single put,
//! such as one imported from EnvTrace JSON, is taken at its posts on channels whose role is *request* instead.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use beamtwin_trace::{Channel, Datum, Fact, Post, Role, Time, Trace, What};

use crate::comparison::Note;
use crate::paces::Paces;
use crate::refused::{Refusal, Violation};
use crate::{Settings, Tolerance, images, tolerance};

/// The device of the channels that a twin is told to record or to hurry with: they are no part of the beamline.
const TWIN: &str = "twin";

/// The channel of markers that are steps.
static MARKER: LazyLock<Channel> = LazyLock::new(|| Channel::named("marker", Role::Marker));

/// The channel of faults that are steps.
static FAULT: LazyLock<Channel> = LazyLock::new(|| Channel::named("fault", Role::State));

/// Something a session asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    pub(crate) n: u64,
    pub(crate) t: Time,
    /// The number of the client, if the trace tells it.
    pub(crate) by: Option<u32>,
    /// The line of a script that asked.
    pub(crate) at: Option<&'a str>,
    pub(crate) channel: &'a Channel,
    /// The value, with names of choices replaced by their numbers.
    pub(crate) value: Datum,
    /// The number of the channel, the same on both sides.
    pub(crate) number: usize,
    /// How values of the channel are compared.
    pub(crate) tolerance: Arc<Tolerance>,
    /// Whether the channel starts exposures.
    pub(crate) exposure: bool,
    /// Whether the channel decides what exposures see.
    pub(crate) gate: bool,
    /// When all that it started had finished; the same moment if it started nothing, `None` if the trace
    /// does not tell.
    pub(crate) finished: Option<Time>,
    /// When the trace says that it was done.
    pub(crate) done: Option<Time>,
    /// How many images it made; none where the trace knows no causes.
    pub(crate) images: Option<usize>,
    /// How many times faster than the clock device time passed.
    pub(crate) pace: f32,
    /// How near another step is at the same moment, in seconds of the client's own time.
    pub(crate) moment: f32,
    /// What the step costs when the other side has nothing like it.
    pub(crate) weight: f64,
}

impl Asked<'_> {
    /// The device, which is the channel itself where the trace knows of none.
    pub(crate) fn device(&self) -> &str {
        let channel = self.channel;
        channel.device.as_deref().unwrap_or(channel.plain_name())
    }

    /// Whether it only set something, and started nothing that took time.
    pub(crate) fn sets(&self) -> bool {
        self.finished == Some(self.t)
    }

    /// Whether an exposure starts here.
    pub(crate) fn exposes(&self) -> bool {
        self.exposure && tolerance::number(&self.value).is_some_and(|value| value != 0.0)
    }
}

/// The channels of both sides, numbered by name; where a channel is described on both, the first
/// description counts.
#[derive(Debug)]
pub(crate) struct Channels<'a> {
    known: BTreeMap<String, Known>,
    /// The channels that start exposures though their names do not say so.
    triggers: BTreeSet<&'a str>,
}

#[derive(Debug, Clone)]
struct Known {
    number: usize,
    tolerance: Arc<Tolerance>,
    exposure: bool,
    gate: bool,
}

impl<'a> Channels<'a> {
    pub(crate) fn of(sides: [&'a Trace; 2], settings: &Settings) -> Self {
        Self {
            known: BTreeMap::new(),
            triggers: sides
                .into_iter()
                .flat_map(|side| triggers(side, settings))
                .collect(),
        }
    }

    fn known(&mut self, channel: &Channel, settings: &Settings) -> Known {
        let number = self.known.len();
        let name = channel.plain_name();
        let exposure = settings.exposes(channel) || self.triggers.contains(name);
        let known = self.known.entry(name.to_owned());
        let known = known.or_insert_with(|| Known {
            number,
            tolerance: Arc::new(settings.tolerance(channel)),
            exposure,
            gate: settings.gates(channel),
        });
        known.clone()
    }
}

/// The channels that start exposures, whatever they are called: what was asked for on them made an image of
/// their own device, or took time on a device that is known to be a detector.
fn triggers<'a>(trace: &'a Trace, settings: &Settings) -> BTreeSet<&'a str> {
    let known = |pv: u32| trace.dictionary.get(&pv);
    let counting: BTreeSet<&str> = trace
        .dictionary
        .values()
        .filter(|it| it.role == Role::Frame)
        .filter_map(|it| it.device.as_deref())
        .collect();
    let detects = |it: &Channel| {
        let counts = it.device.as_deref().is_some_and(|it| counting.contains(it));
        it.role == Role::Request && (counts || settings.is_detector(it))
    };
    let detectors: BTreeMap<u32, &Channel> = trace
        .dictionary
        .iter()
        .filter(|(_, it)| detects(it))
        .map(|(&pv, it)| (pv, it))
        .collect();
    let mut asked: BTreeMap<u64, (Time, &Channel)> = BTreeMap::new();
    let mut triggers = BTreeSet::new();
    if detectors.is_empty() {
        return triggers;
    }
    for fact in &trace.facts {
        let found = match &fact.what {
            What::Put(put) => {
                let channel = detectors.get(&put.pv);
                asked.extend(channel.map(|&channel| (fact.n, (fact.t, channel))));
                None
            }
            What::Done { put } => asked.get(put).filter(|it| settings.is_detector(it.1)),
            What::Post(post) => {
                let frame = known(post.pv).filter(|it| it.role == Role::Frame);
                let cause = post.by.and_then(|by| asked.get(&by));
                cause.filter(|it| frame.is_some_and(|frame| frame.device == it.1.device))
            }
            _ => None,
        };
        // What sets the counter of images itself takes no time.
        let lasted = found.filter(|&&(start, _)| fact.t > start);
        triggers.extend(lasted.map(|(_, channel)| channel.plain_name()));
    }
    triggers
}

/// What a session asked for, and what was said beside it.
#[derive(Debug)]
pub(crate) struct Sequence<'a> {
    pub(crate) asked: Vec<Asked<'a>>,
    pub(crate) refused: Vec<Note>,
    /// What was asked for in vain.
    pub(crate) vain: Vec<Refusal<'a>>,
    /// What of that counts, and what violated a limit.
    pub(crate) violations: Vec<Violation<'a>>,
    pub(crate) markers: Vec<Note>,
    pub(crate) faults: Vec<Note>,
    pub(crate) idle_stops: usize,
}

impl<'a> Sequence<'a> {
    /// The sequence of a trace.
    pub(crate) fn of(trace: &'a Trace, settings: &Settings, channels: &mut Channels<'_>) -> Self {
        let puts = trace.has_puts();
        let refusals = refusals(&trace.facts);
        let effective = effective_stops(trace);
        let lasting = lasting(&trace.facts);
        let tells = trace
            .facts
            .iter()
            .any(|fact| matches!(fact.what, What::Done { .. }));
        let paces = Paces::of(trace);
        let made = images::of(trace);
        // What is known of each channel that counts.
        let mut of_channel: BTreeMap<u32, Option<(&Channel, Known)>> = BTreeMap::new();
        let mut sequence = Self {
            asked: Vec::new(),
            refused: Vec::new(),
            vain: Vec::new(),
            violations: Vec::new(),
            markers: Vec::new(),
            faults: Vec::new(),
            idle_stops: 0,
        };
        for fact in &trace.facts {
            let (pv, value) = match &fact.what {
                What::Put(put) => (put.pv, &put.value),
                What::Post(post) if !puts => (post.pv, &post.value),
                What::Post(post) => {
                    let reason = post.by.and_then(|by| refusals.get(&by));
                    // A refused put that counts comes with the violation that it told of.
                    if !reason.is_some_and(|reason| settings.counts_refused(reason)) {
                        sequence.violation(fact, trace.channel(post.pv), &post.value, settings);
                    }
                    continue;
                }
                What::Fault { text, device, .. } => {
                    let device = device.iter().map(|device| format!("{device}: "));
                    sequence.faults.push(Note {
                        t: fact.t,
                        text: device.chain([text.clone()]).collect(),
                    });
                    if settings.count_faults {
                        let pace = paces.at(fact.t);
                        sequence.note(fact, pace, &FAULT, text, settings, channels);
                    }
                    continue;
                }
                what => {
                    let Some((text, _)) = what.mark() else {
                        continue;
                    };
                    if settings.count_markers {
                        let pace = paces.at(fact.t);
                        sequence.note(fact, pace, &MARKER, &text, settings, channels);
                    }
                    sequence.markers.push(Note {
                        t: fact.t,
                        text: text.into_owned(),
                    });
                    continue;
                }
            };
            let known = of_channel.entry(pv).or_insert_with(|| {
                let channel = trace.channel(pv)?;
                let is_asked = if puts {
                    channel.device.as_deref() != Some(TWIN)
                } else {
                    channel.role == Role::Request && !settings.curves(channel)
                };
                let counts = is_asked && !settings.ignores(channel);
                counts.then(|| (channel, channels.known(channel, settings)))
            });
            let Some((channel, known)) = known.clone() else {
                continue;
            };
            let refused = refusals.get(&fact.n).copied();
            let idle = puts
                && refused.is_none()
                && channel.name.ends_with(".STOP")
                && !effective.contains(&fact.n);
            if idle && !settings.count_idle_stops {
                sequence.idle_stops += 1;
                continue;
            }
            let (answered, by, at) = match &fact.what {
                What::Put(put) => (put.complete, put.by, put.at.as_deref()),
                _ => (false, None, None),
            };
            let Known {
                number,
                tolerance,
                exposure,
                gate,
            } = known;
            let asked = Asked {
                n: fact.n,
                t: fact.t,
                by,
                at,
                channel,
                value: tolerance::numbered(value, channel),
                number,
                tolerance,
                exposure,
                gate,
                finished: tells.then(|| lasting.get(&fact.n).map_or(fact.t, |it| it.last)),
                done: lasting.get(&fact.n).and_then(|it| it.done),
                images: made
                    .as_ref()
                    .map(|it| it.get(&fact.n).copied().unwrap_or(0)),
                pace: paces.at(fact.t),
                moment: if answered { ANSWERED } else { MOMENT },
                weight: settings.weights.step,
            };
            let Some(reason) = refused else {
                sequence.asked.push(asked);
                continue;
            };
            let text = format!("{} = {value}: {reason}", channel.plain_name());
            sequence.refused.push(Note { t: fact.t, text });
            if settings.counts_refused(reason) {
                sequence.violations.push(Violation {
                    n: fact.n,
                    t: fact.t,
                    at,
                    channel,
                    value: asked.value.clone(),
                    reason: Some(reason),
                });
            }
            sequence.vain.push(Refusal { asked, reason });
        }
        weigh(&mut sequence.asked, settings);
        sequence
    }

    /// Takes a note for a step.
    fn note(
        &mut self,
        fact: &Fact,
        pace: f32,
        channel: &'static Channel,
        text: &str,
        settings: &Settings,
        channels: &mut Channels<'_>,
    ) {
        let Known {
            number, tolerance, ..
        } = channels.known(channel, settings);
        self.asked.push(Asked {
            n: fact.n,
            t: fact.t,
            by: match fact.what {
                What::Fault { by, .. } => by,
                ref what => what.mark().and_then(|(_, by)| by),
            },
            at: None,
            channel,
            value: Datum::from(text),
            number,
            tolerance,
            exposure: false,
            gate: false,
            finished: Some(fact.t),
            done: None,
            images: None,
            pace,
            moment: ANSWERED,
            weight: settings.weights.step,
        });
    }

    /// Takes a post for the violation of a limit, if it tells of one: something was asked for in vain.
    fn violation(
        &mut self,
        fact: &Fact,
        channel: Option<&'a Channel>,
        value: &Datum,
        settings: &Settings,
    ) {
        let violated = tolerance::number(value).is_some_and(|value| value != 0.0);
        let Some(channel) = channel.filter(|_| violated) else {
            return;
        };
        if settings.tells_of_violations(channel) && !settings.ignores(channel) {
            let text = format!("{} = {value}", channel.plain_name());
            self.refused.push(Note { t: fact.t, text });
            self.violations.push(Violation {
                n: fact.n,
                t: fact.t,
                at: None,
                channel,
                value: value.clone(),
                reason: None,
            });
        }
    }

    /// How many exposures were started: values other than zero on channels that start them.
    pub(crate) fn exposures(&self) -> usize {
        self.asked.iter().filter(|asked| asked.exposes()).count()
    }

    /// The time from the first to the last thing asked for.
    pub(crate) fn duration(&self) -> Time {
        match (self.asked.first(), self.asked.last()) {
            (Some(first), Some(last)) => last.t - first.t,
            _ => Time::ZERO,
        }
    }
}

/// How near two steps are that a client asked for at once, in seconds of its own time. Threads of one client
/// start within it, on a machine that is not too busy; who puts and then looks whether it is done needs longer.
const MOMENT: f32 = 2e-3;
/// The same, where the client asks to be told of completion: that answer comes sooner.
const ANSWERED: f32 = 5e-4;

/// When the last came of what a put caused, and when it was done.
#[derive(Debug, Clone, Copy)]
struct Lasted {
    last: Time,
    done: Option<Time>,
}

/// How long each put lasted, where it was done or anything came later than the put itself.
fn lasting(facts: &[Fact]) -> BTreeMap<u64, Lasted> {
    let puts = facts
        .iter()
        .filter(|fact| matches!(fact.what, What::Put(_)));
    let mut asked: Vec<(u64, Time)> = puts.map(|fact| (fact.n, fact.t)).collect();
    asked.sort_by_key(|put| put.0);
    let when = |n: u64| {
        let at = asked.binary_search_by_key(&n, |put| put.0).ok()?;
        Some(asked[at].1)
    };
    let mut lasted: BTreeMap<u64, Lasted> = BTreeMap::new();
    for fact in facts {
        let (cause, is_done) = match &fact.what {
            What::Done { put } => (Some(*put), true),
            What::Post(post) => (post.by, false),
            _ => (None, false),
        };
        let counts = |t: Time| is_done || fact.t > t;
        let Some(cause) = cause.filter(|&n| when(n).is_some_and(counts)) else {
            continue;
        };
        let it = lasted.entry(cause).or_insert(Lasted {
            last: fact.t,
            done: None,
        });
        it.last = it.last.max(fact.t);
        if is_done {
            it.done = Some(fact.t);
        }
    }
    lasted
}

/// Gives each step its weight: exposures, repeated set-points, and the last step that changes what a
/// channel is asked for have their own.
fn weigh(asked: &mut [Asked<'_>], settings: &Settings) {
    let weights = settings.weights;
    let mut changed: BTreeMap<usize, usize> = BTreeMap::new();
    for place in 0..asked.len() {
        let step = &asked[place];
        let before = changed.get(&step.number).map(|&at| &asked[at].value);
        let repeats = before.is_some_and(|value| step.tolerance.agree(value, &step.value));
        if step.exposure {
            asked[place].weight = weights.exposure;
        } else if repeats {
            asked[place].weight = weights.repeat;
        } else {
            changed.insert(step.number, place);
        }
    }
    for place in changed.into_values() {
        asked[place].weight = weights.last;
    }
}

/// The puts that were refused, with the reasons.
fn refusals(facts: &[Fact]) -> BTreeMap<u64, &str> {
    facts
        .iter()
        .filter_map(|fact| match &fact.what {
            What::Refused { put, reason } => Some((*put, reason.as_str())),
            _ => None,
        })
        .collect()
}

/// The stops that stopped something: they caused a post on another channel than their own, or came
/// while what an earlier put on the same record had started was unfinished.
fn effective_stops(trace: &Trace) -> BTreeSet<u64> {
    if !trace
        .dictionary
        .values()
        .any(|channel| channel.name.ends_with(".STOP"))
    {
        return BTreeSet::new();
    }
    let finished: BTreeSet<u64> = trace.facts.iter().filter_map(done).collect();
    let mut puts = BTreeMap::new();
    let mut busy: BTreeMap<&str, usize> = BTreeMap::new();
    let mut effective = BTreeSet::new();
    for fact in &trace.facts {
        match &fact.what {
            What::Put(put) => {
                let record = trace.channel(put.pv).map_or("", Channel::record);
                let unfinished = busy.entry(record).or_default();
                if *unfinished > 0 {
                    effective.insert(fact.n);
                }
                if finished.contains(&fact.n) {
                    *unfinished += 1;
                }
                puts.insert(fact.n, (put.pv, record));
            }
            What::Done { put } => {
                if let Some((_, record)) = puts.get(put) {
                    busy.entry(record)
                        .and_modify(|unfinished| *unfinished = unfinished.saturating_sub(1));
                }
            }
            What::Post(Post {
                by: Some(by), pv, ..
            }) if puts.get(by).is_some_and(|(own, _)| own != pv) => {
                effective.insert(*by);
            }
            _ => {}
        }
    }
    effective
}

fn done(fact: &Fact) -> Option<u64> {
    match fact.what {
        What::Done { put } => Some(put),
        _ => None,
    }
}
