//! Clients that do to our motor what a capture says they did to the C record, in device time.
//!
//! They wait for what those waited for, so the gaps between an answer and the next request are those of the
//! capture. A circuit is not read while a put with completion waits behind another on the same channel, as
//! the C server does.

use std::collections::VecDeque;
use std::time::Duration;

use beamtwin_devices::Kind;
use beamtwin_devices::motor::{Motor, Settings};
use beamtwin_pv::{SimTime, Text, Value};
use beamtwin_sim::{Bench, ClientId, Event, PutId, Reason, What};
use serde_json::Value as Json;

use super::transcript::{Step, Transcript};

/// A motor under a capture's clients.
pub(crate) struct Replay {
    pub(crate) bench: Bench,
    pub(crate) start: SimTime,
    /// The puts of the capture and ours, in the order of the capture.
    pub(crate) puts: Vec<Sent>,
    /// What was read before the first step, and at each `get`.
    pub(crate) reads: Vec<Read>,
    blocked: Vec<(ClientId, VecDeque<usize>)>,
}

/// One put of the capture, and ours if it was sent.
pub(crate) struct Sent {
    pub(crate) step: Step,
    pub(crate) by: ClientId,
    pub(crate) put: Option<PutId>,
}

/// A value that was read, and the captured one.
pub(crate) struct Read {
    pub(crate) field: String,
    pub(crate) ours: Json,
    pub(crate) theirs: Json,
    pub(crate) moving: bool,
}

const PATIENCE: Duration = Duration::from_secs(120);

impl Replay {
    pub(crate) fn new(name: &str, transcript: &Transcript) -> Self {
        let switches = if name.starts_with("hw_") { 8 } else { 50 };
        let table = format!(
            "pv = \"m\"\nvelocity = 2.0\nlimits = [-40, 40]\nswitches = [-{switches}, {switches}]"
        );
        let settings: Settings = toml::from_str(&table).expect("settings");
        let mut bench = Bench::boxed(|surface| Motor::build(settings, surface));
        bench.put(".BVEL", 1.0);
        for (field, value) in &transcript.setup {
            bench.put(&format!(".{field}"), written(value));
            bench.advance("20 s");
        }
        bench.forget();
        let start = bench.world().now();
        Self {
            bench,
            start,
            puts: Vec::new(),
            reads: Vec::new(),
            blocked: Vec::new(),
        }
    }

    fn read(&mut self, field: &str, captured: &Json) {
        let name = format!(".{field}");
        let world = self.bench.world();
        let pv = world.find(&format!("m{name}")).expect("a field").pv;
        let ours = shown(&world.read(pv).value, &world.metadata(pv).labels);
        let moving = self.bench.number(".MOVN") != 0.0;
        self.reads.push(Read {
            field: field.to_owned(),
            ours,
            theirs: captured.clone(),
            moving,
        });
    }

    /// Does all steps, and lets motion end.
    pub(crate) fn run(&mut self, transcript: &Transcript) {
        let mut clock = self.start;
        let mut captured = 0.0;
        for (field, value) in &transcript.initial_values {
            self.read(field, value);
        }
        for (at, step) in transcript.steps.iter().enumerate() {
            clock = clock + gap(step.t - captured);
            self.advance(clock);
            // What had been answered before this step has been answered here too.
            for sent in 0..self.puts.len() {
                let before = &self.puts[sent].step;
                let answered = before
                    .completed_after_s
                    .is_some_and(|took| before.t + took < step.t);
                if answered && !before.timed_out() {
                    self.wait(|replay| replay.answered(sent));
                    clock = clock.max(self.bench.world().now());
                }
            }
            captured = step.end();
            match step.op.as_str() {
                "put" => {
                    self.send(step);
                }
                "put_callback" => {
                    let sent = self.send(step);
                    if step.timed_out() {
                        let next = transcript.steps.get(at + 1).map_or(step.t, |next| next.t);
                        clock = clock + gap(next - step.t);
                        captured = next;
                        self.advance(clock);
                    } else if step.waited {
                        self.wait(|replay| replay.answered(sent));
                        clock = self.bench.world().now();
                    }
                }
                "wait" if step.value.is_string() => {
                    self.wait(|replay| replay.bench.number(".DMOV") == 1.0);
                    clock = self.bench.world().now();
                }
                "get" => self.read(step.field(), &step.result),
                _ => {}
            }
        }
        // Some captures end on the way; the others may end a little earlier than ours.
        let last = transcript.events.iter().map(|event| event.t_recv);
        let rest = last.fold(captured, f64::max) - captured;
        let mut moves = transcript
            .events
            .iter()
            .filter(|event| event.field == "DMOV");
        let on_the_way = moves.next_back().is_some_and(|event| event.value == 0);
        let patience = Duration::from_millis(if on_the_way { 150 } else { 1000 });
        self.advance(clock + gap(rest) + patience);
    }

