//! A process and all that it started, as `/proc` tells; elsewhere the process alone.

use std::fs;

/// A process, not to be taken for a later one of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) id: u32,
    began: u64,
}

impl Member {
    /// Whether it has not ended.
    pub(super) fn is_there(self) -> bool {
        stat(self.id).is_some_and(|stat| stat.began == self.began && !stat.is_over)
    }
}

/// The process of a number, its children, theirs, and so on; parents first.
pub(super) fn family(id: u32) -> Vec<Member> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let all: Vec<(u32, Stat)> = ids.filter_map(|id| Some((id, stat(id)?))).collect();
    let member = |&(id, Stat { began, .. }): &(u32, Stat)| Member { id, began };
    let mut family: Vec<Member> = all.iter().filter(|it| it.0 == id).map(member).collect();
    if family.is_empty() {
        family.push(Member { id, began: 0 });
    }
    let mut at = 0;
    while let Some(parent) = family.get(at).copied() {
        let children = all.iter().filter(|(_, stat)| stat.parent == parent.id);
        family.extend(children.map(member));
        at += 1;
    }
    family
}

struct Stat {
    parent: u32,
    /// When it began, in ticks since the machine did.
    began: u64,
    /// Whether nothing is left of it but its number.
    is_over: bool,
}

fn stat(id: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of its program, in parentheses, may hold anything.
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        began: fields.get(19)?.parse().ok()?,
        is_over: matches!(fields.first(), Some(&"Z" | &"X")),
    })
}
