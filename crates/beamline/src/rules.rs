//! From the rules of a file to rules over the process variables of a world.

use beamtwin_pv::ValueKind;
use beamtwin_pv::nearest::nearest;
use beamtwin_rules::{Known, Names, Rule, Test, Unknown};
use beamtwin_sim::{Meaning, PvId, Says, World};

use crate::nearest::listed;
use crate::plan::Ruled;
use crate::problem::{Problem, Problems};

/// Reads the expressions of all rules.
pub(crate) fn bind(rules: &[Ruled], world: &World) -> Result<Vec<Rule>, Problems> {
    let mut problems = Problems::default();
    let mut bound = Vec::new();
    for ruled in rules {
        match ruled.terms.rule(&ruled.name, &Lookup(world)) {
            Ok(rule) => bound.push(rule),
            Err(mistakes) => {
                for mistake in mistakes {
                    let place = ruled.place(mistake.key, &mistake.at);
                    let key = mistake.key.map(|key| format!("{}: ", key.word()));
                    let key = key.unwrap_or_default();
                    let message = format!("rules.{}: {key}{}", ruled.name, mistake.message);
                    let problem = Problem::new(place, message);
                    problems.push(Problem {
                        hint: mistake.hint,
                        ..problem
                    });
                }
            }
        }
    }
    if problems.0.is_empty() {
        Ok(bound)
    } else {
        Err(problems)
    }
}

/// The names of a world.
struct Lookup<'a>(&'a World);

impl Lookup<'_> {
    fn known(&self, name: &str, pv: PvId) -> Result<Known, Unknown> {
        let about = self.0.describe(pv);
        if about.kind == ValueKind::String || self.0.field(pv).array {
            let message = format!("`{name}` is no number, and rules are about numbers");
            return Err(Unknown::new(message));
        }
        let is_whole = !matches!(about.kind, ValueKind::Double | ValueKind::Float);
        let has_units = self.0.field(pv).name == "VAL" || !is_whole;
        let units = about.metadata.units.lossy().into_owned();
        Ok(Known {
            pv: about.name,
            curve: about.meaning == Meaning::Curve && !is_whole,
            units: (has_units && !units.is_empty()).then_some(units),
            labels: about
                .metadata
                .labels
                .iter()
                .map(ToString::to_string)
                .collect(),
            test: None,
        })
    }

    /// What to say of a name that begins with no device.
    fn stray(&self, name: &str) -> Unknown {
        let unknown = Unknown::new(format!("no device has a `{name}`"));
        let devices = self.0.devices();
        let inside = |device: &&String| {
            let mut rest = device.as_str();
            while let Some((table, _)) = rest.rsplit_once('.') {
                if name
                    .strip_prefix(table)
                    .is_some_and(|word| word.starts_with('.'))
                    && table.contains('.')
                {
                    return true;
                }
                rest = table;
            }
            false
        };
        let members: Vec<&str> = devices.iter().filter(inside).map(String::as_str).collect();
        if let [one, ..] = members[..] {
            let word = name.rsplit_once('.').map_or("position", |(_, word)| word);
            let hint = format!("name one of several devices: `{one}.{word}`");
            // The name of one of them may be what is wrong.
            let all = self.all(members.iter().copied());
            return unknown.hint(match nearest(name, all.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => hint,
            });
        }
        let all = self.all(devices.iter().map(String::as_str));
        match nearest(name, all.iter().map(String::as_str)) {
            Some(near) => unknown.hint(format!("did you mean `{near}`?")),
            None if name.matches('.').count() < 2 => {
                unknown.hint("a name is that of a device and a word: `motor.x.position`")
            }
            None => unknown,
        }
    }

    /// All words of devices, with their names.
    fn all<'d>(&self, devices: impl Iterator<Item = &'d str>) -> Vec<String> {
        let all = devices.flat_map(|device| {
            let words = self.0.words(device).unwrap_or_default();
            words
                .into_iter()
                .map(move |(word, ..)| format!("{device}.{word}"))
        });
        all.collect()
    }
}

impl Names for Lookup<'_> {
    fn word(&self, name: &str) -> Result<Known, Unknown> {
        if let Some(words) = self.0.words(name) {
            let unknown = Unknown::new(format!("`{name}` is a device"));
            return Err(match words.first() {
                Some((word, ..)) => unknown.hint(format!("say what of it: `{name}.{word}`")),
                None => unknown.hint("name a PV of it, in backticks"),
            });
        }
        let split = name.rsplit_once('.');
        let Some((device, word)) = split else {
            return Err(self.stray(name));
        };
        let Some(words) = self.0.words(device) else {
            return Err(self.stray(name));
        };
        if let Some(&(_, pv, says)) = words.iter().find(|(known, ..)| *known == word) {
            let known = self.known(name, pv)?;
            return Ok(match says {
                Says::Number => known,
                Says::When(value) => known.when(Test::Is(value)),
                Says::Unless(value) => known.when(Test::IsNot(value)),
            });
        }
        if let Some(pv) = self.0.main_field(device, word) {
            return self.known(name, pv);
        }
        let names: Vec<&str> = words.iter().map(|(word, ..)| *word).collect();
        let unknown = Unknown::new(format!("`{device}` has no `{word}`"));
        Err(match nearest(word, names.iter().copied()) {
            Some(near) => unknown.hint(format!("did you mean `{near}`?")),
            None if names.is_empty() => unknown.hint("name a PV of it, in backticks"),
            None => unknown.hint(format!("it has {}", listed(&names, "and"))),
        })
    }

    fn pv(&self, name: &str) -> Result<Known, Unknown> {
        if let Some(target) = self.0.find(name) {
            return self.known(name, target.pv);
        }
        let names = self.0.records();
        let names = names.map(|record| self.0.directory().name(record));
        let unknown = Unknown::new(format!("no PV is called `{name}`"));
        Err(match nearest(name, names) {
            Some(near) => unknown.hint(format!("did you mean `{near}`?")),
            None => unknown,
        })
    }
}
