//! Which line of a script asked for what, on its way into the record of the session.

use std::io;
use std::path::Path;
use std::rc::Rc;

use beamtwin_sim::{ClientId, PvId};

use super::{Engine, Shared};
use crate::lines::{Lines, Socket};

impl Engine {
    /// Reads which lines were told of until now.
    pub fn hear_lines(&mut self) {
        if let Some(lines) = &mut self.lines {
            lines.hear(&self.world);
        }
    }

    /// The last exception that ended a script and that nobody caught, and the line that it came from.
    #[must_use]
    pub fn exception(&self) -> Option<(&str, Option<&str>)> {
        let (text, line) = self.lines.as_ref()?.exception()?;
        Some((text, line.as_deref()))
    }

    /// The line that was the first to reach for an address, or to look up a name.
    #[must_use]
    pub fn reached(&self, to: &str) -> Option<&str> {
        self.lines.as_ref()?.reach(to)
    }

    /// A put comes next: its line goes into the record with it.
    pub(super) fn line_of_put(&mut self, pv: PvId, by: Option<ClientId>) {
        self.hear_lines();
        let client = by.and_then(|by| Some((by, &*self.clients.get(&by)?.0.addr)));
        let line = self.lines.as_mut().zip(client);
        let line = line.and_then(|(lines, client)| lines.put(pv, client));
        self.record_line(line);
    }

    /// A name that is not served comes next: its line goes into the record with it.
    pub(super) fn line_of_miss(&mut self, name: &str) {
        self.hear_lines();
        let line = self.lines.as_mut().and_then(|lines| lines.miss(name));
        self.record_line(line);
    }

    fn record_line(&mut self, line: Option<String>) {
        let Some(line) = line else {
            return;
        };
        // What happened before is not of that line.
        self.drain();
        if let Some(recorder) = &mut self.recorder {
            recorder.at(line);
        }
    }
}

impl Shared {
    /// Lets lines be told at a path from now on. Needs a tokio runtime.
    ///
    /// # Errors
    /// If there can be no socket.
    pub fn tell_lines(&self, path: &Path) -> io::Result<Rc<Socket>> {
        let socket = Socket::bind(path)?;
        let lines = Lines::new(Rc::clone(&socket));
        self.act(|engine| engine.lines = Some(lines));
        Ok(socket)
    }
}
