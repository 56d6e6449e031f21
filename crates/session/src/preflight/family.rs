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

/// What a command starts, and what it leaves behind.
pub(super) struct Offspring {
    /// What was there before.
    known: Vec<Member>,
}

impl Offspring {
    /// Of a command that is about to be started. What it leaves behind becomes ours, on Linux, so that it is found.
    pub(super) fn awaited() -> Self {
        #[cfg(target_os = "linux")]
        let _ = nix::sys::prctl::set_child_subreaper(true);
        Self {
            known: family(std::process::id()),
        }
    }

    /// The processes of it that there are, parents first.
    pub(super) fn living(&self) -> Vec<Member> {
        let mut all = family(std::process::id());
        all.retain(|it| !self.known.contains(it) && it.is_there());
        all
    }
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
