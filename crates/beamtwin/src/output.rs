//! Saying things to whoever may or may not be listening.

use std::io::{self, Write};

use crate::failure::Failure;

/// Prints a result. Somebody who has stopped reading (`| head`) has read enough.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::usage(format!(
            "failed to write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Prints a line of a result.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::output::print(&format!("{}\n", format_args!($($text)*)))?
    };
}
pub(crate) use say;

/// Says what is wrong, to whoever reads it.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
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
