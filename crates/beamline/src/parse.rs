//! From text to tables whose keys and values remember their place.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::problem::{Problem, Problems};

/// Parses a file, or reports every place that is no TOML.
pub(crate) fn parse(text: &str) -> Result<DeTable<'_>, Problems> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let root = root.into_inner();
    if errors.is_empty() {
        return Ok(root);
    }
    let mut problems = Problems::default();
    let mut lines = Vec::new();
    let mut below: Option<Range<usize>> = None;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        // One mistake often leads to others on its line, which say nothing new; a header that stands
        // twice, to others on all lines below it.
        let start = line_start(text, span.start);
        let known = below.as_ref().is_some_and(|lines| lines.contains(&start));
        if known || lines.contains(&start) {
            continue;
        }
        lines.push(start);
        if header(text, start).is_some() && error.message().starts_with(DUPLICATE) {
            let end = text[start..].find("\n[").map(|at| start + at + 1);
            below = Some(start..end.unwrap_or(text.len()));
        }
        problems.push(explained(text, &root, span, error.message()));
    }
    problems.sort();
    Err(problems)
}

/// How the parser begins to say that a key stands twice.
const DUPLICATE: &str = "duplicate key";

fn explained(text: &str, root: &DeTable<'_>, span: Range<usize>, message: &str) -> Problem {
    let mut lines = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let what = lines.next().unwrap_or("this is no TOML").to_owned();
    let rest: Vec<&str> = lines.collect();
    let duplicate = what.starts_with(DUPLICATE);
    let problem = Problem::new(span.clone(), what);
    if duplicate {
        let name = text.get(span.clone()).unwrap_or_default();
        let problem = Problem {
            message: format!("`{name}` stands here twice"),
            ..problem
        };
        return match first(text, root, &span, name) {
            Some(twin) => problem.also(twin, "first here"),
            None => problem,
        };
    }
    if rest.is_empty() {
        problem
    } else {
        problem.hint(rest.join(", "))
    }
}

/// The first of two equal keys: of two headers, or of two lines below a header.
fn first(text: &str, root: &DeTable<'_>, span: &Range<usize>, name: &str) -> Option<Range<usize>> {
    let start = line_start(text, span.start);
    if let Some(twin) = header(text, start) {
        let mut at = 0;
        for line in text[..start].split_inclusive('\n') {
            if header(text, at).is_some_and(|header| header == twin) {
                let key = line.rfind(name)?;
                return Some(at + key..at + key + name.len());
            }
            at += line.len();
        }
        return None;
    }
    if !text[start..span.start].trim().is_empty() {
        return None;
    }
    let mut above = text[..start]
        .rmatch_indices('\n')
        .map(|(at, _)| line_start(text, at));
    let header = above.find_map(|at| header(text, at)).unwrap_or_default();
    let mut table = root;
    for step in header.split('.').filter(|step| !step.is_empty()) {
        match table.get(step)?.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return None,
        }
    }
    let (key, _) = table.get_key_value(name)?;
    (key.span().start < span.start).then(|| key.span())
}

/// Where the line of a place begins.
fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// The name of the table, without white space, if the line that begins here is its header.
fn header(text: &str, start: usize) -> Option<String> {
    let line = text.get(start..)?.lines().next()?.trim_start();
    let (name, _) = line.strip_prefix('[')?.split_once(']')?;
    Some(name.split('.').map(str::trim).collect::<Vec<_>>().join("."))
}
