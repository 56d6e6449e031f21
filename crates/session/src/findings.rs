//! What a session did, and what speaks against doing it for real: a pure function of its trace.

mod channels;
mod misses;
mod motion;
mod session;
mod spans;
mod told;

use std::collections::BTreeMap;

use beamtwin_report::preflight::{
    Doing, Finding, FindingKind, Lane, Preflight, Run, Times, Verdict,
};
use beamtwin_sim::World;
use beamtwin_trace::{Time, Trace};

use session::Session;

/// The beamline of a session as it stood at device time zero.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    /// A fresh world.
    pub world: &'a World,
    /// The value of its command that opens each shutter.
    pub open: &'a BTreeMap<String, f64>,
}

impl Stage<'_> {
    /// The number that a channel showed at first.
    fn initial(&self, name: &str) -> Option<f64> {
        let target = self.world.find(name)?;
        self.world.read(target.pv).value.as_f64()
    }

    /// The devices but for the twin itself, in the order of the file.
    fn devices(&self) -> impl Iterator<Item = &str> {
        let devices = self.world.devices().iter().map(String::as_str);
        devices.filter(|&device| channels::kind(device) != channels::TWIN)
    }
}

/// What a session did. Of a command that was run, what happened after its end does not count. Rules that were broken
/// are findings; what became of the others is for somebody else to tell.
#[must_use]
pub fn findings(trace: &Trace, stage: Stage<'_>, run: Option<Run>) -> Preflight {
    let mut session = Session::new(trace, stage, bounds(trace, run.as_ref()));
    for fact in &trace.facts {
        if fact.t > session.to {
            break;
        }
        session.fact(fact);
    }
    session.end();
    let mut findings: Vec<Finding> = told::ended(run.as_ref()).into_iter().collect();
    findings.extend(told::session(&session));
    if let Some(run) = &run {
        findings.extend(told::attempts(run));
    }
    findings.extend(told::recording(trace));
    // In the order of time; how the command ended comes first.
    findings.sort_by_key(|it| (!is_end(it.kind), it.t.unwrap_or(session.to), it.n));
    Preflight {
        verdict: verdict(&findings),
        beamline: trace.header.beamline.clone(),
        time: times(&session),
        travels: session.motion.travels(),
        cameras: session.cameras(),
        shutters: session.shutters(),
        rules: Vec::new(),
        unused: session.unused(),
        minor: session.minor(),
        lanes: lanes(&session, &findings),
        findings,
        run,
    }
}

/// What a session comes to that has these findings.
#[must_use]
pub fn verdict(findings: &[Finding]) -> Verdict {
    if findings.iter().any(|it| it.kind == FindingKind::Failed) {
        Verdict::Failed
    } else if findings.is_empty() {
        Verdict::Clear
    } else {
        Verdict::Findings
    }
}

/// How the command itself ended.
const fn is_end(kind: FindingKind) -> bool {
    matches!(
        kind,
        FindingKind::Failed | FindingKind::TimedOut | FindingKind::Interrupted
    )
}

/// From when to when the session was: that of the command, or else that of the clients.
fn bounds(trace: &Trace, run: Option<&Run>) -> (Time, Time) {
    if let Some(run) = run {
        return (run.began, run.ended);
    }
    let clients = || trace.clients.values();
    let first = clients().map(|client| client.open).min();
    let closed = clients().map(|client| client.close);
    let last = closed.collect::<Option<Vec<_>>>();
    let last = last.and_then(|closed| closed.into_iter().max());
    (
        first.unwrap_or(Time::ZERO),
        last.unwrap_or_else(|| trace.last()),
    )
}

/// What device time went by with.
fn times(session: &Session<'_>) -> Times {
    let busy = |wanted: Doing| {
        let spans = session.spans.iter();
        let wanted = spans.filter(move |((_, doing), _)| *doing == wanted);
        wanted.flat_map(|(_, spans)| spans.iter().copied())
    };
    let exposing = spans::union(busy(Doing::Exposing));
    let moving = spans::union(busy(Doing::Moving));
    let waiting = busy(Doing::Busy).chain(session.waits.iter().copied());
    let waiting = spans::union(waiting);
    let moves = spans::union(exposing.iter().chain(&moving).copied());
    let all = spans::union(moves.iter().chain(&waiting).copied());
    let [exposing, moves, all] = [exposing, moves, all].map(|it| spans::length(&it));
    Times {
        from: session.from,
        to: session.to,
        exposing,
        moving: moves - exposing,
        waiting: all - moves,
        idle: session.to - session.from - all,
    }
}

/// When each device did something, those first that the light meets first.
fn lanes(session: &Session<'_>, findings: &[Finding]) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    for device in session.stage.devices() {
        let spans = session.spans.iter();
        let mut own = spans.filter(|((of, _), spans)| of == device && !spans.is_empty());
        let doing = own.next();
        let puts = session.puts.get(device);
        let mine = findings
            .iter()
            .filter(|it| it.device.as_deref() == Some(device));
        let told: Vec<Time> = mine.filter_map(|it| it.t).collect();
        if doing.is_none() && puts.is_none() && told.is_empty() {
            continue;
        }
        lanes.push(Lane {
            device: device.to_owned(),
            doing: doing.map_or(Doing::Busy, |((_, doing), _)| *doing),
            spans: doing.map(|(_, spans)| spans.clone()).unwrap_or_default(),
            puts: puts.cloned().unwrap_or_default(),
            findings: told,
        });
    }
    lanes
}
