//! Parts of an expression that are numbers.

use cel::common::ast::operators as op;

use super::Reading;
use super::typed::{Typed, folded};
use crate::expression::{Tree, What};
use crate::formula::Number;
use crate::names::Names;
use crate::rule::Fault;

impl<N: Names> Reading<'_, N> {
    /// A part that must be a number.
    pub(super) fn number(&mut self, tree: &Tree) -> Option<Typed> {
        if let Some(known) = self.known(tree) {
            let known = known?;
            if known.test.is_some() {
                return self.no_number(tree);
            }
            return Some(Typed {
                number: Number::Signal(self.signal(&known)),
                steps: !known.curve,
                units: known.units,
                mixed: false,
            });
        }
        let (name, parts) = match &tree.what {
            What::Number(value) => return Some(Typed::constant(*value)),
            What::Call(name, parts) => (name.as_str(), parts.as_slice()),
            _ => return self.no_number(tree),
        };
        match (name, parts) {
            (op::NEGATE, [a]) => Some(self.number(a)?.scaled(-1.0)),
            (op::ADD | op::SUBSTRACT, [a, b]) => {
                let (a, b) = (self.number(a), self.number(b));
                let (a, b) = (a?, b?);
                Some(if name == op::ADD {
                    a.with(b, Number::Sum)
                } else {
                    a.minus(b)
                })
            }
            (op::MULTIPLY, [a, b]) => {
                let (a, b) = (self.number(a), self.number(b));
                let (a, b) = (a?, b?);
                match (a.is_constant(), b.is_constant()) {
                    (Some(factor), _) => Some(b.scaled(factor)),
                    (_, Some(factor)) => Some(a.scaled(factor)),
                    (None, None) => self.bent(tree, "a product of two readings"),
                }
            }
            (op::DIVIDE, [a, b]) => {
                let (a, divisor) = (self.number(a), self.number(b));
                let (a, divisor) = (a?, divisor?);
                match divisor.is_constant() {
                    Some(0.0) => self.wrong(Fault::new(b.at.clone(), "a division by zero")),
                    Some(divisor) => Some(a.scaled(1.0 / divisor)),
                    None => self.bent(tree, "a division by a reading"),
                }
            }
            ("abs", [a]) => {
                let a = self.number(a)?;
                let minus = Number::Scaled(-1.0, Box::new(a.number.clone()));
                let number = Number::Greatest(Box::new(a.number), Box::new(minus));
                Some(Typed {
                    number: folded(number),
                    ..a
                })
            }
            ("min" | "max", [first, rest @ ..]) => {
                let mut all = Some(self.number(first));
                for part in rest {
                    let part = self.number(part);
                    all = all.map(|all| {
                        let choose = if name == "min" {
                            Number::Least
                        } else {
                            Number::Greatest
                        };
                        Some(all?.with(part?, choose))
                    });
                }
                all.flatten()
            }
            ("rate", [a]) => self.rate(a),
            ("abs" | "rate" | "min" | "max", _) => {
                let count = if name == "min" || name == "max" {
                    "at least one number"
                } else {
                    "one number"
                };
                self.wrong(Fault::new(tree.at.clone(), format!("{name} takes {count}")))
            }
            (
                op::LOGICAL_AND
                | op::LOGICAL_OR
                | op::LOGICAL_NOT
                | op::LESS
                | op::LESS_EQUALS
                | op::GREATER
                | op::GREATER_EQUALS
                | op::EQUALS
                | op::NOT_EQUALS
                | "between",
                _,
            ) => self.no_number(tree),
            _ => self.no_function(tree, name),
        }
    }

    fn no_number(&mut self, tree: &Tree) -> Option<Typed> {
        let message = format!("{} is a condition, no number", self.said(&tree.at));
        let fault = Fault::new(tree.at.clone(), message);
        let is_chain = matches!(&tree.what, What::Call(name, _) if name.starts_with("_<") || name.starts_with("_>"));
        self.wrong(if is_chain {
            fault.hint("two comparisons are joined by &&: 1 < x && x < 2")
        } else {
            fault.hint("a condition stands alone, or with ! before it")
        })
    }

    fn bent(&mut self, tree: &Tree, what: &str) -> Option<Typed> {
        let message = format!("{what} does not run straight between two samples");
        let hint = "multiply and divide by numbers";
        self.wrong(Fault::new(tree.at.clone(), message).hint(hint))
    }

    fn rate(&mut self, tree: &Tree) -> Option<Typed> {
        let known = match self.known(tree) {
            Some(known) => known?,
            None => {
                let fault = Fault::new(tree.at.clone(), "a rate is that of one reading");
                return self.wrong(fault.hint("write rate(motor.x.position)"));
            }
        };
        if !known.curve {
            let message = format!(
                "{} changes in steps, which have no rate",
                self.said(&tree.at)
            );
            return self.wrong(Fault::new(tree.at.clone(), message));
        }
        Some(Typed {
            number: Number::Rate(self.signal(&known)),
            // It changes in steps, but is compared as what moves is.
            steps: false,
            units: known.units.map(|units| format!("{units}/s")),
            mixed: false,
        })
    }
}
