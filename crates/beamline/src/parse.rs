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
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        // One mistake often leads to others on its line, which say nothing new.
        let line = text
            .get(..span.start)
            .unwrap_or_default()
            .matches('\n')
            .count();
        if lines.contains(&line) {
            continue;
        }
        lines.push(line);
        problems.push(explained(text, &root, span, error.message()));
    }
    problems.sort();
    Err(problems)
}

fn explained(text: &str, root: &DeTable<'_>, span: Range<usize>, message: &str) -> Problem {
    let mut lines = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let what = lines.next().unwrap_or("this is no TOML").to_owned();
    let rest: Vec<&str> = lines.collect();
    let duplicate = what.starts_with("duplicate key");
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
    let start = text[..span.start]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let before = text[start..span.start].trim();
    let header = if before.starts_with('[') {
        before.trim_start_matches('[')
    } else if before.is_empty() {
        let at = text[..start]
            .rfind("\n[")
            .map(|newline| newline + 1)
            .or_else(|| text.starts_with('[').then_some(0))?;
        text[at + 1..].split(']').next()?
    } else {
        return None;
    };
    let mut table = root;
    for step in header
        .split('.')
        .map(str::trim)
        .filter(|step| !step.is_empty())
    {
        match table.get(step)?.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return None,
        }
    }
    let (key, _) = table.get_key_value(name)?;
    (key.span().start < span.start).then(|| key.span())
}
