//! The command line: one file per command, no logic of its own.

mod commands;
mod failure;
mod files;
mod output;
mod prepared;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::commands::Command;

/// Gives memory back to the system that is no longer needed, which that of glibc does not.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// An EPICS-compatible digital twin of a beamline: serves it, records it, compares sessions.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("BEAMTWIN_LOG")
        .unwrap_or_else(|_| EnvFilter::new(arguments.command.level()));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| output::Unheard(std::io::stderr()))
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_target(false)
        .init();
    match std::panic::catch_unwind(|| arguments.command.run()) {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => failure.report(),
        Err(_) => ExitCode::from(failure::code::BUG),
    }
}
