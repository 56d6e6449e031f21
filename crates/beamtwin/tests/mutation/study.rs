//! What a method names of a mistake, beside what was done.

use std::collections::BTreeMap;
use std::thread;

use beamtwin_align::envtrace::{Config, evaluate};
use beamtwin_align::{Entry, RowOp, Settings, compare};
use beamtwin_trace::Time;
use beamtwin_trace::envtrace::{Selection, export};

use crate::chance::Chance;
use crate::mutant::{CLASSES, Mutant, Named, Op, harmless, mutant};
use crate::recorded::{Session, run};
use crate::script::{CHANNELS, Step, scripts};

/// What a method says of a pair of sessions.
struct Answer {
    alike: bool,
    named: Vec<Named>,
}

/// How often a method was right, of one class of mistakes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) pairs: usize,
    /// Pairs of which the whole mistake was named: operation, channel, and step.
    pub(crate) found: usize,
    /// Operations named, and how many of them were part of the mistake.
    pub(crate) named: usize,
    pub(crate) right: usize,
}

impl Tally {
    pub(crate) fn recall(&self) -> f64 {
        self.found as f64 / self.pairs as f64
    }

    /// The part of what was named that was true; 1 if nothing was named.
    pub(crate) fn precision(&self) -> f64 {
        if self.named == 0 {
            1.0
        } else {
            self.right as f64 / self.named as f64
        }
    }
}

/// What a study found, of our method and of EnvTrace's.
pub(crate) struct Study {
    pub(crate) classes: Vec<(&'static str, [Tally; 2])>,
    /// How many unchanged pairs there were, and how many each method called different.
    pub(crate) unchanged: usize,
    pub(crate) called_different: [usize; 2],
    /// What went wrong with ours, in words.
    pub(crate) failures: Vec<String>,
}

impl Study {
    /// The figures as the book has them.
    pub(crate) fn table(&self) -> String {
        let row = |name: &str, [ours, theirs]: &[Tally; 2]| {
            let figures = [
                ours.recall(),
                ours.precision(),
                theirs.recall(),
                theirs.precision(),
            ];
            let figures: Vec<String> = figures.iter().map(|it| format!("{it:.3}")).collect();
            format!("| {name} | {} | {} |\n", ours.pairs, figures.join(" | "))
        };
        let mut all = [Tally::default(); 2];
        let mut table = String::new();
        for (class, tallies) in &self.classes {
            table += &row(class, tallies);
            for (sum, tally) in all.iter_mut().zip(tallies) {
                sum.pairs += tally.pairs;
                sum.found += tally.found;
                sum.named += tally.named;
                sum.right += tally.right;
            }
        }
        let [ours, theirs] = self.called_different;
        table
            + &row("all", &all)
            + &format!(
                "\nOf {} unchanged pairs {ours} are called different, by EnvTrace {theirs}.\n",
                self.unchanged
            )
    }
}

/// How often each script is recorded as it is, for others to be compared with.
const REFERENCES: usize = 4;

/// Studies so many changed pairs of each class, and so many unchanged ones.
pub(crate) fn study(each: usize, unchanged: usize) -> Study {
    let scripts = scripts();
    let mut chance = Chance::new(99);
    let references: Vec<Vec<Session>> = scripts
        .iter()
        .map(|script| (0..REFERENCES).map(|_| run(script, &mut chance)).collect())
        .collect();
    let done = |script: usize, chance: &mut Chance| &references[script][chance.below(REFERENCES)];
    let mut found = Study {
        classes: Vec::new(),
        unchanged,
        called_different: [0; 2],
        failures: Vec::new(),
    };
    thread::scope(|scope| {
        let (scripts, done) = (&scripts, &done);
        let classes: Vec<_> = (1..)
            .zip(CLASSES)
            .map(|(seed, class)| {
                let chance = Chance::new(seed);
                scope.spawn(move || changed(class, each, scripts, done, chance))
            })
            .collect();
        let (different, failures) = repeated(unchanged, scripts, done, Chance::new(0));
        found.called_different = different;
        found.failures = failures;
        for (class, thread) in CLASSES.iter().zip(classes) {
            let (tallies, failures) = thread.join().unwrap();
            found.classes.push((class, tallies));
            found.failures.extend(failures);
        }
    });
    found
}

/// Sessions with a mistake of a class.
fn changed<'a>(
    class: &'static str,
    pairs: usize,
    scripts: &[Vec<Step>],
    done: &impl Fn(usize, &mut Chance) -> &'a Session,
    mut chance: Chance,
) -> ([Tally; 2], Vec<String>) {
    let mut tallies = [Tally::default(); 2];
    let mut failures = Vec::new();
    for round in 0.. {
        if tallies[0].pairs == pairs {
            break;
        }
        let number = round % scripts.len();
        let script = &scripts[number];
        let Some(mutant) = mutant(class, script, &mut chance) else {
            continue;
        };
        let session = run(&mutant.script, &mut chance);
        let pair = [done(number, &mut chance), &session];
        for (method, answer) in [ours(&pair), theirs(&pair)].into_iter().enumerate() {
            let tally = &mut tallies[method];
            let (right, wrong) = judge(&answer.named, script, &mutant);
            let is_found = (!answer.alike || class == "late") && right == mutant.truth.len();
            tally.pairs += 1;
            tally.found += usize::from(is_found);
            tally.named += right + wrong;
            tally.right += right;
            if method == 0 && (!is_found || wrong > 0) {
                failures.push(format!(
                    "{class}, script {number}: {:?} but named {:?}",
                    mutant.truth, answer.named
                ));
            }
        }
    }
    (tallies, failures)
}

