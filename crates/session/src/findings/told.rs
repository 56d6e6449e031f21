//! Findings in words.

use beamtwin_report::preflight::{Ended, Finding, FindingKind, Run};
use beamtwin_trace::{End, Time, Trace};

use super::channels::kind;
use super::misses::misses;
use super::session::{Asked, Event, Session};

/// A finding that happened once, of no device.
fn once(kind: FindingKind, text: String, t: Option<Time>) -> Finding {
    Finding {
        kind,
        text,
        t,
        n: None,
        device: None,
        at: None,
        times: 1,
    }
}

/// How the command ended, if not well.
pub(super) fn ended(run: Option<&Run>) -> Option<Finding> {
    let run = run?;
    let (kind, text) = match &run.end {
        Ended::Exit(0) => return None,
        Ended::Exit(code) => (
            FindingKind::Failed,
            format!("the command ended with code {code}"),
        ),
        Ended::Signal(number) => (
            FindingKind::Failed,
            format!("the command was ended by signal {number}"),
        ),
        Ended::TimedOut(after) => (
            FindingKind::TimedOut,
            format!("the command did not end within {after} and was stopped"),
        ),
        Ended::Interrupted => (
            FindingKind::Interrupted,
            "the command was interrupted".into(),
        ),
    };
    let exception = run
        .exception
        .as_ref()
        .filter(|_| kind == FindingKind::Failed);
    let text = match exception {
        Some(exception) => format!("{text}: {}", exception.text),
        None => text,
    };
    Some(Finding {
        at: exception.and_then(|it| it.at.clone()),
        ..once(kind, text, Some(run.ended))
    })
}

/// Whom the command tried to reach beside the twin.
pub(super) fn attempts(run: &Run) -> impl Iterator<Item = Finding> {
    run.attempts.iter().map(|it| {
        let what = it.what.map(|what| format!(" ({what})")).unwrap_or_default();
        let text = match it.how {
            "name" => format!("it asked a name server for {}", it.to),
            how => format!("it tried to reach {}{what} by {how}", it.to),
        };
        Finding {
            times: it.times,
            at: it.at.clone(),
            ..once(FindingKind::Outside, text, Some(it.t))
        }
    })
}

/// Whether the trace is complete.
pub(super) fn recording(trace: &Trace) -> Option<Finding> {
    let text = match &trace.end {
        End::Complete(_) => return None,
        End::Stopped(_, reason) => {
            format!("the recording stopped before the session did: {reason}")
        }
        End::CutShort => "the trace breaks off".to_owned(),
    };
    Some(once(FindingKind::NotRecorded, text, None))
}

/// What happened in the session that speaks against it.
pub(super) fn session(session: &Session<'_>) -> Vec<Finding> {
    let mut findings = misses(session);
    for (event, happened) in &session.events {
        let (kind, device, text) = match event {
            Event::Refused(device, channel, asked, reason) => {
                let kind = if reason.contains("limit") {
                    FindingKind::BeyondLimits
                } else {
                    FindingKind::Refused
                };
                let text = format!("{channel} was asked for {asked}, which was refused: {reason}");
                (kind, device.as_str(), text)
            }
            Event::Clipped(device, channel, asked, got) => {
                let text = format!("{channel} was asked for {asked} and took {got}");
                (FindingKind::Clipped, device.as_str(), text)
            }
            Event::Alarm(device, record, severity, status) => {
                let text = format!("{record} went into a {severity} alarm ({status})");
                (FindingKind::Alarm, device.as_str(), text)
            }
            Event::Fault(device, text) => (FindingKind::Fault, device.as_str(), text.clone()),
            Event::Rule(rule, text) => (FindingKind::Rule, "", format!("{rule}: {text}")),
            Event::Miss(_) => continue,
            Event::Loss(text) => (FindingKind::NotRecorded, "", text.clone()),
        };
        findings.push(Finding {
            kind,
            text,
            t: Some(happened.t),
            n: Some(happened.n),
            device: Some(device.to_owned()).filter(|it| !it.is_empty()),
            at: happened.at.map(str::to_owned),
            times: happened.times,
        });
    }
    findings.extend(left(session));
    findings
}

/// In what state things were left.
fn left(session: &Session<'_>) -> Vec<Finding> {
    let last = |device: &str, since: Time, by, kind, text: String| Finding {
        device: Some(device.to_owned()),
        at: session.line(by).map(str::to_owned),
        ..once(kind, text, Some(since))
    };
    let mut left = Vec::new();
    for (device, shutter) in &session.shutters {
        if let Some(since) = shutter.spans.since.filter(|_| shutter.by.is_some()) {
            let text = format!("{device} was opened and not closed again");
            left.push(last(device, since, shutter.by, FindingKind::LeftOpen, text));
        }
    }
    for (name, axis) in session.motion.axes() {
        if let Some(since) = axis.moving.since.filter(|&since| since < session.to) {
            let name = if name == axis.device {
                name.to_owned()
            } else {
                format!("{} ({name})", axis.device)
            };
            let text = format!("{name} was still moving when the session ended");
            left.push(last(
                &axis.device,
                since,
                axis.by,
                FindingKind::LeftMoving,
                text,
            ));
        }
    }
    for (device, camera) in &session.cameras {
        if let Some(since) = camera.spans.since {
            let text = format!("{device} was still exposing when the session ended");
            left.push(last(
                device,
                since,
                camera.by,
                FindingKind::LeftExposing,
                text,
            ));
        }
    }
    let told: Vec<String> = left.iter().filter_map(|it| it.device.clone()).collect();
    for (n, asked) in &session.open {
        let device = asked.channel.device.as_deref().unwrap_or_default();
        if told.iter().any(|it| it == device) || kind(device).is_empty() {
            continue;
        }
        left.push(Finding {
            n: Some(*n),
            ..last(
                device,
                asked.t,
                Some(*n),
                FindingKind::NotFinished,
                unfinished(asked),
            )
        });
    }
    left
}

fn unfinished(asked: &Asked<'_>) -> String {
    format!(
        "{} was asked for {}, and that was not finished when the session ended",
        asked.channel.plain_name(),
        asked.words()
    )
}