    /// Whether a put was answered: finished or refused.
    pub(crate) fn answered(&self, sent: usize) -> bool {
        self.puts[sent]
            .put
            .is_some_and(|put| self.end(put).is_some())
    }

    /// The event that ended a put, and its place.
    pub(crate) fn end(&self, put: PutId) -> Option<(usize, &Event)> {
        self.bench
            .events()
            .iter()
            .enumerate()
            .find(|(_, event)| match event.what {
                What::Done(done) => done == put,
                What::Refused(refused, ..) => refused == put,
                _ => false,
            })
    }

    pub(crate) fn refused(&self, put: PutId) -> Option<Reason> {
        self.bench.refused(put)
    }

    fn send(&mut self, step: &Step) -> usize {
        // A is the first, and the one that is not named.
        let letter = step.client.bytes().next().unwrap_or(b'A');
        let by = ClientId(u32::from(letter - b'A') + 1);
        let sent = self.puts.len();
        self.puts.push(Sent {
            step: step.clone(),
            by,
            put: None,
        });
        match self.blocked.iter_mut().find(|(client, _)| *client == by) {
            Some((_, queue)) => queue.push_back(sent),
            None => self.blocked.push((by, VecDeque::from([sent]))),
        }
        self.flush();
        sent
    }

    /// Sends what is not held up.
    fn flush(&mut self) {
        for at in 0..self.blocked.len() {
            while let Some(&next) = self.blocked[at].1.front() {
                if self.held_up(next) {
                    break;
                }
                self.blocked[at].1.pop_front();
                let sent = &self.puts[next];
                let name = sent.step.pv.clone();
                let (value, by) = (written(&sent.step.value), sent.by);
                let complete = sent.step.op == "put_callback";
                let put = self.bench.write(&name, value, by, complete);
                self.puts[next].put = Some(put);
            }
        }
    }

    /// Whether an earlier put with completion of the same client and channel is unanswered.
    fn held_up(&self, sent: usize) -> bool {
        let (by, pv) = (self.puts[sent].by, &self.puts[sent].step.pv);
        self.puts[sent].step.op == "put_callback"
            && self.puts[..sent].iter().enumerate().any(|(at, before)| {
                before.by == by
                    && before.step.pv == *pv
                    && before.step.op == "put_callback"
                    && !before.step.timed_out()
                    && !self.answered(at)
            })
    }

    fn advance(&mut self, until: SimTime) {
        while let Some(next) = self.bench.world().next_wake().filter(|&next| next <= until) {
            self.bench.advance_to(next);
            self.flush();
        }
        self.bench.advance_to(until);
    }

    fn wait(&mut self, mut over: impl FnMut(&Self) -> bool) {
        let deadline = self.bench.world().now() + PATIENCE;
        while !over(self) {
            let Some(next) = self
                .bench
                .world()
                .next_wake()
                .filter(|&next| next < deadline)
            else {
                return;
            };
            self.advance(next);
        }
    }
}

/// A value as a capture shows it.
pub(crate) fn shown(value: &Value, labels: &[Text]) -> Json {
    match value {
        Value::Enum(state) => labels
            .get(usize::from(*state))
            .filter(|_| *state < CHOICES)
            .map_or_else(|| Json::from(*state), |label| label.to_string().into()),
        Value::String(text) => text.to_string().into(),
        other => match other.as_f64() {
            Some(number) if number.is_nan() => "NaN".into(),
            Some(f64::INFINITY) => "Inf".into(),
            Some(f64::NEG_INFINITY) => "-Inf".into(),
            Some(number) => number.into(),
            None => Json::Null,
        },
    }
}

/// A client is told so many choices of a menu; higher states are numbers to it.
const CHOICES: u16 = 16;

fn gap(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds.max(0.0))
}

/// A captured value as a client writes it.
fn written(value: &Json) -> Value {
    match value {
        Json::String(text) => match text.as_str() {
            "NaN" => f64::NAN.into(),
            "Inf" => f64::INFINITY.into(),
            "-Inf" => f64::NEG_INFINITY.into(),
            text => text.into(),
        },
        other => other.as_f64().unwrap_or_default().into(),
    }
}
