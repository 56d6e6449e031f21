//! `$(name)` in texts.

use std::collections::BTreeSet;
use std::ops::Range;

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::nearest::nearest;
use crate::problem::{Problem, Problems};

/// The name that stands for the present row of `each`.
pub(crate) const EACH: &str = "each";

/// What `[macros]` defines. A macro may use others, and `$(each)`.
#[derive(Debug, Default)]
pub(crate) struct Macros {
    known: IndexMap<String, Macro>,
}

#[derive(Debug)]
struct Macro {
    body: String,
    span: Range<usize>,
    /// Whether its mistake has been reported: then its uses are not.
    broken: bool,
}

/// Why a text cannot be expanded.
enum Stuck {
    /// Nobody defined this macro.
    Unknown(String),
    /// `$(each)` where there is no `each`.
    NoEach,
    /// `$(` without `)`.
    Open,
    /// The text grows beyond all measure.
    Long,
    /// A macro whose mistake has been reported where it is defined.
    Reported,
}

impl Macros {
    /// Reads `[macros]` and reports what is wrong in it.
    pub(crate) fn read(text: &str, table: &DeTable<'_>, problems: &mut Problems) -> Self {
        let mut macros = Self::default();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let body = match value.get_ref() {
                DeValue::String(body) => body.clone().into_owned(),
                DeValue::Integer(number) => number.to_string(),
                _ => {
                    let message = format!("macros: {name}: a macro is a text in quotes");
                    problems.push(Problem::new(value.span(), message));
                    String::new()
                }
            };
            if name == EACH {
                let message = "macros: `each` cannot be defined";
                let hint = "`$(each)` is the name of the row in a table with `each`";
                problems.push(Problem::new(key.span(), message).hint(hint));
                continue;
            }
            let broken = !matches!(value.get_ref(), DeValue::String(_) | DeValue::Integer(_));
            macros.known.insert(
                name.to_owned(),
                Macro {
                    body,
                    span: value.span(),
                    broken,
                },
            );
        }
        macros.check(text, problems);
        macros
    }

    /// Reports macros that cannot be expanded anywhere.
    fn check(&mut self, text: &str, problems: &mut Problems) {
        let mut broken = Vec::new();
        for (name, found) in &self.known {
            if found.broken {
                continue;
            }
            if let Some(circle) = self.circle(name) {
                let message = format!("macros: {name} needs itself: {}", circle.join(" -> "));
                problems.push(Problem::new(found.span.clone(), message));
                broken.push(name.clone());
                continue;
            }
            let stuck = self.direct(&found.body);
            if let Some(stuck) = stuck {
                let problem = self.problem(text, &format!("macros: {name}"), &found.span, &stuck);
                problems.0.extend(problem);
                broken.push(name.clone());
            }
        }
        for name in broken {
            if let Some(found) = self.known.get_mut(&name) {
                found.broken = true;
            }
        }
    }

    /// What is wrong in a macro's own text, whatever those it uses may hold.
    fn direct(&self, body: &str) -> Option<Stuck> {
        uses(body).find_map(|used| match used {
            Err(stuck) => Some(stuck),
            Ok(name) if name == EACH || self.known.contains_key(name) => None,
            Ok(name) => Some(Stuck::Unknown(name.to_owned())),
        })
    }

    /// The way from a macro back to itself.
    fn circle(&self, start: &str) -> Option<Vec<String>> {
        let mut seen = BTreeSet::new();
        let mut way = vec![start.to_owned()];
        self.leads(start, start, &mut seen, &mut way).then_some(way)
    }

    fn leads<'a>(
        &'a self,
        from: &str,
        to: &str,
        seen: &mut BTreeSet<&'a str>,
        way: &mut Vec<String>,
    ) -> bool {
        let body = self.known.get(from).map_or("", |found| &found.body);
        for name in uses(body).flatten() {
            way.push(name.to_owned());
            if name == to || (seen.insert(name) && self.leads(name, to, seen, way)) {
                return true;
            }
            way.pop();
        }
        false
    }

    /// Expands all texts in a value, keys of its tables included. `None` if that could not be; it has then
    /// been reported in the name of `owner`. Of a table, what could not be is left out and noted in `lost`.
    pub(crate) fn expand<'t>(
        &self,
        value: &Spanned<DeValue<'t>>,
        each: Option<&str>,
        text: &str,
        owner: &str,
        lost: &mut Vec<Vec<String>>,
        problems: &mut Problems,
    ) -> Option<Spanned<DeValue<'t>>> {
        let span = value.span();
        let expanded = match value.get_ref() {
            DeValue::String(body) if body.contains("$(") => {
                let body = self.text(body, each, &span, text, owner, problems)?;
                DeValue::String(body.into())
            }
            DeValue::Array(items) => {
                let mut within = Vec::new();
                let items: Vec<_> = items
                    .iter()
                    .map(|item| self.expand(item, each, text, owner, &mut within, problems))
                    .collect();
                let items: Option<Vec<_>> = items.into_iter().collect();
                let items = items.filter(|_| within.is_empty());
                DeValue::Array(items?.into_iter().collect())
            }
            DeValue::Table(table) => {
                let mut fresh = DeTable::new();
                for (key, value) in table {
                    let name = self.text(key.get_ref(), each, &key.span(), text, owner, problems);
                    let known = name.as_deref().unwrap_or(key.get_ref()).to_owned();
                    let mut within = Vec::new();
                    let value = self.expand(value, each, text, owner, &mut within, problems);
                    for path in within {
                        lost.push(std::iter::once(known.clone()).chain(path).collect());
                    }
                    let (Some(name), Some(value)) = (name, value) else {
                        lost.push(vec![known]);
                        continue;
                    };
                    let twin = fresh
                        .get_key_value(name.as_str())
                        .map(|(twin, _): (&Spanned<_>, _)| twin.span());
                    if let Some(twin) = twin {
                        let message = format!("{owner}: `{name}` stands here twice");
                        let note = "first here";
                        problems.push(Problem::new(key.span(), message).also(twin, note));
                        lost.push(vec![name]);
                        continue;
                    }
                    fresh.insert(Spanned::new(key.span(), name.into()), value);
                }
                DeValue::Table(fresh)
            }
            plain => plain.clone(),
        };
        Some(Spanned::new(span, expanded))
    }

    /// Expands one text, or reports why it cannot be.
    pub(crate) fn text(
        &self,
        body: &str,
        each: Option<&str>,
        span: &Range<usize>,
        text: &str,
        owner: &str,
        problems: &mut Problems,
    ) -> Option<String> {
        match self.expanded(body, each) {
            Ok(expanded) => Some(expanded),
            Err(stuck) => {
                if let Some(problem) = self.problem(text, owner, span, &stuck) {
                    problems.push(problem);
                }
                None
            }
        }
    }

    fn expanded(&self, body: &str, each: Option<&str>) -> Result<String, Stuck> {
        let mut out = String::new();
        let mut rest = body;
        while let Some(start) = rest.find("$(") {
            let end = rest[start..].find(')').ok_or(Stuck::Open)? + start;
            let name = &rest[start + 2..end];
            out.push_str(&rest[..start]);
            if name == EACH {
                out.push_str(each.ok_or(Stuck::NoEach)?);
            } else {
                let found = self
                    .known
                    .get(name)
                    .ok_or_else(|| Stuck::Unknown(name.to_owned()))?;
                if found.broken {
                    return Err(Stuck::Reported);
                }
                // Ends, since macros that need themselves are broken.
                out.push_str(&self.expanded(&found.body, each)?);
            }
            // What grows beyond this is a mistake or malice, not a name.
            if out.len() > LONGEST {
                return Err(Stuck::Long);
            }
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    fn problem(
        &self,
        text: &str,
        owner: &str,
        span: &Range<usize>,
        stuck: &Stuck,
    ) -> Option<Problem> {
        let at = |needle: &str| {
            let within = text.get(span.clone()).and_then(|part| part.find(needle));
            within.map_or(span.clone(), |offset| {
                let start = span.start + offset;
                start..start + needle.len()
            })
        };
        Some(match stuck {
            Stuck::Reported => return None,
            Stuck::Long => {
                let message = format!("{owner}: macros make this longer than {LONGEST} characters");
                Problem::new(span.clone(), message)
            }
            Stuck::Open => Problem::new(at("$("), format!("{owner}: `$(` has no `)`")),
            Stuck::NoEach => Problem::new(
                at("$(each)"),
                format!("{owner}: `$(each)` stands in a table without `each`"),
            )
            .hint("write each = [\"X\", \"Y\"], or leave `$(each)` out"),
            Stuck::Unknown(name) => {
                let problem = Problem::new(
                    at(&format!("$({name})")),
                    format!("{owner}: no macro named `{name}`"),
                );
                let names = || self.known.keys().map(String::as_str).chain([EACH]);
                match nearest(name, names()) {
                    Some(near) => problem.hint(format!("did you mean `$({near})`?")),
                    None => problem.hint(format!("define it: [macros] {name} = \"...\"")),
                }
            }
        })
    }
}

/// The longest text that macros may make. PV names have at most 60 characters; titles a few more.
const LONGEST: usize = 65_536;

/// The macros used in a text.
fn uses(body: &str) -> impl Iterator<Item = Result<&str, Stuck>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let start = rest.find("$(")?;
        let Some(end) = rest[start..].find(')') else {
            rest = "";
            return Some(Err(Stuck::Open));
        };
        let name = &rest[start + 2..start + end];
        rest = &rest[start + end + 1..];
        Some(Ok(name))
    })
}
