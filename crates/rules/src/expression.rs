//! A text to a tree, by the parser of CEL.

use std::ops::Range;

use cel::IdedExpr;
use cel::common::ast::{Expr, LiteralValue, SourceInfo, operators as op};
use cel::parser::Parser;

use crate::rule::Fault;

/// A part of an expression, and where it stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    pub(crate) at: Range<usize>,
    pub(crate) what: What,
}

/// The kinds of parts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// A name with dots: `motor.x.position`.
    Name(String),
    /// What stands in quotes or backticks.
    Quoted(String),
    Number(f64),
    Truth(bool),
    /// An operator, by what CEL calls it, or a function.
    Call(String, Vec<Tree>),
}

/// The longest expression, in bytes: more than anybody can read, and parsed at once.
const LONGEST: usize = 1000;

/// How deep an expression may be nested: the parser takes much of the stack for each parenthesis, 2 MB for some 12 of
/// them where it is not optimized.
const DEEPEST: usize = 8;

/// How many parts may follow each other: `x + x + …` is a tree as deep as it is long.
const MOST: usize = 100;

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Tree, Fault> {
    if text.len() > LONGEST {
        let message = format!("an expression has at most {LONGEST} letters");
        return Err(Fault::new(0..text.len(), message).hint("make it several rules"));
    }
    let (quoted, deep) = unticked(text);
    if let Some(at) = deep {
        let message = format!("more than {DEEPEST} parentheses in each other");
        return Err(Fault::new(at..at + 1, message).hint("make it several rules"));
    }
    match Parser::new().parse_with_source_info(&quoted) {
        Ok((expression, places)) => Reader { text, places }.tree(&expression, 0),
        Err(errors) => {
            let first = errors.errors.first();
            Err(first.map_or_else(
                || Fault::new(0..text.len(), "this is no expression"),
                |error| explained(text, error.pos, &error.msg),
            ))
        }
    }
}

/// The text with quotes for backticks, which CEL has for other things; and where it is nested too deep.
fn unticked(text: &str) -> (String, Option<usize>) {
    let mut quote = None;
    let (mut depth, mut deep) = (0_usize, None);
    let letters = text.char_indices().map(|(at, letter)| {
        match (quote, letter) {
            (None, '"' | '\'' | '`') => quote = Some(letter),
            (None, '(' | '[' | '{' | '?') => {
                depth += 1;
                if depth > DEEPEST {
                    deep.get_or_insert(at);
                }
            }
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (Some(open), letter) if open == letter => quote = None,
            _ => return letter,
        }
        if letter == '`' { '"' } else { letter }
    });
    (letters.collect(), deep)
}

/// What the parser has to say, in plain words.
fn explained(text: &str, (line, column): (isize, isize), message: &str) -> Fault {
    let above = text
        .split_inclusive('\n')
        .take(usize::try_from(line - 1).unwrap_or(0));
    let above: usize = above.map(str::len).sum();
    let rest = &text[above.min(text.len())..];
    let column = usize::try_from(column - 1).unwrap_or(0);
    let at = rest
        .char_indices()
        .nth(column)
        .map_or(text.len(), |(at, _)| above + at);
    let found = message.split_once('\'').and_then(|(_, rest)| {
        let end = rest.find("' expecting").or_else(|| rest.rfind('\''))?;
        Some(&rest[..end])
    });
    match found {
        Some("<EOF>") => {
            let end = text.trim_end().len();
            Fault::new(end..end, "the expression ends too soon")
        }
        Some(found) if found.starts_with('=') => {
            Fault::new(at..at + 1, "`=` compares nothing").hint("write ==")
        }
        Some(found) => {
            // Where the last token of several is what makes no sense, it is the place of that one.
            let last = text
                .get(..at + found.len())
                .and_then(|text| text.rfind(found));
            let at = last.unwrap_or(at);
            let end = (at + found.len()).min(text.len());
            let fault = Fault::new(at..end, format!("`{found}` makes no sense here"));
            let is_word = found.starts_with('.') && text.is_char_boundary(end);
            if is_word {
                fault.hint("a name that is no plain word stands in backticks, as the PV that it is")
            } else {
                fault
            }
        }
        None => Fault::new(at..text.len(), message.trim_start_matches("Syntax error: ")),
    }
}

