//! The rules of a file, judged while a world goes its way.

use beamtwin_pv::{Severity, SimTime, Value};
use beamtwin_rules::{Broken, Judge, Rule, Severity as Badness};
use beamtwin_sim::{Note, Onlooker, World};

/// The rules of a file, judged while a world goes its way.
#[derive(Clone, Debug)]
struct Watchman(Judge);

/// Lets a world at time zero be judged by rules.
pub(crate) fn watch(world: &mut World, rules: Vec<Rule>) {
    if rules.is_empty() {
        return;
    }
    let mut judge = Judge::new(rules);
    let mut pvs = Vec::new();
    for signal in judge.signals().to_vec() {
        let target = world.find(&signal.pv).expect("the rules are of this world");
        judge.set(
            signal.at,
            SimTime::ZERO,
            number(&world.read(target.pv).value),
        );
        pvs.push(target.pv);
    }
    world.look_on(Box::new(Watchman(judge)), pvs);
}

/// A value as rules have it; what is no number is not known.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

impl Watchman {
    fn note(&self, broken: Broken) -> Option<Note> {
        let rule = self.0.rules().nth(broken.rule)?;
        Some(Note::Broken {
            rule: rule.name.clone(),
            text: rule.message.clone(),
            severity: match rule.severity {
                Badness::Minor => Severity::Minor,
                Badness::Major => Severity::Major,
            },
            since: broken.since,
        })
    }
}

impl Onlooker for Watchman {
    fn told(&mut self, place: usize, now: SimTime, value: &Value) {
        self.0.set(place, now, number(value));
    }

    fn leave(&mut self, now: SimTime) -> Vec<Note> {
        self.0.leave(now);
        let news = self.0.take();
        news.into_iter().filter_map(|it| self.note(it)).collect()
    }

    fn next(&self) -> Option<SimTime> {
        self.0.next()
    }

    fn fork(&self) -> Box<dyn Onlooker> {
        Box::new(self.clone())
    }
}
