//! What a trace holds.

use std::collections::BTreeMap;
use std::fmt::Write;

use beamtwin_trace::{Client, End, Header, Role, Time, Trace, What};
use serde::Serialize;

use crate::words::{self, count, cut, seconds};

/// What a trace holds, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Info {
    /// The first line of the trace.
    pub header: Header,
    /// The name of the beamline file the trace carries.
    pub source: Option<String>,
    /// How the recording ended.
    pub end: End,
    /// The last moment the trace speaks of.
    pub duration: Time,
    /// How many channels there are, by role.
    pub channels: BTreeMap<&'static str, usize>,
    /// How many facts there are, by kind.
    pub facts: BTreeMap<&'static str, usize>,
    /// How many records the footer counts, where that is not the number of facts.
    pub miscounted: Option<u64>,
    /// What was asked of each device, and what it answered.
    pub devices: BTreeMap<String, Traffic>,
    /// Who was connected, by number.
    pub clients: BTreeMap<u32, Visitor>,
    /// The names asked for that nobody serves, with how often.
    pub missing: BTreeMap<String, usize>,
    /// Kinds of line nobody here knows, with how many were skipped.
    pub skipped: BTreeMap<String, u64>,
}

/// How many puts and posts there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Traffic {
    /// What clients asked for.
    pub puts: usize,
    /// What the beamline answered.
    pub posts: usize,
}

/// One who was connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Visitor {
    /// Who it was.
    pub client: Client,
    /// How many things it asked for.
    pub puts: usize,
}

/// Counts what a trace holds.
pub fn of(trace: &Trace) -> Info {
    let mut info = Info {
        header: trace.header.clone(),
        source: trace.source.as_ref().map(|source| source.name.clone()),
        end: trace.end.clone(),
        duration: trace.last(),
        channels: BTreeMap::new(),
        facts: BTreeMap::new(),
        miscounted: trace
            .counted
            .filter(|&n| usize::try_from(n) != Ok(trace.facts.len())),
        devices: BTreeMap::new(),
        clients: BTreeMap::new(),
        missing: BTreeMap::new(),
        skipped: trace.skipped.clone(),
    };
    for channel in trace.dictionary.values() {
        *info.channels.entry(Role::word(channel.role)).or_default() += 1;
    }
    for (&number, client) in &trace.clients {
        info.clients.insert(
            number,
            Visitor {
                client: client.clone(),
                puts: 0,
            },
        );
    }
    let device = |pv: u32| {
        let device = trace.channel(pv).and_then(|channel| channel.device.clone());
        device.unwrap_or_else(|| "(no device)".to_owned())
    };
    for fact in &trace.facts {
        *info.facts.entry(kind(&fact.what)).or_default() += 1;
        match &fact.what {
            What::Put(put) => {
                info.devices.entry(device(put.pv)).or_default().puts += 1;
                if let Some(visitor) = put.by.and_then(|by| info.clients.get_mut(&by)) {
                    visitor.puts += 1;
                }
            }
            What::Post(post) => info.devices.entry(device(post.pv)).or_default().posts += 1,
            What::Miss { name, .. } => *info.missing.entry(name.clone()).or_default() += 1,
            _ => {}
        }
    }
    info
}

fn kind(what: &What) -> &'static str {
    match what {
        What::Put(_) => "put",
        What::Refused { .. } => "refused",
        What::Post(_) => "post",
        What::Done { .. } => "done",
        What::Cancel { .. } => "cancel",
        What::Marker { .. } => "marker",
        What::Fault { .. } => "fault",
        What::Broken { .. } => "broken",
        What::Pace { .. } => "pace",
        What::Snapshot { .. } => "snapshot",
        What::Restore { .. } => "restore",
        What::Miss { .. } => "miss",
        What::Loss { .. } => "loss",
    }
}

/// What a trace holds as a JSON object.
pub fn json(trace: &Trace) -> String {
    words::json(&of(trace))
}

/// What a trace holds, for a person.
pub fn text(trace: &Trace) -> String {
    let info = of(trace);
    let mut out = String::new();
    let title = if info.header.beamline.is_empty() {
        "A trace"
    } else {
        &info.header.beamline
    };
    let version = info.header.version;
    line(
        &mut out,
        format_args!(
            "{title}, recorded by {} in format {}.{}\n",
            info.header.program, version.major, version.minor
        ),
    );
    line(
        &mut out,
        format_args!(
            "epoch      {}, seed {}",
            info.header.epoch, info.header.seed
        ),
    );
    match (&info.source, &info.header.file) {
        (Some(name), Some(hash)) => line(&mut out, format_args!("file       {name}, {hash}")),
        (Some(name), None) => line(&mut out, format_args!("file       {name}")),
        (None, Some(hash)) => line(&mut out, format_args!("file       not carried, {hash}")),
        (None, None) => {}
    }
    line(
        &mut out,
        format_args!("end        {}", words::end(&info.end)),
    );
    line(
        &mut out,
        format_args!("duration   {}", seconds(info.duration)),
    );
    line(
        &mut out,
        format_args!("channels   {}", listed(&info.channels)),
    );
    line(&mut out, format_args!("facts      {}", listed(&info.facts)));
    if let Some(counted) = info.miscounted {
        let found = trace.facts.len();
        line(
            &mut out,
            format_args!("note       the footer counts {counted} records, there are {found}"),
        );
    }
    for (kind, number) in &info.skipped {
        line(
            &mut out,
            format_args!("note       skipped {number} of the unknown kind \"{kind}\""),
        );
    }
    if !info.devices.is_empty() {
        line(
            &mut out,
            format_args!("\n  {:<40}{:>8}{:>10}", "device", "puts", "posts"),
        );
        for (name, traffic) in &info.devices {
            let (puts, posts) = (traffic.puts, traffic.posts);
            line(
                &mut out,
                format_args!("  {:<40}{puts:>8}{posts:>10}", cut(name, 40)),
            );
        }
    }
    if !info.clients.is_empty() {
        line(
            &mut out,
            format_args!(
                "\n  {:<40}{:>8}{:>14}{:>14}",
                "client", "puts", "from", "to"
            ),
        );
        for (number, visitor) in &info.clients {
            line(&mut out, format_args!("  {}", client(*number, visitor)));
        }
    }
    if !info.missing.is_empty() {
        line(&mut out, format_args!("\n  asked for, not served"));
        for (name, &times) in &info.missing {
            line(
                &mut out,
                format_args!("  {:<60} {}", name, count(times, "time")),
            );
        }
    }
    out
}

/// Numbers by name, their sum first.
fn listed(numbers: &BTreeMap<&'static str, usize>) -> String {
    let sum: usize = numbers.values().sum();
    let parts: Vec<_> = numbers
        .iter()
        .map(|(name, number)| format!("{number} {name}"))
        .collect();
    if parts.is_empty() {
        "0".to_owned()
    } else {
        format!("{sum}: {}", parts.join(", "))
    }
}

fn client(number: u32, visitor: &Visitor) -> String {
    let client = &visitor.client;
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    let mut who = format!("{number}: {}@{}", or(&client.user), or(&client.host));
    if let Some(addr) = &client.addr {
        write!(who, " {addr}").expect("a string takes any text");
    }
    let to = client.close.map_or("end".to_owned(), seconds);
    let from = seconds(client.open);
    format!("{:<40}{:>8}{from:>14}{to:>14}", cut(&who, 40), visitor.puts)
}

fn line(out: &mut String, text: impl std::fmt::Display) {
    writeln!(out, "{text}").expect("a string takes any text");
}
