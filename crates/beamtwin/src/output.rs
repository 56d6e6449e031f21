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

/// The last line of a terminal, kept for one text while others write above it; gone when dropped.
pub(crate) struct Line {
    rows: u16,
    width: usize,
}

impl Line {
    /// The last line of the terminal of standard error, if that is one.
    pub(crate) fn new() -> Option<Self> {
        let (width, rows) = terminal_size_of(io::stderr())?;
        let rows = rows.0.max(2);
        // Makes room, and lets all but the last line scroll, as apt does.
        let above = rows - 1;
        let _ = write!(io::stderr(), "\n\x1b7\x1b[1;{above}r\x1b8\x1b[1A");
        Some(Self {
            rows,
            width: width.0.into(),
        })
    }

    /// Shows a text.
    pub(crate) fn show(&mut self, text: &str) {
        let text = printable(text);
        let text: String = text.chars().take(self.width.saturating_sub(1)).collect();
        let rows = self.rows;
        let _ = write!(
            io::stderr(),
            "\x1b7\x1b[{rows};1H\x1b[2K\x1b[2m{text}\x1b[0m\x1b8"
        );
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let rows = self.rows;
        let _ = write!(io::stderr(), "\x1b7\x1b[r\x1b[{rows};1H\x1b[2K\x1b8");
    }
}
