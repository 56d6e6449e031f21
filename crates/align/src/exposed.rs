//! Exposures that both sides took, but not in the same state: with the shutter shut, or while a motor moved.

mod gates;
mod made;
mod mark;
pub(crate) mod reading;
mod state;
mod steps;
mod titles;

use serde::Serialize;

use crate::comparison::Row;

pub(crate) use mark::mark;

/// What a channel that did not move is said to be.
const AT_REST: &str = "at rest";

/// In what the state of an exposure was not the same on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// The channel, without a trailing `.VAL`.
    pub channel: String,
    /// What the channel is called in a sentence.
    pub title: String,
    /// What of the channel is meant.
    pub aspect: Aspect,
    /// How it was in the reference, in words.
    pub reference: String,
    /// How it was in the session, in words.
    pub session: String,
}

/// What of a channel an exposure depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// What a gate was asked for, before the exposure and during it, and what became of that.
    Asked,
    /// Whether what the channel had been asked for was under way.
    Moving,
    /// What a curve read when the exposure began, or when it ended.
    Reading,
    /// Whether the exposure itself ever finished.
    Finished,
    /// How long it took, where it was stopped on one side.
    Stopped,
    /// How many images it made.
    Images,
}

impl Gate {
    /// Whether it is told in one sentence with another one: where both moved, it may be to anywhere,
    /// and where a curve read something else, it may be anything.
    fn is_told_with(&self, other: &Self) -> bool {
        let moves = |it: &Self| [&it.reference, &it.session].map(|state| state != AT_REST);
        let states = match self.aspect {
            Aspect::Moving => moves(self) == moves(other),
            Aspect::Reading => true,
            _ => self.reference == other.reference && self.session == other.session,
        };
        states && self.aspect == other.aspect && self.channel == other.channel
    }
}

/// The exposures that were in another state, by their places among the rows: those together that one sentence
/// tells of.
pub fn groups(rows: &[Row]) -> Vec<Vec<usize>> {
    let gates = rows.iter().map(|row| row.gates.as_slice());
    let groups = told_together(gates.enumerate().filter(|(_, gates)| !gates.is_empty()));
    let places = |group: Vec<(usize, _)>| group.into_iter().map(|(at, _)| at).collect();
    groups.into_iter().map(places).collect()
}

/// Exposures with their gates: those together that one sentence tells of.
pub(crate) fn told_together<'a>(
    exposures: impl Iterator<Item = (usize, &'a [Gate])>,
) -> Vec<Vec<(usize, &'a [Gate])>> {
    let mut groups: Vec<Vec<(usize, &[Gate])>> = Vec::new();
    let alike = |one: &[Gate], other: &[Gate]| {
        one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.is_told_with(b))
    };
    for (at, gates) in exposures {
        let known = groups.iter_mut().find(|group| alike(group[0].1, gates));
        match known {
            Some(group) => group.push((at, gates)),
            None => groups.push(vec![(at, gates)]),
        }
    }
    groups
}

/// In what the exposures of a group were in another state, in words.
pub(crate) fn worded(group: &[(usize, &[Gate])]) -> String {
    let Some((_, first)) = group.first() else {
        return String::new();
    };
    let phrases: Vec<String> = first
        .iter()
        .enumerate()
        .map(|(at, gate)| {
            let Gate {
                title,
                reference,
                session,
                ..
            } = gate;
            let to_one = group.iter().all(|(_, gates)| gates[at] == *gate);
            let others = if to_one { "" } else { " or elsewhere" };
            let and = if at == 0 { "and " } else { "" };
            match gate.aspect {
                Aspect::Asked => format!("with {title} {session} instead of {reference}"),
                Aspect::Reading => {
                    let first = if to_one { "" } else { "at first " };
                    format!("with {title} {first}at {session} instead of {reference}")
                }
                Aspect::Moving if session == AT_REST => {
                    format!("with {title} {session} instead of {reference}{others}")
                }
                Aspect::Moving => format!("while {title} was {session}{others}"),
                Aspect::Finished | Aspect::Stopped | Aspect::Images => {
                    let session = match group.len() {
                        1 => session.clone(),
                        _ => session.replacen("was ", "were ", 1),
                    };
                    format!("{and}{session}, where the reference's {reference}")
                }
            }
        })
        .collect();
    phrases.join(" and ")
}
