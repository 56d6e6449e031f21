//! Readers of traces and of what others recorded.

use beamtwin_trace::envtrace::{self, Selection};
use beamtwin_trace::import::{Form, import};
use beamtwin_trace::{Reader, Recording, Trace};

/// A trace is read or refused; read line by line it has the same facts; written and read again it is the same.
pub fn reader(bytes: &[u8]) {
    let Ok(mut reader) = Reader::new(bytes) else {
        return;
    };
    let mut lines = 0_usize;
    let whole = loop {
        match reader.next_line() {
            Ok(Some(_)) => lines += 1,
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    let trace = Trace::read(bytes);
    assert_eq!(trace.is_ok(), whole, "the whole and its lines disagree");
    if let Ok(trace) = trace {
        assert!(trace.facts.len() <= lines);
        same_again(&trace);
    }
}

/// Either form of a recording is read or refused, and exported.
pub fn recording(bytes: &[u8]) {
    let Ok(recording) = Recording::read(bytes) else {
        return;
    };
    let _ = recording.clone().into_events(&Selection::Requests);
    if let Ok(trace) = recording.into_trace() {
        same_again(&trace);
    }
}

/// EnvTrace JSON is read or refused; written and read again it is the same.
pub fn events(bytes: &[u8]) {
    let Ok(events) = envtrace::parse(bytes) else {
        return;
    };
    let text = envtrace::to_json(&events);
    let again = envtrace::parse(text.as_bytes()).expect("what was written can be read");
    assert_eq!(text, envtrace::to_json(&again));
    if let Ok(trace) = Recording::Events(events).into_trace() {
        same_again(&trace);
    }
}

/// What `camonitor` prints.
pub fn camonitor(bytes: &[u8]) {
    imported(bytes, Form::Camonitor);
}

/// `getData.json` of the Archiver Appliance.
pub fn archiver_json(bytes: &[u8]) {
    imported(bytes, Form::ArchiverJson);
}

/// `getData.csv` of the Archiver Appliance.
pub fn archiver_csv(bytes: &[u8]) {
    imported(bytes, Form::ArchiverCsv("channel"));
}

/// Documents of Bluesky.
pub fn bluesky(bytes: &[u8]) {
    imported(bytes, Form::Bluesky);
}

fn imported(bytes: &[u8], form: Form<'_>) {
    if let Ok(trace) = import(bytes, form) {
        same_again(&trace);
    }
}

/// A trace can be written, read, and written again to the same bytes.
fn same_again(trace: &Trace) {
    let mut first = Vec::new();
    trace.write(&mut first).expect("memory takes any bytes");
    let read = Trace::read(first.as_slice()).expect("what was written can be read");
    assert_eq!(read.facts.len(), trace.facts.len());
    let mut second = Vec::new();
    read.write(&mut second).expect("memory takes any bytes");
    assert!(first == second, "written twice, not the same");
}