struct Reader<'a> {
    text: &'a str,
    places: SourceInfo,
}

impl Reader<'_> {
    fn place(&self, id: u64) -> Range<usize> {
        let (from, to) = self.places.offset_for(id).unwrap_or_default();
        let [from, to] = [from, to.saturating_add(1)].map(|at| (at as usize).min(self.text.len()));
        from..to.max(from)
    }

    fn tree(&self, part: &IdedExpr, depth: usize) -> Result<Tree, Fault> {
        let own = self.place(part.id);
        if depth > MOST {
            let message = format!("more than {MOST} parts in a row");
            return Err(Fault::new(own, message).hint("make it several rules"));
        }
        let strange = |what: &str| {
            let message = format!("{what} cannot stand in a rule");
            Err(Fault::new(own.clone(), message))
        };
        let (at, what) = match &part.expr {
            Expr::Ident(_) | Expr::Select(_) => match self.name(part) {
                Some((at, name)) => (at, What::Name(name)),
                None => return strange("a part of something"),
            },
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(truth) => (own, What::Truth(*truth.inner())),
                LiteralValue::Double(number) => (own, What::Number(*number.inner())),
                LiteralValue::Int(number) => (own, What::Number(*number.inner() as f64)),
                LiteralValue::UInt(number) => (own, What::Number(*number.inner() as f64)),
                LiteralValue::String(text) => (own, What::Quoted(text.inner().to_owned())),
                LiteralValue::Bytes(_) | LiteralValue::Null => return strange("this"),
            },
            Expr::Call(call) => {
                let name = call.func_name.as_str();
                match name {
                    op::CONDITIONAL => return strange("a choice"),
                    op::IN | op::INDEX | op::OPT_INDEX | op::OPT_SELECT => {
                        return strange("a list, or a part of one,");
                    }
                    _ if call.target.is_some() => return strange("a function of something"),
                    _ => {}
                }
                let parts: Result<Vec<Tree>, Fault> = call
                    .args
                    .iter()
                    .map(|part| self.tree(part, depth + 1))
                    .collect();
                let parts = parts?;
                let is_function = name.chars().all(|c| c.is_alphanumeric() || c == '_')
                    && name.starts_with(char::is_alphabetic);
                let start = if is_function {
                    // Its place is that of the parenthesis.
                    own.start.saturating_sub(name.len())
                } else {
                    own.start
                };
                let ends = parts.iter().map(|part| &part.at);
                let from = ends.clone().map(|at| at.start).fold(start, usize::min);
                let to = ends.map(|at| at.end).fold(own.end, usize::max);
                let to = if is_function { self.closed(to) } else { to };
                (from..to, What::Call(name.to_owned(), parts))
            }
            Expr::Comprehension(_) => return strange("a loop"),
            Expr::List(_) | Expr::Map(_) | Expr::Struct(_) => return strange("a list"),
            Expr::Unspecified => return strange("this"),
        };
        Ok(Tree { at, what })
    }

    /// Up to and with the parenthesis that closes a call.
    fn closed(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        from + if rest[blank..].starts_with(')') {
            blank + 1
        } else {
            0
        }
    }

    /// A name with dots, and where it stands.
    fn name(&self, part: &IdedExpr) -> Option<(Range<usize>, String)> {
        match &part.expr {
            Expr::Ident(name) => {
                let at = self.place(part.id);
                Some((at.start..at.start + name.len(), name.clone()))
            }
            Expr::Select(select) if !select.test => {
                let (at, name) = self.name(&select.operand)?;
                // The place of a selection is its dot; there may be blanks behind it.
                let dot = self.place(part.id).end;
                let rest = self.text.get(dot..)?;
                let end = dot + (rest.len() - rest.trim_start().len()) + select.field.len();
                Some((at.start..end, format!("{name}.{}", select.field)))
            }
            _ => None,
        }
    }
}
