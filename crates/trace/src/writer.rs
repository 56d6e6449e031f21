//! Traces to bytes: hand-written formatting into one reused buffer.
//!
//! Every line is built in the buffer and handed on with one `write_all`, so that a cut falls between
//! lines unless the sink itself cuts. The same calls give the same bytes.

use std::io::{self, Write};

use crate::datum::float_name;
use crate::{
    Channel, Client, Datum, Digest, End, Fact, Header, Line, Post, Put, Source, Text, Time,
    VERSION, What,
};

/// Writes a trace line by line.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    line: Vec<u8>,
    last: u64,
    whole: Vec<bool>,
}

impl<W: Write> Writer<W> {
    /// A writer into `out`; wrap a file in a `BufWriter`, or collect into a `Vec<u8>`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            line: Vec::with_capacity(256),
            last: 0,
            whole: Vec::new(),
        }
    }

    /// What has been written into.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Gives back what has been written into.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// The number of the last fact, which is how many there are.
    pub fn records(&self) -> u64 {
        self.last
    }

    /// Writes the first line; the version is always the one this crate writes.
    pub fn header(&mut self, header: &Header) -> io::Result<()> {
        let line = &mut self.line;
        text(
            line,
            "{\"trace\":",
            &format!("{}.{}", VERSION.major, VERSION.minor),
        );
        text(line, ",\"beamline\":", &header.beamline);
        text(line, ",\"epoch\":", &header.epoch);
        whole(line, ",\"seed\":", header.seed);
        optional(line, ",\"file\":", header.file.as_deref());
        text(line, ",\"program\":", &header.program);
        for (place, path) in header.paths.iter().enumerate() {
            let key = if place == 0 { ",\"paths\":[" } else { "," };
            line.extend_from_slice(key.as_bytes());
            list(line, "[", path);
        }
        if !header.paths.is_empty() {
            line.push(b']');
        }
        self.flush_line()
    }

    /// Writes the text of the beamline file.
    pub fn source(&mut self, source: &Source) -> io::Result<()> {
        text(&mut self.line, "{\"source\":", &source.name);
        text(&mut self.line, ",\"text\":", &source.text);
        self.flush_line()
    }

    /// Introduces a channel, which must come before its first use.
    pub fn channel(&mut self, pv: u32, channel: &Channel) -> io::Result<()> {
        let place = pv as usize;
        // Numbers are dense in practice; a stray huge one only loses the cosmetics of whole numbers.
        if place < 1 << 24 {
            if self.whole.len() <= place {
                self.whole.resize(place + 1, false);
            }
            self.whole[place] = channel.is_whole();
        }
        let line = &mut self.line;
        whole(line, "{\"pv\":", pv.into());
        text(line, ",\"name\":", &channel.name);
        optional(line, ",\"device\":", channel.device.as_deref());
        text(line, ",\"role\":", channel.role.word());
        optional(line, ",\"type\":", channel.kind.as_deref());
        optional(line, ",\"units\":", channel.units.as_deref());
        if let Some(tolerance) = channel.tolerance.filter(|it| it.is_finite()) {
            line.extend_from_slice(b",\"tolerance\":");
            number(line, tolerance, false);
        }
        optional(line, ",\"interp\":", channel.interp.as_deref());
        if !channel.labels.is_empty() {
            list(line, ",\"labels\":[", &channel.labels);
        }
        self.flush_line()
    }

    /// Writes that a client came.
    pub fn open(&mut self, number: u32, client: &Client) -> io::Result<()> {
        let line = &mut self.line;
        whole(line, "{\"client\":", number.into());
        time(line, ",\"open\":", client.open);
        optional(line, ",\"user\":", client.user.as_deref());
        optional(line, ",\"host\":", client.host.as_deref());
        optional(line, ",\"addr\":", client.addr.as_deref());
        self.flush_line()
    }

    /// Writes that a client went.
    pub fn close(&mut self, number: u32, t: Time) -> io::Result<()> {
        whole(&mut self.line, "{\"client\":", number.into());
        time(&mut self.line, ",\"close\":", t);
        self.flush_line()
    }

    /// Writes what a client asked for, and says the number of the put.
    pub fn put(&mut self, t: Time, put: &Put) -> io::Result<u64> {
        let n = self.begin(t);
        let is_whole = self.is_whole(put.pv);
        let line = &mut self.line;
        whole(line, ",\"put\":", put.pv.into());
        line.extend_from_slice(b",\"value\":");
        datum(line, &put.value, is_whole);
        cause(line, put.by.map(u64::from));
        if put.complete {
            line.extend_from_slice(b",\"complete\":true");
        }
        optional(line, ",\"at\":", put.at.as_deref());
        self.flush_line().map(|()| n)
    }

    /// Writes what the beamline answered.
    pub fn post(&mut self, t: Time, post: &Post) -> io::Result<u64> {
        let n = self.begin(t);
        let is_whole = self.is_whole(post.pv);
        let line = &mut self.line;
        whole(line, ",\"post\":", post.pv.into());
        line.extend_from_slice(b",\"value\":");
        datum(line, &post.value, is_whole);
        optional(line, ",\"severity\":", post.severity.as_deref());
        optional(line, ",\"status\":", post.status.as_deref());
        if let Some(stamp) = post.stamp.filter(|&stamp| stamp != t) {
            time(line, ",\"stamp\":", stamp);
        }
        cause(line, post.by);
        self.flush_line().map(|()| n)
    }

    /// Writes that a put was refused.
    pub fn refused(&mut self, t: Time, put: u64, reason: &str) -> io::Result<u64> {
        let n = self.begin(t);
        whole(&mut self.line, ",\"refused\":", put);
        text(&mut self.line, ",\"reason\":", reason);
        self.flush_line().map(|()| n)
    }

    /// Writes that what a put started is finished.
    pub fn done(&mut self, t: Time, put: u64) -> io::Result<u64> {
        let n = self.begin(t);
        whole(&mut self.line, ",\"done\":", put);
        self.flush_line().map(|()| n)
    }

    /// Writes that nobody waits for a put any longer.
    pub fn cancel(&mut self, t: Time, put: u64) -> io::Result<u64> {
        let n = self.begin(t);
        whole(&mut self.line, ",\"cancel\":", put);
        self.flush_line().map(|()| n)
    }

    /// Writes a note.
    pub fn marker(&mut self, t: Time, note: &str, by: Option<u32>) -> io::Result<u64> {
        self.about(t, ",\"marker\":", note, by)
    }

    /// Writes that something was made to fail.
    pub fn fault(
        &mut self,
        t: Time,
        fault: &str,
        device: Option<&str>,
        by: Option<u32>,
    ) -> io::Result<u64> {
        let n = self.begin(t);
        text(&mut self.line, ",\"fault\":", fault);
        optional(&mut self.line, ",\"device\":", device);
        cause(&mut self.line, by.map(u64::from));
        self.flush_line().map(|()| n)
    }

    /// Writes that a rule of the beamline file was broken.
    pub fn broken(
        &mut self,
        t: Time,
        rule: &str,
        message: &str,
        severity: &str,
        since: Time,
    ) -> io::Result<u64> {
        let n = self.begin(t);
        text(&mut self.line, ",\"broken\":", rule);
        text(&mut self.line, ",\"text\":", message);
        text(&mut self.line, ",\"severity\":", severity);
        time(&mut self.line, ",\"since\":", since);
        self.flush_line().map(|()| n)
    }

    /// Writes that the clock changed its pace.
    pub fn pace(&mut self, t: Time, pace: &str) -> io::Result<u64> {
        let n = self.begin(t);
        text(&mut self.line, ",\"pace\":", pace);
        self.flush_line().map(|()| n)
    }

    /// Writes that a snapshot was taken.
    pub fn snapshot(&mut self, t: Time, name: &str, by: Option<u32>) -> io::Result<u64> {
        self.about(t, ",\"snapshot\":", name, by)
    }

    /// Writes that the beamline went back to a snapshot.
    pub fn restore(&mut self, t: Time, name: &str, by: Option<u32>) -> io::Result<u64> {
        self.about(t, ",\"restore\":", name, by)
    }

    /// Writes that a name was asked for which nobody serves.
    pub fn miss(
        &mut self,
        t: Time,
        name: &str,
        by: Option<u32>,
        at: Option<&str>,
    ) -> io::Result<u64> {
        let n = self.begin(t);
        text(&mut self.line, ",\"miss\":", name);
        cause(&mut self.line, by.map(u64::from));
        optional(&mut self.line, ",\"at\":", at);
        self.flush_line().map(|()| n)
    }

    /// Writes that something could not be recorded.
    pub fn loss(&mut self, t: Time, loss: &str) -> io::Result<u64> {
        let n = self.begin(t);
        text(&mut self.line, ",\"loss\":", loss);
        self.flush_line().map(|()| n)
    }

    /// Writes the footer of a trace that holds everything, and flushes.
    pub fn complete(&mut self, t: Time) -> io::Result<()> {
        self.footer(t, None)
    }

    /// Writes the footer of a trace whose recording stopped early, and flushes.
    pub fn stopped(&mut self, t: Time, reason: &str) -> io::Result<()> {
        self.footer(t, Some(reason))
    }

    /// Writes a fact that has its number already.
    pub fn fact(&mut self, fact: &Fact) -> io::Result<()> {
        self.last = fact.n.saturating_sub(1);
        let t = fact.t;
        match &fact.what {
            What::Put(put) => self.put(t, put),
            What::Post(post) => self.post(t, post),
            What::Refused { put, reason } => self.refused(t, *put, reason),
            What::Done { put } => self.done(t, *put),
            What::Cancel { put } => self.cancel(t, *put),
            What::Marker { text, by } => self.marker(t, text, *by),
            What::Fault { text, device, by } => self.fault(t, text, device.as_deref(), *by),
            What::Broken {
                rule,
                text,
                severity,
                since,
            } => self.broken(t, rule, text, severity, *since),
            What::Pace { text } => self.pace(t, text),
            What::Snapshot { name, by } => self.snapshot(t, name, *by),
            What::Restore { name, by } => self.restore(t, name, *by),
            What::Miss { name, by, at } => self.miss(t, name, *by, at.as_deref()),
            What::Loss { text } => self.loss(t, text),
        }
        .map(|_| ())
    }

    /// Writes a line as the reader gave it.
    pub fn line(&mut self, line: &Line) -> io::Result<()> {
        match line {
            Line::Header(header) => self.header(header),
            Line::Source(source) => self.source(source),
            Line::Channel(pv, channel) => self.channel(*pv, channel),
            Line::Open(number, client) => self.open(*number, client),
            Line::Close(number, t) => self.close(*number, *t),
            Line::Fact(fact) => self.fact(fact),
            Line::End(End::Stopped(t, reason), _) => self.stopped(*t, reason),
            Line::End(End::Complete(t), _) => self.complete(*t),
            Line::End(End::CutShort, _) => Ok(()),
        }
    }

    fn footer(&mut self, t: Time, reason: Option<&str>) -> io::Result<()> {
        let line = &mut self.line;
        time(line, "{\"end\":{\"t\":", t);
        whole(line, ",\"records\":", self.last);
        line.extend_from_slice(b",\"complete\":");
        line.extend_from_slice(if reason.is_none() { b"true" } else { b"false" });
        optional(line, ",\"reason\":", reason);
        line.push(b'}');
        self.flush_line()?;
        self.out.flush()
    }

    /// Writes a fact that is a text and who it is of.
    fn about(&mut self, t: Time, key: &str, value: &str, by: Option<u32>) -> io::Result<u64> {
        let n = self.begin(t);
        text(&mut self.line, key, value);
        cause(&mut self.line, by.map(u64::from));
        self.flush_line().map(|()| n)
    }

    fn begin(&mut self, t: Time) -> u64 {
        self.last = self.last.saturating_add(1);
        whole(&mut self.line, "{\"n\":", self.last);
        time(&mut self.line, ",\"t\":", t);
        self.last
    }

    fn is_whole(&self, pv: u32) -> bool {
        self.whole.get(pv as usize).copied().unwrap_or(false)
    }

    fn flush_line(&mut self) -> io::Result<()> {
        self.line.extend_from_slice(b"}\n");
        let written = self.out.write_all(&self.line);
        self.line.clear();
        written
    }
}

