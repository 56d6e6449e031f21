//! What is wrong with a file, and where.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

/// One mistake in a beamline file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong: `motor.sample.theta: unknown setting `unit``.
    pub message: String,
    /// Which bytes of the file; `None` if the whole file is meant.
    pub span: Option<Range<usize>>,
    /// What would be right.
    pub hint: Option<String>,
    /// Other places that have to do with it, such as the first of two equal names.
    pub also: Vec<(Range<usize>, String)>,
}

impl Problem {
    /// A problem of this place.
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            span: Some(span),
            hint: None,
            also: Vec::new(),
        }
    }

    /// A problem of the file as a whole.
    pub(crate) fn everywhere(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            span: None,
            hint: None,
            also: Vec::new(),
        }
    }

    /// The same, with advice.
    #[must_use]
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The same, with another place to look at.
    #[must_use]
    pub(crate) fn also(mut self, span: Range<usize>, note: impl Into<String>) -> Self {
        self.also.push((span, note.into()));
        self
    }

    /// Line and column of the problem in the file, both from 1; columns count characters.
    #[must_use]
    pub fn place(&self, text: &str) -> (usize, usize) {
        place(text, self.span.as_ref().map_or(0, |span| span.start))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a file, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Error)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Adds a problem, unless the same has been said of the same place.
    pub(crate) fn push(&mut self, problem: Problem) {
        let known = |p: &Problem| p.span == problem.span && p.message == problem.message;
        if !self.0.iter().any(known) {
            self.0.push(problem);
        }
    }

    pub(crate) fn sort(&mut self) {
        self.0
            .sort_by_key(|problem| problem.span.as_ref().map_or(0, |span| span.start));
    }

    /// Writes the problems as a compiler would: a line for each, then the line of the file it is about.
    ///
    /// ```
    /// let text = "[mailbox.a]\npvs = { a = 1 }\nsize = 3\n";
    /// let problems = beamtwin_beamline::load(text).unwrap_err();
    /// assert_eq!(
    ///     problems.render("a.toml", text),
    ///     "a.toml:3:1: mailbox.a: unknown setting `size`; settings are pvs, fault and faults\n\
    ///      \x20 | size = 3\n\
    ///      \x20 | ^^^^\n"
    /// );
    /// ```
    #[must_use]
    pub fn render(&self, file: &str, text: &str) -> String {
        let mut out = String::new();
        for problem in &self.0 {
            let (line, column) = problem.place(text);
            out.push_str(&format!("{file}:{line}:{column}: {problem}\n"));
            if let Some(span) = &problem.span {
                out.push_str(&excerpt(text, span));
            }
            for (span, note) in &problem.also {
                let (line, column) = place(text, span.start);
                out.push_str(&format!("{file}:{line}:{column}: note: {note}\n"));
                out.push_str(&excerpt(text, span));
            }
        }
        out
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

/// Line and column of a byte, both from 1; columns count characters.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..floor(text, at)];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[start..].chars().count() + 1)
}

/// The line of a place, and a line of carets below what is meant.
fn excerpt(text: &str, span: &Range<usize>) -> String {
    let from = floor(text, span.start);
    let to = floor(text, span.end).max(from);
    let start = text[..from].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[from..].find('\n').map_or(text.len(), |n| from + n);
    let line = text[start..end].trim_end_matches('\r');
    // A tab stays a tab, so that the carets stand below what they mean.
    let margin: String = text[start..from]
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let width = text[from..to.min(end)].chars().count().max(1);
    format!("  | {line}\n  | {margin}{}\n", "^".repeat(width))
}

/// The nearest character boundary at or before a byte.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
