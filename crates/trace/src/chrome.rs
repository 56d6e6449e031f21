//! A trace in the Trace Event Format, which Perfetto and `chrome://tracing` open.
//!
//! The format is that of the document "Trace Event Format" of the Chromium project, in its JSON object
//! form. Clients and devices are processes. What a client asked for lies in its process, on a thread per
//! device, as a duration if the trace says when it was done; what the beamline answered lies in the
//! process of the device, curves and readbacks of floating point as counters, and all else as instants on a
//! thread per channel.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use crate::{Channel, Client, Datum, Fact, Post, Put, Role, Time, Trace, What};

/// The trace as JSON, of all channels or of those named; `m.VAL` and `m` are one name.
pub fn to_json(trace: &Trace, names: &BTreeSet<String>) -> String {
    let names = names
        .iter()
        .map(|name| name.strip_suffix(".VAL").unwrap_or(name))
        .collect();
    let mut events = Events {
        trace,
        names,
        asked: asked(trace),
        done: done(trace),
        processes: BTreeMap::new(),
        threads: BTreeMap::new(),
        busy: BTreeMap::new(),
        out: Vec::new(),
    };
    for fact in &trace.facts {
        events.fact(fact);
    }
    let header = &trace.header;
    let all = json!({
        "displayTimeUnit": "ms",
        "otherData": {
            "beamline": header.beamline,
            "epoch": header.epoch,
            "recorded by": header.program,
        },
        "traceEvents": events.finish(),
    });
    all.to_string() + "\n"
}

/// The puts by their numbers.
fn asked(trace: &Trace) -> BTreeMap<u64, &Put> {
    let mut puts = BTreeMap::new();
    for fact in &trace.facts {
        if let What::Put(put) = &fact.what {
            puts.insert(fact.n, put);
        }
    }
    puts
}

/// When each put was done.
fn done(trace: &Trace) -> BTreeMap<u64, Time> {
    let done = |fact: &Fact| match fact.what {
        What::Done { put } => Some((put, fact.t)),
        _ => None,
    };
    trace.facts.iter().filter_map(done).collect()
}

/// What a process stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Process {
    /// A client by its number; none for what the beamline asked itself.
    Client(Option<u32>),
    /// A device, or a channel without one.
    Device(String),
}

#[derive(Debug)]
struct Events<'a> {
    trace: &'a Trace,
    names: BTreeSet<&'a str>,
    asked: BTreeMap<u64, &'a Put>,
    done: BTreeMap<u64, Time>,
    /// The numbers of processes, and of threads by process and name.
    processes: BTreeMap<Process, usize>,
    threads: BTreeMap<(usize, String), usize>,
    /// Until when a thread has a duration.
    busy: BTreeMap<usize, Time>,
    out: Vec<Json>,
}

impl<'a> Events<'a> {
    fn fact(&mut self, fact: &Fact) {
        let client = Process::Client;
        match &fact.what {
            What::Put(put) => self.put(fact, put),
            What::Post(post) => self.post(fact, post),
            What::Refused { put, reason } => {
                let asked = self.asked.get(put);
                let asked = asked.and_then(|it| Some((it.by, self.channel(it.pv)?)));
                if let Some((by, channel)) = asked {
                    let name = format!("refused: {reason}");
                    let args = json!({"put": put});
                    self.instant(fact.t, client(by), &device(channel), &name, args);
                }
            }
            What::Cancel { .. } | What::Done { .. } => {}
            What::Marker { .. } | What::Snapshot { .. } | What::Restore { .. } => {
                if let Some((text, by)) = fact.what.mark() {
                    self.instant(fact.t, client(by), "markers", &text, json!({}));
                }
            }
            What::Fault { text, device, by } => {
                let place = device.clone().map_or(client(*by), Process::Device);
                self.instant(fact.t, place, "faults", text, json!({}));
            }
            What::Broken { rule, text, .. } => {
                let name = format!("{rule}: {text}");
                self.instant(fact.t, client(None), "rules", &name, json!({}));
            }
            What::Pace { text } => {
                self.instant(fact.t, client(None), "pace", text, json!({}));
            }
            What::Miss { name, by, .. } => {
                let name = format!("asked for {name}, which nobody serves");
                self.instant(fact.t, client(*by), "searches", &name, json!({}));
            }
            What::Loss { text } => {
                self.instant(fact.t, client(None), "losses", text, json!({}));
            }
        }
    }

