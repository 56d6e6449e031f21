//! Names that mean nothing, or cannot be names.

use std::ops::Range;

use super::RESERVED;
use crate::nearest::{listed, nearest};
use crate::problem::Problem;
use crate::registry::{TWIN, kinds};

pub(super) fn no_kind(word: &str, span: Range<usize>) -> Problem {
    let kinds: Vec<&str> = kinds().collect();
    let near = nearest(word, kinds.iter().chain(RESERVED).copied());
    Problem::new(span, format!("no device kind `{word}`")).hint(match near {
        _ if word == TWIN => {
            "the twin itself is added to every file, below pv in [beamline]".to_owned()
        }
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("kinds are {}", listed(&kinds, "and")),
    })
}

/// Reports a name that cannot be part of `kind.name.each`.
pub(crate) fn bad_name(name: &str, span: &Range<usize>) -> Option<Problem> {
    let strange = |c: char| c == '.' || c.is_whitespace() || c.is_control();
    let macros = name.contains("$(");
    (name.is_empty() || macros || name.contains(strange)).then(|| {
        let message = format!("`{}` cannot be a name", name.escape_default());
        Problem::new(span.clone(), message).hint(if macros {
            "macros stand in settings, not in names"
        } else {
            "a name has no dots and no white space"
        })
    })
}
