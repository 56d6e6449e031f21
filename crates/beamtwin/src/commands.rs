//! The commands, one file each.

mod check;
mod compare;
mod ctl;
mod explain;
mod list;
mod replay;
mod run;
mod schema;
mod score;
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
    Replay(replay::Arguments),
    Run(Box<run::Arguments>),
    Schema(schema::Arguments),
    Score(score::Arguments),
    #[command(subcommand)]
    Trace(trace::Command),
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Check(arguments) => check::run(&arguments),
            Self::Compare(arguments) => compare::run(&arguments),
            Self::Ctl(arguments) => ctl::run(&arguments),
            Self::Explain(arguments) => explain::run(&arguments),
            Self::List(arguments) => list::run(&arguments),
            Self::Replay(arguments) => replay::run(&arguments),
            Self::Run(arguments) => run::run(*arguments),
            Self::Schema(arguments) => schema::run(&arguments),
            Self::Score(arguments) => score::run(&arguments),
            Self::Trace(command) => trace::run(command),
        }
    }
}
