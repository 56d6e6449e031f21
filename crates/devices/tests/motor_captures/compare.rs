//! What a replay has to have in common with its capture.

use beamtwin_pv::SimTime;
use beamtwin_sim::{Mask, Reason, What};
use serde_json::Value as Json;

use super::client::{Replay, shown};
use super::transcript::Transcript;

/// Fields that follow the position: how often they are posted depends on the controller's clock.
const POSITION: &[&str] = &["RBV", "DRBV", "RRBV", "RMP", "REP", "DIFF", "RDIF"];

/// Fields that are targets in motion, and where it stops when stopped.
const TARGET: &[&str] = &["VAL", "DVAL", "RVAL", "OFF", "HLM", "LLM"];

/// Steps a unit.
const STEPS: f64 = 1000.0;

/// How much may differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bands {
    /// How far stopping places may lie apart.
    pub(crate) slack: f64,
    /// How much the times that a leg takes may differ.
    pub(crate) phase: f64,
    /// Whether it comes back from beyond a switch: the number of looks at that, and the way it goes when
    /// `MSTA` is read, depend on the controller's clock.
    pub(crate) beyond: bool,
}

/// All that differs, in words.
pub(crate) fn differences(replay: &mut Replay, capture: &Transcript, bands: Bands) -> Vec<String> {
    let Bands {
        slack,
        phase,
        beyond,
    } = bands;
    let ours = posts(replay);
    let theirs: Vec<Post> = capture
        .events
        .iter()
        .map(|event| Post {
            t: event.t_recv,
            field: event.field.clone(),
            value: event.value.clone(),
            severity: event.severity.clone(),
        })
        .collect();
    let mut found = if beyond {
        sequences(&once(ours.clone()), &once(theirs.clone()), slack)
    } else {
        sequences(&ours, &theirs, slack)
    };
    found.extend(readbacks(&ours, &theirs, slack));
    found.extend(legs(&ours, &theirs, phase));
    found.extend(answers(replay));
    found.extend(reads(replay, slack, beyond));
    found
}

#[derive(Clone, Debug)]
struct Post {
    t: f64,
    field: String,
    value: Json,
    severity: String,
}

/// Our events as a capture would show them.
fn posts(replay: &mut Replay) -> Vec<Post> {
    let start = replay.start;
    let events = replay.bench.events().to_vec();
    let world = replay.bench.world();
    events
        .iter()
        .filter_map(|event| match &event.what {
            What::Post {
                pv,
                value,
                alarm,
                mask,
                ..
            } if *mask != Mask::empty() => Some(Post {
                t: seconds(event.t, start),
                field: world.field(*pv).name.to_owned(),
                value: shown(value, &world.metadata(*pv).labels),
                severity: alarm.severity.to_string(),
            }),
            _ => None,
        })
        .collect()
}

fn seconds(t: SimTime, start: SimTime) -> f64 {
    (t - start).as_secs_f64()
}

/// Posts without those of `MIP` that say again what the one before said.
fn once(mut posts: Vec<Post>) -> Vec<Post> {
    let mut last = Json::Null;
    posts.retain(|post| {
        let again = post.field == "MIP" && post.value.as_f64() == last.as_f64();
        if post.field == "MIP" {
            last = post.value.clone();
        }
        !again
    });
    posts
}

fn fields(posts: &[Post], more: &[Post]) -> Vec<String> {
    let mut names: Vec<String> = posts
        .iter()
        .chain(more)
        .map(|post| post.field.clone())
        .filter(|field| *field != "PROC")
        .collect();
    names.sort();
    names.dedup();
    names
}

fn of<'a>(posts: &'a [Post], field: &'a str) -> impl Iterator<Item = &'a Post> {
    posts.iter().filter(move |post| post.field == field)
}

/// Every field but the position: the same values with the same severities, one after the other.
fn sequences(ours: &[Post], theirs: &[Post], slack: f64) -> Vec<String> {
    let mut found = Vec::new();
    for field in fields(ours, theirs) {
        if POSITION.contains(&field.as_str()) {
            continue;
        }
        let slack = match field.as_str() {
            "RVAL" => slack * STEPS,
            name if TARGET.contains(&name) => slack,
            _ => 0.0,
        };
        let a: Vec<&Post> = of(ours, &field).collect();
        let b: Vec<&Post> = of(theirs, &field).collect();
        let same = a.len() == b.len()
            && a.iter()
                .zip(&b)
                .all(|(a, b)| alike(&a.value, &b.value, slack) && a.severity == b.severity);
        if !same {
            let list = |posts: &[&Post]| {
                let values: Vec<String> = posts
                    .iter()
                    .map(|post| match post.severity.as_str() {
                        "NO_ALARM" => post.value.to_string(),
                        severity => format!("{} {severity}", post.value),
                    })
                    .collect();
                values.join(" ")
            };
            found.push(format!("{field}: [{}] captured [{}]", list(&a), list(&b)));
        }
    }
    found
}

