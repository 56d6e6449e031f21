//! Bytes to traces, one line at a time.

mod fields;
mod plain;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};

use thiserror::Error;

use crate::{Channel, Client, End, Fact, Header, Post, Put, Role, Source, Time, VERSION, What};
use fields::{Fault, Fields};

/// One line of a trace.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// The first line.
    Header(Header),
    /// The text of the beamline file.
    Source(Source),
    /// A channel and its number.
    Channel(u32, Channel),
    /// A client came.
    Open(u32, Client),
    /// A client went.
    Close(u32, Time),
    /// Something happened.
    Fact(Fact),
    /// The footer, and how many records it counts.
    End(End, u64),
}

/// Why a trace could not be read; each message finishes "failed to …".
#[derive(Debug, Error)]
pub enum ReadError {
    /// The input itself failed.
    #[error("read the trace")]
    Input(#[from] io::Error),
    /// The first line is not the header of a trace.
    #[error("find a trace: the first line is not {{\"trace\":\"1.0\",…}}")]
    NotATrace,
    /// The format is another major version.
    #[error(
        "read trace format {found}: this program reads {}.x; use the release that wrote the trace",
        VERSION.major
    )]
    OtherVersion {
        /// The version the header states.
        found: String,
    },
    /// A line in the middle is damaged.
    #[error("read line {line}: {why}")]
    Damaged {
        /// The number of the line, from one.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads a trace line by line.
///
/// A last line that breaks off is tolerated, and [`Reader::cut_short`] says so. Kinds of line from
/// a newer minor version are skipped and counted.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    buffer: Vec<u8>,
    at: u64,
    header: Header,
    known: BTreeSet<u32>,
    last: u64,
    time: Time,
    ended: bool,
    broken: bool,
    skipped: BTreeMap<String, u64>,
}

impl<R: BufRead> Reader<R> {
    /// Starts reading, and reads the header.
    pub fn new(mut input: R) -> Result<Self, ReadError> {
        let mut buffer = Vec::new();
        input.read_until(b'\n', &mut buffer)?;
        let header = Fields::parse(&buffer)
            .and_then(|mut fields| header(&mut fields))
            .map_err(|_| ReadError::NotATrace)??;
        Ok(Self {
            input,
            buffer,
            at: 1,
            header,
            known: BTreeSet::new(),
            last: 0,
            time: Time::ZERO,
            ended: false,
            broken: false,
            skipped: BTreeMap::new(),
        })
    }

    /// The first line.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether the input ended without a footer, or in the middle of a line.
    pub fn cut_short(&self) -> bool {
        !self.ended
    }

    /// Whether the last line broke off and was dropped.
    pub fn broken_off(&self) -> bool {
        self.broken
    }

    /// Kinds of line that were skipped because nobody here knows them, with how many of each.
    pub fn skipped(&self) -> &BTreeMap<String, u64> {
        &self.skipped
    }

    /// The next line after the header, or none at the end.
    pub fn next_line(&mut self) -> Result<Option<Line>, ReadError> {
        loop {
            self.buffer.clear();
            self.at += 1;
            if self.broken || self.input.read_until(b'\n', &mut self.buffer)? == 0 {
                return Ok(None);
            }
            if self.buffer.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match self.parse() {
                Ok(Some(line)) => return Ok(Some(line)),
                Ok(None) => {}
                Err(_) if !self.ended && self.input.fill_buf()?.is_empty() => self.broken = true,
                Err(fault) => {
                    return Err(ReadError::Damaged {
                        line: self.at,
                        why: fault.to_string(),
                    });
                }
            }
        }
    }

    fn parse(&mut self) -> Result<Option<Line>, Fault> {
        if let Some(fact) = plain::fact(&self.buffer).filter(|_| !self.ended) {
            return self.known(Some(Line::Fact(fact)));
        }
        let mut fields = Fields::parse(&self.buffer)?;
        if self.ended {
            return Err(Fault::AfterEnd);
        }
        let line = if fields.has("n") || fields.has("t") {
            let n = fields.take("n")?.unwrap_or(self.last.saturating_add(1));
            fact(&mut fields, n)?.map(Line::Fact)
        } else {
            introduction(&mut fields)?
        };
        if line.is_none() {
            *self.skipped.entry(fields.kind().to_owned()).or_default() += 1;
        }
        self.known(line)
    }

    /// Keeps in mind what a line says of those that follow.
    fn known(&mut self, line: Option<Line>) -> Result<Option<Line>, Fault> {
        if let Some(Line::Fact(fact)) = &line {
            self.follows(fact)?;
        }
        match &line {
            Some(Line::Channel(pv, _)) => {
                self.known.insert(*pv);
            }
            Some(Line::Fact(Fact {
                what: What::Put(Put { pv, .. }) | What::Post(Post { pv, .. }),
                ..
            })) if !self.known.contains(pv) => return Err(Fault::Unintroduced(*pv)),
            Some(Line::End(..)) => self.ended = true,
            Some(_) | None => {}
        }
        Ok(line)
    }
}

