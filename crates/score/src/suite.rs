//! What is to be scored: a TOML file that names items, references and candidates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;

use crate::folder::{by_name, traces};
use crate::reference::Reference;
use crate::shape::{self, CandidateShape};
use crate::{Method, Problems};

/// Items with their references, candidates with their sessions, and how to judge.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// What the suite is called.
    pub title: String,
    /// How to judge.
    pub method: Method,
    /// What was to be done, in the order of the file.
    pub items: Vec<Item>,
    /// Who did it, in the order of the file.
    pub candidates: Vec<Candidate>,
    /// The paths of all that is read for it: the settings, references and sessions.
    pub files: Vec<PathBuf>,
    /// What may not be meant so: traces that fit no item.
    pub warnings: Vec<String>,
}

/// Something that was to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Sessions that do it right.
    pub references: Vec<Arc<Reference>>,
}

/// Someone who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The name.
    pub name: String,
    /// The sessions by item, in the order of the items; none where it was never done.
    pub sessions: Vec<Vec<PathBuf>>,
}

impl Suite {
    /// Reads a suite and its references; its paths are relative to the folder that it lies in.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place: unknown keys, values of another kind, items that do
    /// not exist, paths that lead nowhere, references that cannot be read.
    pub fn load(text: &str, folder: &Path) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let Some(shape) = shape::read(text, &mut problems) else {
            return Err(problems);
        };
        let mut files = Vec::new();
        let path = shape.settings.as_ref().map(|it| folder.join(it.get_ref()));
        let name = shape.method.as_ref().map_or("", |it| it.get_ref().as_str());
        if let Some(said) = shape
            .method
            .as_ref()
            .filter(|_| !Method::NAMES.contains(&name))
        {
            let known = Method::NAMES.join(", ");
            let why = format!("method: there is no `{name}`, only {known}");
            problems.push(said.span(), why);
        }
        let method = Method::load(name, path.as_deref()).unwrap_or_else(|why| {
            let span = shape.settings.as_ref().map_or(0..0, Spanned::span);
            problems.push(span, why);
            Method::default()
        });
        files.extend(path);
        for (what, is_empty) in [
            ("item", shape.items.is_empty()),
            ("candidate", shape.candidates.is_empty()),
        ] {
            if is_empty && !problems.speak_of(what) {
                problems.push(
                    0..0,
                    format!("there is no {what}: give at least one [{what}.NAME]"),
                );
            }
        }
        let mut references = References::default();
        let mut items = Vec::new();
        for (name, item) in shape.items {
            items.push(Item {
                references: references.read(item.references, folder, &method, &mut problems),
                name: name.into_inner(),
            });
        }
        let mut warnings = Vec::new();
        let mut candidates = Vec::new();
        for (name, candidate) in shape.candidates {
            let sessions = sessions(candidate, folder, &items, &mut problems, &mut warnings);
            let name = name.into_inner();
            candidates.push(Candidate { name, sessions });
        }
        problems.sort();
        if !problems.0.is_empty() {
            return Err(problems);
        }
        let sessions = candidates.iter().flat_map(|it| it.sessions.concat());
        files.extend(references.0.into_keys().chain(sessions));
        Ok(Self {
            title: shape.title.map(Spanned::into_inner).unwrap_or_default(),
            method,
            files,
            items,
            candidates,
            warnings,
        })
    }
}

/// The references by their paths, each read once.
#[derive(Default)]
struct References(BTreeMap<PathBuf, Result<Arc<Reference>, String>>);

impl References {
    fn read(
        &mut self,
        paths: Vec<Spanned<String>>,
        folder: &Path,
        method: &Method,
        problems: &mut Problems,
    ) -> Vec<Arc<Reference>> {
        let mut found = Vec::new();
        for path in paths {
            let place = folder.join(path.get_ref());
            if !place.is_file() {
                problems.push(path.span(), format!("there is no file {}", place.display()));
                continue;
            }
            let read = || Reference::read(&place, method).map(Arc::new);
            match self.0.entry(place.clone()).or_insert_with(read) {
                Ok(reference) => found.push(Arc::clone(reference)),
                Err(why) => problems.push(path.span(), why.clone()),
            }
        }
        found
    }
}

fn sessions(
    candidate: CandidateShape,
    folder: &Path,
    items: &[Item],
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Vec<Vec<PathBuf>> {
    let mut sessions = vec![Vec::new(); items.len()];
    if let Some(path) = candidate.sessions {
        match by_name(&folder.join(path.get_ref()), items) {
            Ok(found) => {
                for (number, session) in found.sessions {
                    sessions[number].push(session);
                }
                warnings.extend(found.strays);
                for why in found.failures {
                    problems.push(path.span(), why);
                }
            }
            Err(why) => problems.push(path.span(), why),
        }
    }
    for (item, paths) in candidate.items {
        let number = items.iter().position(|it| it.name == *item.get_ref());
        if number.is_none() {
            problems.push(item.span(), format!("there is no item {}", item.get_ref()));
        }
        for path in paths {
            let place = folder.join(path.get_ref());
            let found = if place.is_file() {
                Ok(vec![place])
            } else if place.is_dir() {
                traces(&place)
            } else {
                Err(format!("there is no file or folder {}", place.display()))
            };
            match (found, number) {
                (Ok(found), Some(number)) => sessions[number].extend(found),
                (Ok(_), None) => {}
                (Err(why), _) => problems.push(path.span(), why),
            }
        }
    }
    sessions
}
