//! What is to be scored: a TOML file that names items, references and candidates.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use beamtwin_align::Settings;
use serde::Deserialize;
use toml::Spanned;

use crate::Problems;

/// Items with their references, candidates with their sessions, and how to judge.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// What the suite is called.
    pub title: String,
    /// How to judge.
    pub settings: Settings,
    /// What was to be done, in the order of the file.
    pub items: Vec<Item>,
    /// Who did it, in the order of the file.
    pub candidates: Vec<Candidate>,
}

/// Something that was to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Sessions that do it right.
    pub references: Vec<PathBuf>,
}

/// Someone who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The name.
    pub name: String,
    /// The sessions by item, in the order of the items; none where it was never done.
    pub sessions: Vec<Vec<PathBuf>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    suite: Spanned<u32>,
    title: Option<String>,
    settings: Option<Spanned<String>>,
    #[serde(default)]
    item: BTreeMap<Spanned<String>, RawItem>,
    #[serde(default)]
    candidate: BTreeMap<Spanned<String>, RawCandidate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawItem {
    references: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCandidate {
    sessions: Option<Spanned<String>>,
    #[serde(default)]
    items: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
}

impl Suite {
    /// Reads a suite; its paths are relative to the folder that it lies in.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place: unknown keys, items that do not exist, paths
    /// that lead nowhere.
    pub fn load(text: &str, folder: &Path) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let raw: Raw = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                problems.push(error.span().unwrap_or(0..0), error.message());
                return Err(problems);
            }
        };
        if *raw.suite.get_ref() != 1 {
            problems.push(raw.suite.span(), "this program reads suites of version 1");
        }
        let settings = raw.settings.map_or_else(Settings::default, |path| {
            settings(&folder.join(path.get_ref())).unwrap_or_else(|why| {
                problems.push(path.span(), why);
                Settings::default()
            })
        });
        let mut items = Vec::new();
        for (name, item) in in_order(raw.item) {
            if item.references.is_empty() {
                problems.push(
                    name.span(),
                    format!("item {}: no reference", name.get_ref()),
                );
            }
            items.push(Item {
                references: existing(item.references, folder, &mut problems),
                name: name.into_inner(),
            });
        }
        let mut candidates = Vec::new();
        for (name, candidate) in in_order(raw.candidate) {
            let at = name.span();
            let name = name.into_inner();
            let sessions = sessions(candidate, folder, &items, &name, at, &mut problems);
            candidates.push(Candidate { name, sessions });
        }
        for (what, is_empty) in [
            ("item", items.is_empty()),
            ("candidate", candidates.is_empty()),
        ] {
            if is_empty {
                problems.push(
                    0..0,
                    format!("there is no {what}: give at least one [{what}.NAME]"),
                );
            }
        }
        problems.sort();
        if problems.0.is_empty() {
            Ok(Self {
                title: raw.title.unwrap_or_default(),
                settings,
                items,
                candidates,
            })
        } else {
            Err(problems)
        }
    }
}

/// The entries of a table as they stand in the file.
fn in_order<T>(table: BTreeMap<Spanned<String>, T>) -> Vec<(Spanned<String>, T)> {
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

fn settings(path: &Path) -> Result<Settings, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("failed to read {}: {error}", path.display()))?;
    Settings::from_toml(&text).map_err(|error| format!("{}: failed to {error}", path.display()))
}

fn existing(paths: Vec<Spanned<String>>, folder: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in paths {
        let place = folder.join(path.get_ref());
        if !place.is_file() {
            problems.push(path.span(), format!("there is no file {}", place.display()));
        }
        found.push(place);
    }
    found
}

fn sessions(
    candidate: RawCandidate,
    folder: &Path,
    items: &[Item],
    name: &str,
    at: Range<usize>,
    problems: &mut Problems,
) -> Vec<Vec<PathBuf>> {
    let mut sessions = vec![Vec::new(); items.len()];
    if candidate.sessions.is_none() && candidate.items.is_empty() {
        let wanted = "give `sessions = FOLDER`, or its files under `items`";
        problems.push(at, format!("candidate {name}: no sessions; {wanted}"));
    }
    if let Some(path) = candidate.sessions {
        let place = folder.join(path.get_ref());
        match entries(&place) {
            Ok(entries) => by_name(entries, items, &mut sessions),
            Err(why) => problems.push(path.span(), why),
        }
    }
    for (item, paths) in candidate.items {
        let Some(number) = items.iter().position(|it| it.name == *item.get_ref()) else {
            problems.push(item.span(), format!("there is no item {}", item.get_ref()));
            continue;
        };
        for path in paths {
            let place = folder.join(path.get_ref());
            if place.is_file() {
                sessions[number].push(place);
                continue;
            }
            match entries(&place) {
                Ok(entries) => {
                    let traces = entries.into_iter().filter(|it| is_trace(it));
                    sessions[number].extend(traces);
                }
                Err(why) => problems.push(path.span(), why),
            }
        }
    }
    sessions
}

/// What a folder holds, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries
        .map_err(|error| format!("failed to read the folder {}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn is_trace(path: &Path) -> bool {
    path.is_file()
        && path
            .extension()
            .is_some_and(|it| it == "jsonl" || it == "json")
}

/// Gives each file or folder to the item with the longest name that it begins with: `grid.jsonl`,
/// `grid-2.jsonl`, and all in `grid/` are sessions of `grid`.
fn by_name(entries: Vec<PathBuf>, items: &[Item], sessions: &mut [Vec<PathBuf>]) {
    for path in entries {
        let stem = if path.is_dir() {
            path.file_name()
        } else {
            path.file_stem()
        };
        let stem = stem.and_then(|it| it.to_str()).unwrap_or_default();
        let fits = |item: &Item| {
            let rest = stem.strip_prefix(item.name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let numbers = (0..items.len()).filter(|&at| fits(&items[at]));
        let Some(number) = numbers.max_by_key(|&at| items[at].name.len()) else {
            continue;
        };
        if path.is_dir() {
            let inside = self::entries(&path).unwrap_or_default();
            sessions[number].extend(inside.into_iter().filter(|it| is_trace(it)));
        } else if is_trace(&path) {
            sessions[number].push(path);
        }
    }
}