fn alike(a: &Json, b: &Json, slack: f64) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= slack.max(1e-9 * a.abs().max(b.abs())).max(1e-12),
        _ => a == b,
    }
}

/// The readback: as many posts as polls, within two a leg, and the same end.
fn readbacks(ours: &[Post], theirs: &[Post], slack: f64) -> Vec<String> {
    let mut found = Vec::new();
    let legs = of(theirs, "MOVN").count() / 2;
    let (a, b) = (of(ours, "RBV").count(), of(theirs, "RBV").count());
    if a.abs_diff(b) > 2 * legs {
        found.push(format!("RBV: {a} posts, captured {b}, in {legs} legs"));
    }
    let last = |posts: &[Post]| of(posts, "RBV").last().and_then(|post| post.value.as_f64());
    if let (Some(a), Some(b)) = (last(ours), last(theirs))
        && (a - b).abs() > slack.max(1.0 / STEPS) + 1e-9
    {
        found.push(format!("RBV: ends at {a}, captured {b}"));
    }
    found
}

/// Each stretch of motion takes as long as captured, up to the phase of the controller's clock.
fn legs(ours: &[Post], theirs: &[Post], phase: f64) -> Vec<String> {
    let legs = |posts: &[Post]| {
        let mut began = None;
        let mut legs = Vec::new();
        for post in of(posts, "MOVN") {
            let moving = post.value.as_f64() == Some(1.0);
            match (began, moving) {
                (None, true) => began = Some(post.t),
                (Some(start), false) => {
                    legs.push(post.t - start);
                    began = None;
                }
                _ => {}
            }
        }
        legs
    };
    legs(ours)
        .iter()
        .zip(legs(theirs))
        .enumerate()
        .filter(|(_, (a, b))| (*a - b).abs() > phase)
        .map(|(at, (a, b))| format!("leg {at}: {a:.4} s, captured {b:.4} s"))
        .collect()
}

/// Each put is answered as captured, and they are answered in the captured order.
fn answers(replay: &Replay) -> Vec<String> {
    let mut found = Vec::new();
    let mut order = Vec::new();
    for (at, sent) in replay.puts.iter().enumerate() {
        let what = format!(
            "step {at}, {} {} {}",
            sent.step.op,
            sent.step.field(),
            sent.step.value
        );
        let Some(put) = sent.put else {
            found.push(format!("{what}: never sent"));
            continue;
        };
        let finished = replay.end(put);
        let answer = match replay.refused(put) {
            None if finished.is_none() && sent.step.op == "put_callback" => "timeout",
            None | Some(Reason::Silent) => "ECA_NORMAL",
            Some(Reason::NoWriteAccess) => "ECA_NOWTACCESS",
            Some(_) => "ECA_PUTFAIL",
        };
        let captured = match sent.step.result.as_str() {
            Some("ok") | None => "ECA_NORMAL",
            Some(result) => result,
        };
        // A put that its client gave up on may finish later.
        if answer != captured && captured != "timeout" {
            found.push(format!("{what}: {answer}, captured {captured}"));
        }
        if let (Some(took), Some((place, _)), false) =
            (sent.step.completed_after_s, finished, sent.step.timed_out())
        {
            order.push((sent.step.t + took, place, at));
        }
    }
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    for pair in order.windows(2) {
        if pair[0].1 > pair[1].1 && pair[1].0 - pair[0].0 > 1e-3 {
            found.push(format!(
                "put {} is answered after put {}",
                pair[0].2, pair[1].2
            ));
        }
    }
    found
}

/// What was read agrees, positions within what posts may differ by.
fn reads(replay: &Replay, slack: f64, beyond: bool) -> Vec<String> {
    let mut found = Vec::new();
    for read in &replay.reads {
        let field = read.field.as_str();
        if ELSEWHERE.contains(&field) || (beyond && field == "TDIR") {
            continue;
        }
        let place = POSITION.contains(&field) || TARGET.contains(&field) || LAST.contains(&field);
        let mut band = if place { slack } else { 0.0 };
        if place && read.moving {
            band = band.max(UNDER_WAY);
        }
        if matches!(field, "RVAL" | "LRVL" | "RRBV" | "RDIF" | "RMP" | "REP") {
            band *= STEPS;
        }
        if beyond && field == "MSTA" {
            // The lowest bit is the direction.
            band = 1.0;
        }
        if !alike(&read.ours, &read.theirs, band) {
            found.push(format!(
                "{field} reads {}, captured {}",
                read.ours, read.theirs
            ));
        }
    }
    found
}

/// Targets of before, and positions that passed a dead-band.
const LAST: &[&str] = &["LVAL", "LDVL", "LRVL", "MLST", "ALST"];

/// How far two positions under way may lie apart: a poll at full speed.
const UNDER_WAY: f64 = 0.25;

/// Fields that say where a record stands in its IOC.
const ELSEWHERE: &[&str] = &["NAME", "DESC", "OUT", "DTYP", "AMSG", "ACKS"];