/// Sessions without a mistake: how many of them each method calls different. Every other one is of the same
/// script, the rest of one with a change that changes nothing.
fn repeated<'a>(
    pairs: usize,
    scripts: &[Vec<Step>],
    done: &impl Fn(usize, &mut Chance) -> &'a Session,
    mut chance: Chance,
) -> ([usize; 2], Vec<String>) {
    let mut different = [0; 2];
    let mut failures = Vec::new();
    for round in 0..pairs {
        let number = round % scripts.len();
        let script = match round / scripts.len() % 2 {
            0 => scripts[number].clone(),
            _ => harmless(&scripts[number], &mut chance),
        };
        let session = run(&script, &mut chance);
        let pair = [done(number, &mut chance), &session];
        let answers = [ours(&pair), theirs(&pair)];
        if !answers[0].alike {
            failures.push(format!(
                "unchanged, script {number}: {:?}",
                answers[0].named
            ));
        }
        for (count, answer) in different.iter_mut().zip(answers) {
            *count += usize::from(!answer.alike);
        }
    }
    (different, failures)
}

/// How much of the mistake was named, and how much else.
///
/// A mistake may be told in more ways than one: of three equal steps in a row nobody knows which was
/// dropped. What names the same operations on the same channels, and no more, tells the mistake too,
/// since every alignment leads from the one session to the other.
fn judge(named: &[Named], script: &[Step], mutant: &Mutant) -> (usize, usize) {
    let is_true = |it: &Named| match mutant.swapped {
        Some(at) if it.op == Op::Moved => {
            let either = [script[at].channel, script[at + 1].channel];
            either.contains(&it.channel) && (at..=at + 1).contains(&it.step)
        }
        // What is asked for together is late together.
        _ if it.op == Op::Late => mutant.truth.iter().any(|truth| {
            let (first, last) = (it.step.min(truth.step), it.step.max(truth.step));
            truth.op == Op::Late && script[first + 1..=last].iter().all(|step| step.at_once)
        }),
        _ => mutant.truth.contains(it),
    };
    let right = named
        .iter()
        .filter(|it| is_true(it))
        .count()
        .min(mutant.truth.len());
    let kinds = |named: &[Named]| {
        let mut kinds: Vec<_> = named.iter().map(|it| (it.op, it.channel)).collect();
        kinds.sort_unstable();
        kinds
    };
    if right < mutant.truth.len() && kinds(named) == kinds(&mutant.truth) && steps_only(named) {
        return (named.len(), 0);
    }
    (right, named.len() - right)
}

fn steps_only(named: &[Named]) -> bool {
    named
        .iter()
        .all(|it| matches!(it.op, Op::Missing | Op::Extra))
}

