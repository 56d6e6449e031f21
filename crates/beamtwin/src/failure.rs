//! What a command says when it cannot do its work, and the code it exits with.

use std::error::Error;
use std::process::ExitCode;

use crate::output;

/// Exit codes beside 0: all is well.
pub(crate) mod code {
    /// There are findings: problems in a file, sessions that differ.
    pub(crate) const FINDINGS: u8 = 1;
    /// The arguments or a file are of no use.
    pub(crate) const USAGE: u8 = 2;
    /// The network would not.
    pub(crate) const NETWORK: u8 = 3;
    /// A command that was run failed.
    pub(crate) const COMMAND: u8 = 4;
    /// A bug of ours.
    pub(crate) const BUG: u8 = 70;
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    /// A file or an argument is of no use.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self {
            code: code::USAGE,
            text: text.into(),
        }
    }

    /// The network would not.
    pub(crate) fn network(text: impl Into<String>) -> Self {
        Self {
            code: code::NETWORK,
            text: text.into(),
        }
    }

    /// Failed to do something, because of an error and of what caused it.
    pub(crate) fn because(code: u8, error: &dyn Error) -> Self {
        let mut text = format!("failed to {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        Self { code, text }
    }

    /// Says it and gives the code to exit with.
    pub(crate) fn report(&self) -> ExitCode {
        output::complain(&format!("beamtwin: {}", self.text));
        ExitCode::from(self.code)
    }
}
