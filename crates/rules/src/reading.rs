//! A tree to a formula, with its names and types checked.

mod number;
mod typed;

use std::ops::Range;

use beamtwin_pv::nearest::nearest;
use cel::common::ast::operators as op;

use crate::expression::{Tree, What, parse};
use crate::formula::{Condition, Number};
use crate::names::{Known, Names, Test};
use crate::rule::Fault;
use typed::Typed;

/// A process variable that a formula is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) pv: String,
    pub(crate) curve: bool,
}

/// A comparison of a formula, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// As it is written.
    pub(crate) text: String,
    /// The units of what is compared, if they are known and all the same.
    pub(crate) units: Option<String>,
}

/// What may be called.
const FUNCTIONS: [&str; 5] = ["abs", "min", "max", "between", "rate"];

/// Reads the expressions of one rule, whose formulas share their signals and comparisons.
pub(crate) struct Reading<'n, N> {
    names: &'n N,
    uses: Vec<Use>,
    comparisons: Vec<Comparison>,
    /// Of the expression that is being read.
    text: String,
    faults: Vec<Fault>,
}

impl<'n, N: Names> Reading<'n, N> {
    pub(crate) fn new(names: &'n N) -> Self {
        Self {
            names,
            uses: Vec::new(),
            comparisons: Vec::new(),
            text: String::new(),
            faults: Vec::new(),
        }
    }

    /// Reads one expression; all that is wrong with it.
    pub(crate) fn condition(&mut self, text: &str) -> (Option<Condition>, Vec<Fault>) {
        text.clone_into(&mut self.text);
        let condition = match parse(text) {
            Ok(tree) => self.truth(&tree),
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        };
        (condition, std::mem::take(&mut self.faults))
    }

    /// What the expressions are about.
    pub(crate) fn done(self) -> (Vec<Use>, Vec<Comparison>) {
        (self.uses, self.comparisons)
    }

    fn wrong<T>(&mut self, fault: Fault) -> Option<T> {
        self.faults.push(fault);
        None
    }

    fn said(&self, at: &Range<usize>) -> String {
        self.text.get(at.clone()).unwrap_or_default().to_owned()
    }

    /// The place of a process variable among those of the formula.
    fn signal(&mut self, known: &Known) -> usize {
        let same = |used: &Use| used.pv == known.pv;
        self.uses.iter().position(same).unwrap_or_else(|| {
            self.uses.push(Use {
                pv: known.pv.clone(),
                curve: known.curve,
            });
            self.uses.len() - 1
        })
    }

    /// What a name leads to, if the part is one.
    fn known(&mut self, tree: &Tree) -> Option<Option<Known>> {
        let found = match &tree.what {
            What::Name(name) => self.names.word(name),
            What::Quoted(name) => self.names.pv(name),
            _ => return None,
        };
        Some(match found {
            Ok(known) => Some(known),
            Err(unknown) => self.wrong(Fault {
                at: tree.at.clone(),
                message: unknown.message,
                hint: unknown.hint,
            }),
        })
    }

    /// A part that must be a condition.
    fn truth(&mut self, tree: &Tree) -> Option<Condition> {
        if let Some(known) = self.known(tree) {
            let known = known?;
            let Some(test) = known.test else {
                let what = self.said(&tree.at);
                let fault =
                    Fault::new(tree.at.clone(), format!("{what} is a number, no condition"));
                return self.wrong(fault.hint(format!("compare it: {what} == 1")));
            };
            let signal = Typed {
                number: Number::Signal(self.signal(&known)),
                ..Typed::constant(0.0)
            };
            let (value, is) = match test {
                Test::Is(value) => (value, true),
                Test::IsNot(value) => (value, false),
            };
            let zero = Condition::Zero(signal.minus(Typed::constant(value)).number);
            return Some(if is { zero } else { zero.not() });
        }
        let (name, parts) = match &tree.what {
            What::Truth(truth) => return Some(Condition::Constant(*truth)),
            What::Call(name, parts) => (name.as_str(), parts.as_slice()),
            _ => return self.no_condition(tree),
        };
        match (name, parts) {
            (op::LOGICAL_NOT, [a]) => self.truth(a).map(Condition::not),
            (op::LOGICAL_AND | op::LOGICAL_OR, [a, b]) => {
                // Both, so that all that is wrong is told.
                let (a, b) = (self.truth(a), self.truth(b));
                let (a, b) = (a?, b?);
                Some(if name == op::LOGICAL_AND {
                    a.and(b)
                } else {
                    a.or(b)
                })
            }
            (op::LESS | op::LESS_EQUALS, [a, b]) => self.above(tree, b, a, name == op::LESS_EQUALS),
            (op::GREATER | op::GREATER_EQUALS, [a, b]) => {
                self.above(tree, a, b, name == op::GREATER_EQUALS)
            }
            (op::EQUALS, [a, b]) => self.equal(tree, a, b),
            (op::NOT_EQUALS, [a, b]) => self.equal(tree, a, b).map(Condition::not),
            ("between", [x, low, high]) => {
                let above = self.above(tree, x, low, true);
                let below = self.above(tree, high, x, true);
                Some(above?.and(below?))
            }
            ("between", _) => {
                let message = "between takes three numbers";
                let hint = "write between(motor.x.position, 1, 2)";
                self.wrong(Fault::new(tree.at.clone(), message).hint(hint))
            }
            ("abs" | "min" | "max" | "rate", _) => self.no_condition(tree),
            (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::NEGATE, _) => {
                self.no_condition(tree)
            }
            _ => self.no_function(tree, name),
        }
    }