fn ours(pair: &[&Session; 2]) -> Answer {
    let [reference, session] = pair;
    let comparison = compare(&reference.trace, &session.trace, &Settings::default());
    let (left, right) = (&reference.steps, &session.steps);
    let at = |steps: &BTreeMap<u64, usize>, entry: &Option<Entry>| {
        entry.as_ref().map(|entry| steps[&entry.n])
    };
    let mut named = Vec::new();
    for row in &comparison.rows {
        let op = match row.op {
            RowOp::Matched => continue,
            RowOp::Extra if row.moved.is_some() => continue,
            RowOp::Missing if row.moved.is_some() => Op::Moved,
            RowOp::Missing => Op::Missing,
            RowOp::Extra => Op::Extra,
            RowOp::Differs => Op::Differs,
        };
        let step = at(left, &row.reference).or(at(right, &row.session));
        named.extend(step.map(|step| Named {
            op,
            channel: channel(&row.channel),
            step,
        }));
    }
    // What was refused and stands beside nothing is told apart from the rows.
    let shown = |t: Time| {
        let entries = comparison.rows.iter().flat_map(|row| &row.session);
        entries.into_iter().any(|it| it.t == t)
    };
    for note in &comparison.session.refused {
        // A violated limit comes with a put that was not refused.
        let name = note.text.split(" = ").next().unwrap();
        let Some(channel) = CHANNELS.iter().position(|it| *it == name) else {
            continue;
        };
        let put = session
            .trace
            .facts
            .iter()
            .find(|fact| fact.t == note.t && right.contains_key(&fact.n));
        named.extend(put.filter(|_| !shown(note.t)).map(|put| Named {
            op: Op::Extra,
            channel,
            step: right[&put.n],
        }));
    }
    // A step more or less takes more or less time: that is no mistake of its own. Nor is what comes sooner
    // after a late step, since it had to wait less.
    let unchanged = named.is_empty();
    for interval in comparison
        .time
        .intervals
        .iter()
        .filter(|it| unchanged && it.longer() > Time::ZERO)
    {
        let row = &comparison.rows[interval.row];
        named.extend(at(left, &row.reference).map(|step| Named {
            op: Op::Late,
            channel: channel(&row.channel),
            step,
        }));
    }
    Answer {
        alike: comparison.alike,
        named,
    }
}

fn theirs(pair: &[&Session; 2]) -> Answer {
    let [gt, pred] = pair;
    let events = |session: &Session| export(&session.trace, &Selection::Requests).unwrap();
    // Where it raises, it says nothing.
    let Ok(evaluation) = evaluate(&events(gt), &events(pred), &Config::default()) else {
        return Answer {
            alike: true,
            named: Vec::new(),
        };
    };
    let (mut i, mut j) = (0, 0);
    let mut named = Vec::new();
    for row in &evaluation.rows {
        let left = row.gt.as_ref().map(|event| (event, gt.events[i]));
        let right = row.pred.as_ref().map(|event| (event, pred.events[j]));
        i += usize::from(left.is_some());
        j += usize::from(right.is_some());
        if row.matches == Some(true) {
            continue;
        }
        let mut say = |op: Op, event: &beamtwin_trace::envtrace::Event, step: Option<usize>| {
            // What the beamline did of itself follows from what it was asked for.
            named.extend(step.map(|step| Named {
                op,
                channel: channel(&event.channel),
                step,
            }));
        };
        match (left, right) {
            (Some((one, step)), Some((other, _))) if one.channel == other.channel => {
                say(Op::Differs, one, step);
            }
            _ => {
                if let Some((event, step)) = left {
                    say(Op::Missing, event, step);
                }
                if let Some((event, step)) = right {
                    say(Op::Extra, event, step);
                }
            }
        }
    }
    Answer {
        alike: evaluation.accuracy,
        named: moved(named),
    }
}

/// What is missing next to where the same channel is extra has moved.
fn moved(mut named: Vec<Named>) -> Vec<Named> {
    let missing: Vec<Named> = named
        .iter()
        .copied()
        .filter(|it| it.op == Op::Missing)
        .collect();
    for it in missing {
        let extra = named.iter().position(|other| {
            other.op == Op::Extra
                && other.channel == it.channel
                && other.step.abs_diff(it.step) == 1
        });
        if let Some(extra) = extra {
            named.remove(extra);
            let at = named.iter().position(|other| *other == it).unwrap();
            named[at].op = Op::Moved;
        }
    }
    named
}

fn channel(name: &str) -> usize {
    let at = CHANNELS.iter().position(|other| *other == name);
    at.unwrap_or_else(|| panic!("{name} is none of the scripts'"))
}
