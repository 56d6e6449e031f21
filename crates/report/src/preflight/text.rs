//! A preflight for a person.

use beamtwin_trace::Time;

use super::{Attempt, Ended, Finding, Network, Preflight, Run, Travel, Verdict, picture};
use super::{bytes, duration, position};
use crate::screen::{Lines, Screen, Style};
use crate::words::{count, seconds};

/// Findings of one sort beyond this many are counted, not shown.
const SHOWN: usize = 20;
/// Devices that nobody wrote to, beyond this many, are counted.
const NAMED: usize = 8;

/// The report for a screen, in its width.
pub fn text_on(preflight: &Preflight, screen: Screen) -> String {
    let mut out = Lines::new(screen);
    verdict(&mut out, preflight);
    findings(&mut out, &preflight.findings);
    section(&mut out, "What moved", &preflight.travels, travel);
    section(&mut out, "Exposures", &preflight.cameras, |it| {
        [it.device.clone(), camera(it)]
    });
    section(&mut out, "Shutters", &preflight.shutters, |it| {
        [it.device.clone(), shutter(it)]
    });
    if !preflight.rules.is_empty() {
        out.line("");
        out.line(out.styled(Style::Strong, "Rules"));
    }
    for line in preflight.rules.iter().flat_map(|rule| rule.lines()) {
        out.wrapped(&format!("  {line}"), 12);
    }
    picture::write(&mut out, preflight);
    for note in notes(preflight) {
        out.line("");
        out.wrapped(&note, 2);
    }
    out.finish()
}

/// The verdict in a word.
pub(super) const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Clear => "CLEAR",
        Verdict::Findings => "FINDINGS",
        Verdict::Failed => "FAILED",
    }
}

fn verdict(out: &mut Lines, preflight: &Preflight) {
    let style = match preflight.verdict {
        Verdict::Clear => Style::Good,
        Verdict::Findings | Verdict::Failed => Style::Unlike,
    };
    out.line("");
    let found = format!("   {}", lead(preflight));
    out.headed(style, word(preflight.verdict), &found, 11);
    out.line("");
    for [name, words] in summary(preflight) {
        out.wrapped(&format!("{name:<10} {words}"), 11);
    }
}

/// What stands beside the verdict.
pub(super) fn lead(preflight: &Preflight) -> String {
    let found = match preflight.findings.len() {
        0 => "nothing speaks against it".to_owned(),
        many => count(many, "finding"),
    };
    if preflight.beamline.is_empty() {
        return found;
    }
    format!("{found}   ({})", preflight.beamline)
}

/// What there is to say in a line each: its name and the line.
pub(super) fn summary(preflight: &Preflight) -> Vec<[String; 2]> {
    let mut lines = Vec::new();
    let mut say = |name: &str, words: String| lines.push([name.to_owned(), words]);
    let time = preflight.time;
    let whole = time.to - time.from;
    if let Some(run) = &preflight.run {
        let words = format!("{}: {}", command(&run.command), ended(&run.end));
        say("command", words);
        say("took", took(run, whole));
    } else {
        say("took", format!("{} of device time", duration(whole)));
    }
    let share = |part: Time| match whole.seconds() {
        0.0 => 0.0,
        all => 100.0 * part.seconds() / all,
    };
    let parts = [
        ("exposing", time.exposing),
        ("moving", time.moving),
        ("waiting", time.waiting),
        ("idle", time.idle),
    ];
    let known = |part: &&(&str, Time)| part.1 > Time::ZERO || part.0 == "idle";
    let part =
        |&(name, part): &(_, Time)| format!("{name} {} ({:.0} %)", duration(part), share(part));
    let parts: Vec<String> = parts.iter().filter(known).map(part).collect();
    say("time", parts.join(", "));
    if let Some(run) = &preflight.run {
        say("network", network(&run.network, &run.attempts));
    }
    lines
}

