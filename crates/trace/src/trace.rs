//! A whole recorded session in memory.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use serde::Serialize;

use crate::{Channel, Client, Fact, Header, Line, ReadError, Reader, Source, Time, What, Writer};

/// A recorded session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// What was recorded.
    pub header: Header,
    /// The beamline file, if the trace carries it.
    pub source: Option<Source>,
    /// The channels by their numbers.
    pub dictionary: BTreeMap<u32, Channel>,
    /// Who was connected, by number.
    pub clients: BTreeMap<u32, Client>,
    /// What happened, in the order it was recorded.
    pub facts: Vec<Fact>,
    /// How the recording ended.
    pub end: End,
    /// How many records the footer counted, which is the number of facts unless lines are missing.
    pub counted: Option<u64>,
    /// Kinds of line the reader did not know, with how many of each it skipped.
    pub skipped: BTreeMap<String, u64>,
}

/// How a recording ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The recorder closed the trace at this time.
    Complete(Time),
    /// The recorder gave up at this time, for this reason.
    Stopped(Time, String),
    /// There is no footer: the recorder was killed, or the file was cut.
    CutShort,
}

impl Trace {
    /// A trace without facts, to be filled.
    pub fn new(header: Header) -> Self {
        Self {
            header,
            source: None,
            dictionary: BTreeMap::new(),
            clients: BTreeMap::new(),
            facts: Vec::new(),
            end: End::CutShort,
            counted: None,
            skipped: BTreeMap::new(),
        }
    }

    /// Reads a whole trace.
    pub fn read(input: impl BufRead) -> Result<Self, ReadError> {
        let mut reader = Reader::new(input)?;
        let mut trace = Self::new(reader.header().clone());
        while let Some(line) = reader.next_line()? {
            match line {
                Line::Header(_) => {}
                Line::Source(source) => trace.source = Some(source),
                Line::Channel(pv, channel) => {
                    trace.dictionary.insert(pv, channel);
                }
                Line::Open(number, client) => {
                    trace.clients.insert(number, client);
                }
                Line::Close(number, t) => {
                    trace.clients.entry(number).or_default().close = Some(t);
                }
                Line::Fact(fact) => trace.facts.push(fact),
                Line::End(end, counted) => {
                    trace.end = end;
                    trace.counted = Some(counted);
                }
            }
        }
        trace.skipped.clone_from(reader.skipped());
        Ok(trace)
    }

    /// Writes the trace with its whole dictionary first and its clients where their times put them.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        let mut writer = Writer::new(out);
        writer.header(&self.header)?;
        if let Some(source) = &self.source {
            writer.source(source)?;
        }
        for (&pv, channel) in &self.dictionary {
            writer.channel(pv, channel)?;
        }
        let mut opens: Vec<_> = self.clients.iter().collect();
        opens.sort_by_key(|(_, client)| client.open);
        let mut closes: Vec<_> = self
            .clients
            .iter()
            .filter_map(|(&id, client)| Some((client.close?, id)))
            .collect();
        closes.sort_unstable();
        let (mut opens, mut closes) = (opens.into_iter().peekable(), closes.into_iter().peekable());
        for fact in &self.facts {
            while let Some((&id, client)) = opens.next_if(|(_, client)| client.open <= fact.t) {
                writer.open(id, client)?;
            }
            while let Some((t, id)) = closes.next_if(|&(t, _)| t < fact.t) {
                writer.close(id, t)?;
            }
            writer.fact(fact)?;
        }
        for (&id, client) in opens {
            writer.open(id, client)?;
        }
        for (t, id) in closes {
            writer.close(id, t)?;
        }
        match &self.end {
            End::Complete(t) => writer.complete(*t)?,
            End::Stopped(t, reason) => writer.stopped(*t, reason)?,
            End::CutShort => {}
        }
        Ok(())
    }

    /// The channel a put or post speaks of.
    pub fn channel(&self, pv: u32) -> Option<&Channel> {
        self.dictionary.get(&pv)
    }

    /// Whether a client asked for anything.
    pub fn has_puts(&self) -> bool {
        self.facts
            .iter()
            .any(|fact| matches!(fact.what, What::Put(_)))
    }

    /// The last moment the trace speaks of.
    pub fn last(&self) -> Time {
        let footer = match &self.end {
            End::Complete(t) | End::Stopped(t, _) => *t,
            End::CutShort => Time::ZERO,
        };
        self.facts
            .iter()
            .map(|fact| fact.t)
            .max()
            .map_or(footer, |t| t.max(footer))
    }
}