impl<R> Reader<R> {
    /// Refuses a fact that is before time zero or before the one that it follows.
    fn follows(&mut self, fact: &Fact) -> Result<(), Fault> {
        if fact.t < Time::ZERO {
            return Err(Fault::Negative(fact.t));
        }
        if fact.t < self.time {
            return Err(Fault::Backwards(fact.t, self.time));
        }
        if fact.n <= self.last {
            return Err(Fault::Recounted(fact.n, self.last));
        }
        (self.time, self.last) = (fact.t, fact.n);
        Ok(())
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Line, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_line().transpose()
    }
}

fn header(fields: &mut Fields<'_>) -> Result<Result<Header, ReadError>, Fault> {
    let found: String = fields.need("trace")?;
    let (major, minor) = found.split_once('.').unwrap_or((&found, "0"));
    let (Ok(major), Ok(minor)) = (major.parse(), minor.parse()) else {
        return Err(Fault::Missing("trace"));
    };
    if major != VERSION.major {
        return Ok(Err(ReadError::OtherVersion { found }));
    }
    Ok(Ok(Header {
        version: crate::Version { major, minor },
        beamline: fields.take("beamline")?.unwrap_or_default(),
        epoch: fields
            .take("epoch")?
            .unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned()),
        seed: fields.take("seed")?.unwrap_or_default(),
        file: fields.take("file")?,
        program: fields.take("program")?.unwrap_or_default(),
        paths: fields.take("paths")?.unwrap_or_default(),
    }))
}

/// Reads a line that is no fact; none when nobody here knows its kind.
fn introduction(fields: &mut Fields<'_>) -> Result<Option<Line>, Fault> {
    if let Some(name) = fields.take("source")? {
        return Ok(Some(Line::Source(Source {
            name,
            text: fields.need("text")?,
        })));
    }
    if let Some(pv) = fields.take("pv")? {
        return Ok(Some(Line::Channel(pv, channel(fields)?)));
    }
    if let Some(number) = fields.take("client")? {
        if let Some(t) = fields.time("close")? {
            return Ok(Some(Line::Close(number, t)));
        }
        let client = Client {
            open: fields.time("open")?.ok_or(Fault::Missing("open"))?,
            close: None,
            user: fields.take("user")?,
            host: fields.take("host")?,
            addr: fields.take("addr")?,
        };
        return Ok(Some(Line::Open(number, client)));
    }
    let Some(mut footer) = fields.inner("end")? else {
        return Ok(None);
    };
    let t = footer.time("t")?.unwrap_or_default();
    let end = if footer.need("complete")? {
        End::Complete(t)
    } else {
        End::Stopped(t, footer.take("reason")?.unwrap_or_default())
    };
    Ok(Some(Line::End(
        end,
        footer.take("records")?.unwrap_or_default(),
    )))
}

fn channel(fields: &mut Fields<'_>) -> Result<Channel, Fault> {
    Ok(Channel {
        name: fields.need("name")?,
        device: fields.take("device")?,
        role: Role::of(&fields.need::<String>("role")?),
        kind: fields.take("type")?,
        units: fields.take("units")?,
        tolerance: fields.take("tolerance")?,
        labels: fields.take("labels")?.unwrap_or_default(),
        interp: fields.take("interp")?,
    })
}

/// Reads a fact; none when nobody here knows its kind.
fn fact(fields: &mut Fields<'_>, n: u64) -> Result<Option<Fact>, Fault> {
    let t = fields.time("t")?.ok_or(Fault::Missing("t"))?;
    let what = if let Some(pv) = fields.take("put")? {
        What::Put(Put {
            pv,
            value: fields.need("value")?,
            by: fields.take("by")?,
            complete: fields.take("complete")?.unwrap_or(false),
            at: fields.take("at")?,
        })
    } else if let Some(pv) = fields.take("post")? {
        What::Post(Post {
            pv,
            value: fields.need("value")?,
            severity: fields.take("severity")?,
            status: fields.take("status")?,
            stamp: fields.time("stamp")?,
            by: fields.take("by")?,
        })
    } else if let Some(put) = fields.take("refused")? {
        What::Refused {
            put,
            reason: fields.take("reason")?.unwrap_or_default(),
        }
    } else if let Some(put) = fields.take("done")? {
        What::Done { put }
    } else if let Some(put) = fields.take("cancel")? {
        What::Cancel { put }
    } else if let Some(text) = fields.take("marker")? {
        What::Marker {
            text,
            by: fields.take("by")?,
        }
    } else if let Some(text) = fields.take("fault")? {
        What::Fault {
            text,
            device: fields.take("device")?,
            by: fields.take("by")?,
        }
    } else if let Some(rule) = fields.take("broken")? {
        What::Broken {
            rule,
            text: fields.take("text")?.unwrap_or_default(),
            severity: fields.take("severity")?.unwrap_or_default(),
            since: fields.time("since")?.unwrap_or(t),
        }
    } else if let Some(text) = fields.take("pace")? {
        What::Pace { text }
    } else if let Some(name) = fields.take("snapshot")? {
        What::Snapshot {
            name,
            by: fields.take("by")?,
        }
    } else if let Some(name) = fields.take("restore")? {
        What::Restore {
            name,
            by: fields.take("by")?,
        }
    } else if let Some(name) = fields.take("miss")? {
        What::Miss {
            name,
            by: fields.take("by")?,
            at: fields.take("at")?,
        }
    } else if let Some(text) = fields.take("loss")? {
        What::Loss { text }
    } else {
        return Ok(None);
    };
    Ok(Some(Fact { n, t, what }))
}