fn whole(line: &mut Vec<u8>, key: &str, number: u64) {
    line.extend_from_slice(key.as_bytes());
    digits(line, number);
}

fn digits(line: &mut Vec<u8>, mut number: u64) {
    let mut scratch = [0_u8; 20];
    let mut at = scratch.len();
    loop {
        at -= 1;
        scratch[at] = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    line.extend_from_slice(&scratch[at..]);
}

fn time(line: &mut Vec<u8>, key: &str, t: Time) {
    line.extend_from_slice(key.as_bytes());
    t.append(line);
}

fn cause(line: &mut Vec<u8>, by: Option<u64>) {
    if let Some(by) = by {
        whole(line, ",\"by\":", by);
    }
}

fn optional(line: &mut Vec<u8>, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        text(line, key, value);
    }
}

fn text(line: &mut Vec<u8>, key: &str, value: &str) {
    line.extend_from_slice(key.as_bytes());
    quoted(line, value);
}

/// Appends a list of texts behind what opens it.
fn list(line: &mut Vec<u8>, open: &str, values: &[String]) {
    line.extend_from_slice(open.as_bytes());
    for (place, value) in values.iter().enumerate() {
        text(line, if place == 0 { "" } else { "," }, value);
    }
    line.push(b']');
}

/// Appends a JSON string; runs without anything to escape are copied whole.
fn quoted(line: &mut Vec<u8>, value: &str) {
    line.push(b'"');
    let mut rest = value.as_bytes();
    while let Some(at) = rest
        .iter()
        .position(|&b| b < 0x20 || b == b'"' || b == b'\\')
    {
        line.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => line.extend_from_slice(b"\\\""),
            b'\\' => line.extend_from_slice(b"\\\\"),
            b'\n' => line.extend_from_slice(b"\\n"),
            b'\r' => line.extend_from_slice(b"\\r"),
            b'\t' => line.extend_from_slice(b"\\t"),
            control => line.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        rest = &rest[at + 1..];
    }
    line.extend_from_slice(rest);
    line.push(b'"');
}

