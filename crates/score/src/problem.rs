//! What is wrong with a suite, and where.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

/// One mistake in a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// Which bytes of the file; `None` if the whole file is meant.
    pub span: Option<Range<usize>>,
}

/// Everything that is wrong with a suite, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Error)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    pub(crate) fn push(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.0.push(Problem {
            message: message.into(),
            span: Some(span),
        });
    }

    /// Whether a problem is about a table or something in it.
    pub(crate) fn speak_of(&self, table: &str) -> bool {
        let about = |it: &Problem| {
            let rest = it.message.strip_prefix(table);
            rest.is_some_and(|rest| rest.starts_with(['.', ':']))
        };
        self.0.iter().any(about)
    }

    pub(crate) fn sort(&mut self) {
        self.0
            .sort_by_key(|problem| problem.span.as_ref().map_or(0, |span| span.start));
    }

    /// Writes the problems as a compiler would: a line for each, then the line of the file it is about.
    pub fn render(&self, file: &str, text: &str) -> String {
        let mut out = String::new();
        for Problem { message, span } in &self.0 {
            let at = span.as_ref().map_or(0, |span| span.start);
            let before = text.get(..at).unwrap_or(text);
            let start = before.rfind('\n').map_or(0, |newline| newline + 1);
            let line = before.matches('\n').count() + 1;
            let column = before[start..].chars().count() + 1;
            out.push_str(&format!("{file}:{line}:{column}: {message}\n"));
            let Some(span) = span else { continue };
            let whole = text[start..].lines().next().unwrap_or_default();
            let marked = text.get(span.clone()).unwrap_or_default();
            let width = marked.lines().next().map_or(0, |it| it.chars().count());
            let (space, carets) = (" ".repeat(column - 1), "^".repeat(width.max(1)));
            out.push_str(&format!("  | {whole}\n  | {space}{carets}\n"));
        }
        out
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<&str> = self.0.iter().map(|it| it.message.as_str()).collect();
        f.write_str(&messages.join("\n"))
    }
}