/// A command in a line: a script that stands in a word is told by its first line.
fn command(words: &[String]) -> String {
    let word = |word: &String| {
        let mut lines = word.lines().filter(|line| !line.trim().is_empty());
        let first = lines.next().unwrap_or_default();
        let more = if lines.next().is_some() { " …" } else { "" };
        if first.is_empty() || word.contains(char::is_whitespace) {
            format!("'{first}{more}'")
        } else {
            first.to_owned()
        }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn took(run: &Run, whole: Time) -> String {
    let pace = match run.pace.as_str() {
        "real" => "at real pace".to_owned(),
        pace if pace.starts_with("jump") => {
            let others = match run.network {
                Network::Own => "",
                Network::Shared(_) => {
                    ", nor does what threads beside its main one wait for from other servers"
                }
            };
            let pace = pace.replacen("jump", "jump time", 1);
            format!("in {pace}: what the script computes takes no time{others}")
        }
        pace => format!("at {pace}: while the script computes, device time runs as fast"),
    };
    let (device, wall) = (duration(whole), clock(run.wall));
    format!("{device} of device time, {wall} by the clock, {pace}")
}

fn clock(seconds: f64) -> String {
    Time::from_seconds(seconds).map_or_else(|| format!("{seconds} s"), duration)
}

/// How a command ended, in words.
fn ended(end: &Ended) -> String {
    match end {
        Ended::Exit(code) => format!("ended with code {code}"),
        Ended::Signal(number) => format!("ended by signal {number}"),
        Ended::TimedOut(after) => format!("stopped after {after}"),
        Ended::Interrupted => "interrupted".to_owned(),
    }
}

fn network(network: &Network, attempts: &[Attempt]) -> String {
    match network {
        Network::Own if attempts.is_empty() => {
            "of its own; it did not try to reach anything but the twin".to_owned()
        }
        Network::Own => "of its own; what it tried to reach was out of reach".to_owned(),
        Network::Shared(why) => format!(
            "that of this machine, since {why}: it could reach more than the twin, and that was not watched"
        ),
    }
}

fn findings(out: &mut Lines, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    out.line("");
    out.line(out.styled(Style::Strong, "What speaks against it"));
    let times = findings.iter().filter_map(|it| it.t).map(seconds);
    let wide = times.map(|it| it.len()).max().unwrap_or_default();
    for (at, finding) in findings.iter().enumerate() {
        let alike = findings[..at].iter().filter(|it| it.kind == finding.kind);
        match alike.count() {
            SHOWN => {
                let all = findings.iter().filter(|it| it.kind == finding.kind).count();
                let word = finding.kind.word();
                out.line(format_args!("  {word:<13}  … and {} more", all - SHOWN));
            }
            0..SHOWN => {
                let t = finding.t.map(seconds).unwrap_or_default();
                let line = format!(
                    "  {:<13}  {t:>wide$}  {}",
                    finding.kind.word(),
                    told(finding)
                );
                out.wrapped(&line, 19 + wide);
            }
            _ => {}
        }
    }
}

/// A finding in words, with the line that it came from, and how often it happened.
pub(super) fn told(finding: &Finding) -> String {
    let at = finding.at.as_ref().map(|at| format!("{at}: "));
    let times = match finding.times {
        1 => String::new(),
        times => format!(" ({times} times)"),
    };
    format!("{}{}{times}", at.unwrap_or_default(), finding.text)
}

fn section<T>(out: &mut Lines, title: &str, rows: &[T], words: impl Fn(&T) -> [String; 2]) {
    if rows.is_empty() {
        return;
    }
    out.line("");
    out.line(out.styled(Style::Strong, title));
    let rows: Vec<[String; 2]> = rows.iter().map(words).collect();
    let wide = rows.iter().map(|[name, _]| name.chars().count()).max();
    let wide = wide.unwrap_or_default().min(out.width / 3);
    for [name, words] in rows {
        out.wrapped(&format!("  {name:<wide$}  {words}"), wide + 4);
    }
}

/// What moved: its name, and where it went.
pub(super) fn travel(it: &Travel) -> [String; 2] {
    let from = it.from.map_or("?".to_owned(), position);
    let to = position(it.to);
    let mut words = format!("{from} → {to} {}", it.units);
    let ends = it.from.unwrap_or(it.to);
    if it.low < ends.min(it.to) || it.high > ends.max(it.to) {
        let (low, high) = (position(it.low), position(it.high));
        words += &format!(", between {low} and {high}");
    }
    if let Some(moves) = it.moves {
        let distance = position(it.distance);
        words += &format!(", {}, {distance} {} in all", count(moves, "move"), it.units);
    }
    [format!("{} ({})", it.device, it.channel), words]
}

/// What a camera did, in words.
pub(super) fn camera(it: &super::Camera) -> String {
    let size = it
        .bytes
        .map(|size| format!(", {} uncompressed", bytes(size)));
    format!(
        "{} in {}, {}{}",
        count(usize::try_from(it.frames).unwrap_or(usize::MAX), "frame"),
        count(it.acquisitions, "acquisition"),
        duration(it.exposing),
        size.unwrap_or_default()
    )
}

/// What a shutter did, in words.
pub(super) fn shutter(it: &super::Shutter) -> String {
    let without = match it.unexposed {
        Some(Time::ZERO) => ", all of it with an exposure".to_owned(),
        Some(unexposed) => format!(", {} of it without an exposure", duration(unexposed)),
        None => String::new(),
    };
    let times = count(it.openings, "time");
    let left = if it.left_open {
        "; open at the end"
    } else {
        ""
    };
    format!(
        "opened {times}, open for {}{without}{left}",
        duration(it.open)
    )
}

/// What is worth knowing and speaks against nothing.
pub(super) fn notes(preflight: &Preflight) -> Vec<String> {
    let mut notes = Vec::new();
    let unused = &preflight.unused;
    if !unused.is_empty() {
        let named: Vec<&str> = unused.iter().take(NAMED).map(String::as_str).collect();
        let more = match unused.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let devices = count(unused.len(), "device");
        notes.push(format!(
            "Not written to: {devices}: {}{more}",
            named.join(", ")
        ));
    }
    if !preflight.minor.is_empty() {
        let records = count(preflight.minor.len(), "record");
        notes.push(format!("In a minor alarm at some time: {records}"));
    }
    notes
}