    fn no_condition(&mut self, tree: &Tree) -> Option<Condition> {
        let message = format!("{} is a number, no condition", self.said(&tree.at));
        self.wrong(Fault::new(tree.at.clone(), message).hint("compare it with another number"))
    }

    fn no_function<T>(&mut self, tree: &Tree, name: &str) -> Option<T> {
        if name == op::MODULO {
            let message = "a rest of a division cannot stand in a rule";
            return self.wrong(Fault::new(tree.at.clone(), message));
        }
        let near = nearest(name, FUNCTIONS);
        let all = format!("functions are {}", FUNCTIONS.join(", "));
        let hint = near.map_or(all, |near| format!("did you mean `{near}`?"));
        self.wrong(Fault::new(tree.at.clone(), format!("no function `{name}`")).hint(hint))
    }

    /// The first above the second.
    fn above(&mut self, tree: &Tree, a: &Tree, b: &Tree, or_zero: bool) -> Option<Condition> {
        let (a, b) = (self.number(a), self.number(b));
        let difference = a?.minus(b?);
        if let Some(value) = difference.is_constant() {
            return Some(Condition::Constant(
                value > 0.0 || (value == 0.0 && or_zero),
            ));
        }
        let comparison = u16::try_from(self.comparisons.len()).unwrap_or(u16::MAX);
        let text = self.said(&tree.at);
        let units = difference.units.filter(|_| !difference.mixed);
        self.comparisons.push(Comparison { text, units });
        Some(Condition::Above {
            number: difference.number,
            or_zero,
            comparison,
        })
    }

    fn equal(&mut self, tree: &Tree, a: &Tree, b: &Tree) -> Option<Condition> {
        for (text, other) in [(a, b), (b, a)] {
            // The name of a state, where it is not a PV.
            if let (What::Quoted(label), Some(Some(known))) = (&text.what, self.peek(other)) {
                if self.names.pv(label).is_ok() {
                    continue;
                }
                let Some(place) = known.labels.iter().position(|known| known == label) else {
                    let message = match known.labels.is_empty() {
                        true => format!("{} has no states with names", self.said(&other.at)),
                        false => format!("{} is never `{label}`", self.said(&other.at)),
                    };
                    let near = nearest(label, known.labels.iter().map(String::as_str));
                    let all = format!("it may be {}", known.labels.join(", "));
                    let fault = Fault::new(text.at.clone(), message);
                    return self.wrong(match near {
                        Some(near) => fault.hint(format!("did you mean `{near}`?")),
                        None if known.labels.is_empty() => fault,
                        None => fault.hint(all),
                    });
                };
                let signal = Box::new(Number::Signal(self.signal(&known)));
                let label = Box::new(Number::Constant(-(place as f64)));
                return Some(Condition::Zero(Number::Sum(signal, label)));
            }
        }
        let (a, b) = (self.number(a), self.number(b));
        let difference = a?.minus(b?);
        if let Some(value) = difference.is_constant() {
            return Some(Condition::Constant(value == 0.0));
        }
        if !difference.steps {
            let message = format!("{}: what moves is never just equal", self.said(&tree.at));
            let hint = "say how near: abs(motor.x.position - 3) < 0.01";
            return self.wrong(Fault::new(tree.at.clone(), message).hint(hint));
        }
        Some(Condition::Zero(difference.number))
    }

    /// What a name leads to, without a word on what is wrong with it.
    fn peek(&self, tree: &Tree) -> Option<Option<Known>> {
        match &tree.what {
            What::Name(name) => Some(self.names.word(name).ok()),
            What::Quoted(name) => Some(self.names.pv(name).ok()),
            _ => None,
        }
    }
}
