//! Sessions as they lie in folders.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Item;

/// What was found in a folder of sessions.
#[derive(Default)]
pub(crate) struct Found {
    /// Each session with the number of its item.
    pub(crate) sessions: Vec<(usize, PathBuf)>,
    /// Traces that fit no item.
    pub(crate) strays: Vec<String>,
    /// Why a folder in it could not be read.
    pub(crate) failures: Vec<String>,
}

/// Gives each file or folder to the item with the longest name that it begins with: `grid.jsonl`,
/// `grid-2.jsonl`, and all in `grid/` are sessions of `grid`.
///
/// # Errors
/// If the folder itself cannot be read.
pub(crate) fn by_name(folder: &Path, items: &[Item]) -> Result<Found, String> {
    let mut found = Found::default();
    for path in entries(folder)? {
        let traces = if path.is_dir() {
            match traces(&path) {
                Ok(traces) => traces,
                Err(why) => {
                    found.failures.push(why);
                    continue;
                }
            }
        } else if is_trace(&path) {
            vec![path.clone()]
        } else {
            continue;
        };
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
        match numbers.max_by_key(|&at| items[at].name.len()) {
            Some(number) => found
                .sessions
                .extend(traces.into_iter().map(|it| (number, it))),
            None if traces.is_empty() => {}
            None => {
                let meant = meant(stem, items).map(|it| format!("; did you mean {it}?"));
                let meant = meant.unwrap_or_default();
                let stray = format!("{} fits no item{meant}", path.display());
                found.strays.push(stray);
            }
        }
    }
    Ok(found)
}

/// The traces in a folder, by name.
pub(crate) fn traces(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut paths = entries(folder)?;
    paths.retain(|it| is_trace(it));
    Ok(paths)
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
    let ending = path.extension().unwrap_or_default();
    path.is_file() && (ending.eq_ignore_ascii_case("jsonl") || ending.eq_ignore_ascii_case("json"))
}

/// The item whose name is most like a word, if any is: at most a half of it is otherwise, in whatever case.
fn meant<'a>(word: &str, items: &'a [Item]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let names = items.iter().map(|item| item.name.as_str());
    let off = |name: &str| {
        let name = name.to_lowercase();
        let before = word.rsplit_once('-').map_or(&*word, |(before, _)| before);
        edits(&word, &name).min(edits(before, &name))
    };
    names
        .map(|name| (off(name), name))
        .filter(|(off, name)| 2 * off <= name.chars().count())
        .min()
        .map(|(_, name)| name)
}

/// How many letters are to be put in, taken out or replaced to make one word of another.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.chars().enumerate() {
        let mut corner = above;
        row[0] = above + 1;
        for at in 0..other.len() {
            let replaced = corner + usize::from(letter != other[at]);
            corner = row[at + 1];
            row[at + 1] = replaced.min(corner + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_nearly_a_name_is_meant_for_it() {
        let named = |name: &str| Item {
            name: name.to_owned(),
            references: Vec::new(),
        };
        let items = [named("grid"), named("ramp")];
        for word in ["gird", "grid2", "GRID", "grd", "gird-2"] {
            assert_eq!(meant(word, &items), Some("grid"), "{word}");
        }
        for word in ["", "notes", "tomography"] {
            assert_eq!(meant(word, &items), None, "{word}");
        }
    }
}
