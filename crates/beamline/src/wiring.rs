//! From names of devices to devices.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::nearest::{listed, nearest};
use crate::plan::Plan;
use crate::problem::{Problem, Problems};
use crate::registry::TWIN;

/// What a name in a file leads to.
pub(crate) enum Found<'a> {
    /// One device, by its number.
    Device(usize),
    /// All devices of a table with `each`.
    Group(&'a [String]),
}

/// The names of all devices and groups, sound or not.
pub(crate) struct Names<'a> {
    known: BTreeMap<&'a str, Found<'a>>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(plan: &'a Plan<'_>) -> Self {
        let devices = (0..).zip(&plan.devices);
        let devices = devices
            .filter(|(_, device)| device.name != TWIN)
            .map(|(at, device)| (device.name.as_str(), Found::Device(at)));
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

    /// The number of the device of this name.
    pub(crate) fn device(&self, name: &str) -> Option<usize> {
        match self.find(name) {
            Some(&Found::Device(at)) => Some(at),
            _ => None,
        }
    }

    /// The number of the device and its axis that a name may lead to: `slits.s1` and `x_gap`.
    pub(crate) fn axis<'n>(&self, name: &'n str) -> Option<(usize, &'n str)> {
        if self.find(name).is_some() {
            return None;
        }
        let (device, axis) = name.rsplit_once('.')?;
        Some((self.device(device)?, axis))
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
        let mut path: Vec<String> = Vec::new();
        let mut places: Vec<Range<usize>> = Vec::new();
        for (entry, span) in &plan.path {
            let members = match self.find(entry) {
                Some(&Found::Device(at)) => vec![plan.devices[at].name.clone()],
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

    /// The number of the device that a setting names to be watched, or a report that there is none.
    pub(crate) fn watched(
        &self,
        owner: &str,
        key: &str,
        target: &str,
        span: Range<usize>,
        problems: &mut Problems,
    ) -> Option<usize> {
        match self.find(target) {
            Some(&Found::Device(at)) => Some(at),
            Some(Found::Group(members)) => {
                let message = format!("{owner}: {key}: `{target}` is several devices");
                let hint = format!("name one of them: {}", listed(members, "or"));
                problems.push(Problem::new(span, message).hint(hint));
                None
            }
            None => {
                let message = format!("{owner}: {key}: no device `{target}`");
                let problem = Problem::new(span, message);
                problems.push(Problem {
                    hint: self.unresolved(target),
                    ..problem
                });
                None
            }
        }
    }
}

/// The circles among devices, each once: of every member, its number and the setting that leads on.
pub(crate) fn circles<'a>(follows: &[Vec<(usize, &'a str)>]) -> Vec<Vec<(usize, &'a str)>> {
    let mut circles: Vec<Vec<(usize, &str)>> = Vec::new();
    // 0 for those not met yet, 1 for those on the way, 2 for those done with.
    let mut marks = vec![0_u8; follows.len()];
    for start in 0..follows.len() {
        if marks[start] != 0 {
            continue;
        }
        marks[start] = 1;
        // Of each device on the way: its number, and which of its links has been taken.
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some(&mut (at, ref mut link)) = way.last_mut() {
            let Some(&(next, _)) = follows[at].get(*link) else {
                marks[at] = 2;
                way.pop();
                if let Some((_, link)) = way.last_mut() {
                    *link += 1;
                }
                continue;
            };
            match marks[next] {
                0 => {
                    marks[next] = 1;
                    way.push((next, 0));
                    continue;
                }
                1 => {
                    let from = way
                        .iter()
                        .position(|&(at, _)| at == next)
                        .unwrap_or_default();
                    let circle = way[from..]
                        .iter()
                        .map(|&(at, link)| (at, follows[at][link].1));
                    circles.push(circle.collect());
                }
                _ => {}
            }
            if let Some((_, link)) = way.last_mut() {
                *link += 1;
            }
        }
    }
    circles
}
