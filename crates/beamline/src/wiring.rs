//! From names of devices to devices.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::nearest::{listed, nearest};
use crate::plan::Plan;
use crate::problem::{Problem, Problems};

/// What a name in a file leads to.
pub(crate) enum Found<'a> {
    /// One device.
    Device(&'a str),
    /// All devices of a table with `each`.
    Group(&'a [String]),
}

/// The names of all devices and groups, sound or not.
pub(crate) struct Names<'a> {
    known: BTreeMap<&'a str, Found<'a>>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(plan: &'a Plan<'_>) -> Self {
        let devices = plan.devices.iter().map(|device| {
            let name = device.name.as_str();
            (name, Found::Device(name))
        });
        let groups = plan
            .groups
            .iter()
            .map(|(name, members)| (name.as_str(), Found::Group(members)));
        Self {
            known: devices.chain(groups).collect(),
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Found<'a>> {
        self.known.get(name)
    }

    /// What to say about a name that leads nowhere.
    pub(crate) fn unresolved(&self, name: &str) -> Option<String> {
        let names = || self.known.keys().copied();
        if let Some(near) = nearest(name, names()) {
            return Some(format!("did you mean `{near}`?"));
        }
        // Somebody may have left out the kind, or the table.
        let ends = |known: &&str| {
            known
                .strip_suffix(name)
                .is_some_and(|rest| rest.ends_with('.'))
        };
        if let Some(longer) = names().find(ends) {
            return Some(format!("did you mean `{longer}`?"));
        }
        (!name.contains('.')).then(|| "a device is named by kind and name: `motor.x`".to_owned())
    }

    /// The devices of the beam path, in order; groups are all their members.
    pub(crate) fn path(&self, plan: &Plan<'_>, problems: &mut Problems) -> Vec<String> {
        let entries = plan.light.iter().flat_map(|light| &light.path);
        let mut path: Vec<String> = Vec::new();
        let mut places: Vec<Range<usize>> = Vec::new();
        for (entry, span) in entries.zip(&plan.path) {
            let members = match self.find(entry) {
                Some(Found::Device(name)) => std::slice::from_ref(name)
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect(),
                Some(Found::Group(members)) => members.to_vec(),
                None => {
                    let message = format!("beam: no device `{entry}` for the beam to meet");
                    let problem = Problem::new(span.clone(), message);
                    problems.push(Problem {
                        hint: self.unresolved(entry),
                        ..problem
                    });
                    continue;
                }
            };
            for member in members {
                match path.iter().position(|known| *known == member) {
                    Some(at) => {
                        let message = format!("beam: the beam meets `{member}` twice");
                        let twin = places[at].clone();
                        problems.push(Problem::new(span.clone(), message).also(twin, "first here"));
                    }
                    None => {
                        path.push(member);
                        places.push(span.clone());
                    }
                }
            }
        }
        path
    }

    /// Reports a setting that names another device to watch, if that cannot be.
    pub(crate) fn watch(
        &self,
        owner: &str,
        key: &str,
        target: &str,
        span: Range<usize>,
        problems: &mut Problems,
    ) -> bool {
        match self.find(target) {
            Some(Found::Device(_)) => true,
            Some(Found::Group(members)) => {
                let message = format!("{owner}: {key}: `{target}` is several devices");
                let hint = format!("name one of them: {}", listed(members, "or"));
                problems.push(Problem::new(span, message).hint(hint));
                false
            }
            None => {
                let message = format!("{owner}: {key}: no device `{target}`");
                let problem = Problem::new(span, message);
                problems.push(Problem {
                    hint: self.unresolved(target),
                    ..problem
                });
                false
            }
        }
    }
}