    /// The channel of a number, if it is among those wanted.
    fn channel(&self, pv: u32) -> Option<&'a Channel> {
        let channel = self.trace.channel(pv)?;
        (self.names.is_empty() || self.names.contains(channel.plain_name())).then_some(channel)
    }

    fn put(&mut self, fact: &Fact, put: &Put) {
        let Some(channel) = self.channel(put.pv) else {
            return;
        };
        let name = format!("{} = {}", channel.plain_name(), worded(&put.value, channel));
        let args = json!({
            "channel": channel.name,
            "value": put.value,
            "put": fact.n,
            "completion": put.complete,
        });
        let process = Process::Client(put.by);
        let Some(&done) = self.done.get(&fact.n) else {
            return self.instant(fact.t, process, &device(channel), &name, args);
        };
        let pid = self.process(process);
        let tid = self.idle_thread(pid, &device(channel), fact.t);
        self.busy.insert(tid, done);
        self.push(json!({
            "name": name,
            "cat": "put",
            "ph": "X",
            "ts": micros(fact.t),
            "dur": micros(done - fact.t),
            "pid": pid,
            "tid": tid,
            "args": args,
        }));
    }

    fn post(&mut self, fact: &Fact, post: &Post) {
        let Some(channel) = self.channel(post.pv) else {
            return;
        };
        let process = Process::Device(device(channel));
        let name = channel.plain_name();
        match (&post.value, is_counter(channel)) {
            (Datum::Number(number), true) => {
                if !number.is_finite() {
                    return;
                }
                let pid = self.process(process);
                let unit = channel.units.as_deref().unwrap_or("value");
                self.push(json!({
                    "name": name,
                    "cat": "curve",
                    "ph": "C",
                    "ts": micros(fact.t),
                    "pid": pid,
                    "tid": 0,
                    "args": {unit: number},
                }));
            }
            (value, _) => {
                let title = format!("{name} = {}", worded(value, channel));
                let mut args = Map::new();
                args.insert("value".to_owned(), json!(value));
                if let Some(severity) = &post.severity {
                    args.insert("severity".to_owned(), json!(severity));
                }
                if let Some(by) = post.by {
                    args.insert("put".to_owned(), json!(by));
                }
                self.instant(fact.t, process, name, &title, Json::Object(args));
            }
        }
    }

    /// An event without duration.
    fn instant(&mut self, t: Time, process: Process, thread: &str, name: &str, args: Json) {
        let pid = self.process(process);
        let tid = self.thread(pid, thread);
        self.push(json!({
            "name": name,
            "cat": "event",
            "ph": "i",
            "ts": micros(t),
            "pid": pid,
            "tid": tid,
            "s": "t",
            "args": args,
        }));
    }

    fn push(&mut self, event: Json) {
        self.out.push(event);
    }

    /// Processes are numbered from one, in the order they are first met.
    fn process(&mut self, process: Process) -> usize {
        let next = self.processes.len() + 1;
        *self.processes.entry(process).or_insert(next)
    }

    fn thread(&mut self, pid: usize, name: &str) -> usize {
        let next = self.threads.len() + 1;
        *self.threads.entry((pid, name.to_owned())).or_insert(next)
    }

    /// A thread for a duration: durations of one thread must not overlap, so that a device of which
    /// two things are asked at once gets a second one.
    fn idle_thread(&mut self, pid: usize, name: &str, t: Time) -> usize {
        let mut number = 1;
        loop {
            let name = match number {
                1 => name.to_owned(),
                _ => format!("{name} ({number})"),
            };
            let tid = self.thread(pid, &name);
            if self.busy.get(&tid).is_none_or(|&busy| busy <= t) {
                return tid;
            }
            number += 1;
        }
    }

    /// All events, the names of processes and threads first; clients are to lie above devices.
    fn finish(self) -> Vec<Json> {
        let mut all = Vec::new();
        let mut meta = |kind: &str, pid: usize, tid: usize, args: Json| {
            all.push(json!({"name": kind, "ph": "M", "pid": pid, "tid": tid, "args": args}));
        };
        for (order, (process, &pid)) in self.processes.iter().enumerate() {
            let name = match process {
                Process::Client(None) => "the beamline itself".to_owned(),
                Process::Client(Some(by)) => called(*by, self.trace.clients.get(by)),
                Process::Device(name) => name.clone(),
            };
            meta("process_name", pid, 0, json!({"name": name}));
            meta("process_sort_index", pid, 0, json!({"sort_index": order}));
        }
        for ((pid, name), &tid) in &self.threads {
            meta("thread_name", *pid, tid, json!({"name": name}));
        }
        all.extend(self.out);
        all
    }
}

/// Whether a channel is shown as a number over time.
fn is_counter(channel: &Channel) -> bool {
    let is_float = matches!(channel.kind.as_deref(), Some("double" | "float"));
    channel.role == Role::Curve || channel.role == Role::Readback && is_float
}

/// What a client is called.
fn called(number: u32, client: Option<&Client>) -> String {
    let parts = client.map(|it| [it.user.as_deref(), it.host.as_deref()]);
    let parts: Vec<&str> = parts.into_iter().flatten().flatten().collect();
    format!("client {number} {}", parts.join("@"))
        .trim_end()
        .to_owned()
}

fn device(channel: &Channel) -> String {
    let device = channel.device.as_deref();
    device.unwrap_or(channel.plain_name()).to_owned()
}

/// A value with its label or its units.
fn worded(value: &Datum, channel: &Channel) -> String {
    let label = match value {
        Datum::Number(place) if *place >= 0.0 && place.fract() == 0.0 => {
            channel.labels.get(*place as usize)
        }
        _ => None,
    };
    match (label, &channel.units, value) {
        (Some(label), ..) => format!("{value} ({label})"),
        (None, Some(units), Datum::Number(_)) => format!("{value} {units}"),
        _ => value.to_string(),
    }
}

/// Microseconds, which is what the format counts in; nanoseconds are decimals of them.
fn micros(t: Time) -> Json {
    if t.nanos() % 1000 == 0 {
        json!(t.nanos() / 1000)
    } else {
        json!(t.nanos() as f64 / 1000.0)
    }
}
