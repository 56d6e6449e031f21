//! The file of a trace: how much of it is whole lines, and how it ends if it has to end early.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A file that is written line by line, many at a time.
#[derive(Debug)]
pub(super) struct Kept {
    file: File,
}

/// How much of a file is looked at, at a time, for the end of a line.
const CHUNK: u64 = 64 << 10;

impl Kept {
    /// An empty file.
    pub(super) const fn new(file: File) -> Self {
        Self { file }
    }

    /// Appends whole lines.
    pub(super) fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.write_all(lines)
    }

    /// Waits until all is on disk. Special files cannot be told to, which is no loss.
    pub(super) fn sync(&self) -> io::Result<()> {
        let synced = self.file.sync_all();
        if self.is_plain() { synced } else { Ok(()) }
    }

    /// Ends the trace as well as still can be: whole lines only, and a footer that says why. If the disk is
    /// full, the last lines make room for it.
    pub(super) fn cut_short(&mut self, reason: &str) {
        // What went into a pipe or a device cannot be taken back, and reading it may never end.
        if self.is_plain() {
            let _ = self.end_early(reason);
        }
    }

    fn end_early(&mut self, reason: &str) -> io::Result<()> {
        // Of the lines that failed some may have arrived.
        let end = self.file.seek(SeekFrom::End(0))?;
        let Some(mut at) = self.line_end(end)? else {
            return Ok(());
        };
        let last = self.line_end(at - 1)?.unwrap_or(0);
        if self.bytes(last, at)?.starts_with(b"{\"end\"") {
            at = last;
        }
        while at > 0 {
            let footer = self.footer(at, reason)?;
            self.file.set_len(at)?;
            self.file.seek(SeekFrom::Start(at))?;
            if self.file.write_all(footer.as_bytes()).is_ok() {
                return self.file.sync_all();
            }
            self.file.set_len(at)?;
            at = self.line_end(at - 1)?.unwrap_or(0);
        }
        Ok(())
    }

    /// Where the last line ends that ends at `limit` or before.
    fn line_end(&mut self, limit: u64) -> io::Result<Option<u64>> {
        let mut end = limit;
        while end > 0 {
            let start = end.saturating_sub(CHUNK);
            let chunk = self.bytes(start, end)?;
            if let Some(newline) = chunk.iter().rposition(|&byte| byte == b'\n') {
                return Ok(Some(start + newline as u64 + 1));
            }
            end = start;
        }
        Ok(None)
    }

    /// The last line of a recording that stopped before its session did, after the lines up to `at`.
    fn footer(&mut self, at: u64, reason: &str) -> io::Result<String> {
        let mut last = None;
        let mut end = at;
        while last.is_none() && end > 0 {
            let start = self.line_end(end - 1)?.unwrap_or(0);
            last = fact(&self.bytes(start, end)?);
            end = start;
        }
        let (records, t) = last.unwrap_or_else(|| (0, "0.0".to_owned()));
        let reason = serde_json::Value::from(reason);
        Ok(format!(
            "{{\"end\":{{\"t\":{t},\"records\":{records},\"complete\":false,\"reason\":{reason}}}}}\n"
        ))
    }

    fn bytes(&mut self, start: u64, end: u64) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        (&self.file).take(end - start).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn is_plain(&self) -> bool {
        self.file
            .metadata()
            .is_ok_and(|metadata| metadata.is_file())
    }
}

/// The number and the time of a line that is a fact.
fn fact(line: &[u8]) -> Option<(u64, String)> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    Some((line.get("n")?.as_u64()?, line.get("t")?.to_string()))
}

#[cfg(test)]
mod tests;
