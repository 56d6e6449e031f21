//! The commands, one file each.

mod check;
mod compare;
mod ctl;
mod explain;
mod list;
mod preflight;
mod replay;
mod rules;
mod run;
mod schema;
mod score;
mod serving;
mod trace;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(check::Arguments),
    Compare(compare::Arguments),
    Ctl(ctl::Arguments),
    Explain(explain::Arguments),
    List(list::Arguments),
    Preflight(Box<preflight::Arguments>),
    Replay(Box<replay::Arguments>),
    Rules(rules::Arguments),
    Run(Box<run::Arguments>),
    Schema(schema::Arguments),
    Score(score::Arguments),
    #[command(subcommand)]
    Trace(trace::Command),
}

impl Command {
    /// What is logged unless `BEAMTWIN_LOG` says otherwise. A preflight tells all of it in its report.
    pub(crate) const fn level(&self) -> &'static str {
        match self {
            Self::Preflight(_) => "error",
            _ => "info",
        }
    }

    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Check(arguments) => check::run(&arguments),
            Self::Compare(arguments) => compare::run(&arguments),
            Self::Ctl(arguments) => ctl::run(&arguments),
            Self::Explain(arguments) => explain::run(&arguments),
            Self::List(arguments) => list::run(&arguments),
            Self::Preflight(arguments) => preflight::run(&arguments),
            Self::Replay(arguments) => replay::run(&arguments),
            Self::Rules(arguments) => rules::run(&arguments),
            Self::Run(arguments) => run::run(*arguments),
            Self::Schema(arguments) => schema::run(&arguments),
            Self::Score(arguments) => score::run(&arguments),
            Self::Trace(command) => trace::run(command),
        }
    }
}
