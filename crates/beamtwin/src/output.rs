//! Saying things to whoever may or may not be listening.

use std::io::{self, IsTerminal, Write};

use beamtwin_report::{Screen, printable};
use terminal_size::terminal_size_of;

use crate::failure::Failure;

/// Prints a result as it is, for another program. Somebody who has stopped reading (`| head`) has read enough.
pub(crate) fn print(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_ref()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::usage(format!(
            "failed to write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Prints a result for a person, without anything that would command the terminal.
pub(crate) fn tell(text: &str) -> Result<(), Failure> {
    print(printable(text).as_bytes())
}

/// What standard output is: a terminal of some width, with colours unless `NO_COLOR` forbids them, or
/// something that wants a plain text.
pub(crate) fn screen() -> Screen {
    let out = io::stdout();
    if !out.is_terminal() {
        return Screen::default();
    }
    let width = terminal_size_of(&out).map_or(Screen::default().width, |it| it.0.0.into());
    let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty())
        || std::env::var_os("TERM").is_some_and(|it| it == "dumb");
    Screen {
        width,
        live: true,
        color: !plain,
    }
}

/// Prints a line of a result for a person, without anything that would command the terminal.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::output::tell(&format!("{}\n", format_args!($($text)*)))?
    };
}
pub(crate) use say;

/// Says what is wrong, to whoever reads it.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", printable(text.trim_end()));
}

/// A writer whose failures are nobody's business: a log that nobody reads must not end a server.
pub(crate) struct Unheard<W>(pub(crate) W);

impl<W: Write> Write for Unheard<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}