fn datum(line: &mut Vec<u8>, value: &Datum, is_whole: bool) {
    match value {
        Datum::Number(value) => number(line, *value, is_whole),
        Datum::Text(value) => bytes(line, value),
        Datum::Flag(flag) => line.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Datum::List(items) => {
            line.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    line.push(b',');
                }
                datum(line, item, is_whole);
            }
            line.push(b']');
        }
        Datum::Digest(value) => digest(line, value),
    }
}

fn number(line: &mut Vec<u8>, value: f64, is_whole: bool) {
    /// Up to here every whole float is exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(name) = float_name(value) {
        text(line, "{\"float\":", name);
        line.push(b'}');
    } else if is_whole && value.fract() == 0.0 && value.abs() <= EXACT {
        if value < 0.0 {
            line.push(b'-');
        }
        digits(line, value.abs() as u64);
    } else {
        write!(line, "{value:?}").expect("a vector takes any bytes");
    }
}

fn bytes(line: &mut Vec<u8>, value: &Text) {
    match value.as_str() {
        Some(value) => quoted(line, value),
        None => {
            line.extend_from_slice(b"{\"bytes\":\"");
            for byte in value.bytes() {
                write!(line, "{byte:02x}").expect("a vector takes any bytes");
            }
            line.extend_from_slice(b"\"}");
        }
    }
}

fn digest(line: &mut Vec<u8>, digest: &Digest) {
    line.extend_from_slice(b"{\"shape\":[");
    for (place, &length) in digest.shape.iter().enumerate() {
        whole(line, if place == 0 { "" } else { "," }, length);
    }
    text(line, "],\"type\":", &digest.kind);
    for (key, value) in [
        ("sum", digest.sum),
        ("min", digest.min),
        ("max", digest.max),
    ] {
        write!(line, ",\"{key}\":").expect("a vector takes any bytes");
        number(line, value, false);
    }
    text(line, ",\"hash\":", &digest.hash);
    line.push(b'}');
}
