use std::fs;
use std::path::PathBuf;

use beamtwin_trace::{End, Trace};

use super::*;

const HEADER: &str = "{\"trace\":\"1.0\",\"beamline\":\"toy\",\"epoch\":\"2026-01-01T00:00:00Z\",\"seed\":1,\"program\":\"test\"}\n";
const CHANNEL: &str = "{\"pv\":1,\"name\":\"a\",\"role\":\"request\",\"type\":\"double\"}\n";

/// A file that goes when the test ends.
struct Draft {
    path: PathBuf,
    kept: Kept,
}

impl Draft {
    fn new(name: &str) -> Self {
        let name = format!("beamtwin-kept-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .unwrap();
        let mut kept = Kept::new(file);
        kept.write(format!("{HEADER}{CHANNEL}").as_bytes()).unwrap();
        Self { path, kept }
    }

    fn trace(&self) -> (Trace, String) {
        let bytes = fs::read(&self.path).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.ends_with('\n'), "half a line: {text}");
        (Trace::read(bytes.as_slice()).unwrap(), text)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn put(n: u64) -> String {
    format!("{{\"n\":{n},\"t\":{n}.5,\"put\":1,\"value\":{n}.0}}\n")
}

#[test]
fn half_a_line_is_cut_and_the_footer_counts_what_is_left() {
    let mut draft = Draft::new("half");
    draft.kept.write((put(1) + &put(2)).as_bytes()).unwrap();
    draft.kept.write(b"{\"n\":3,\"t\":3.5,\"pu").unwrap();
    draft.kept.cut_short("no space left");
    let (trace, _) = draft.trace();
    assert_eq!(trace.facts.len(), 2);
    assert_eq!(trace.counted, Some(2));
    assert_eq!(
        trace.end,
        End::Stopped(trace.facts[1].t, "no space left".to_owned())
    );
}

#[test]
fn half_a_line_may_be_longer_than_any_buffer() {
    let mut draft = Draft::new("long");
    draft.kept.write(put(1).as_bytes()).unwrap();
    let long = "1.0,".repeat(100_000);
    let line = format!("{{\"n\":2,\"t\":2.0,\"put\":1,\"value\":[{long}");
    draft.kept.write(line.as_bytes()).unwrap();
    draft.kept.cut_short("full");
    assert_eq!(draft.trace().0.facts.len(), 1);
}

#[test]
fn a_long_last_line_that_is_whole_is_kept() {
    let mut draft = Draft::new("whole");
    let long = "1.0,".repeat(100_000);
    let line = format!("{{\"n\":1,\"t\":2.0,\"put\":1,\"value\":[{long}1.0]}}\n");
    draft.kept.write(line.as_bytes()).unwrap();
    draft.kept.cut_short("full");
    let (trace, _) = draft.trace();
    assert_eq!((trace.facts.len(), trace.counted), (1, Some(1)));
}

#[test]
fn a_trace_without_facts_still_gets_its_footer() {
    let mut draft = Draft::new("bare");
    draft.kept.cut_short("full");
    let (trace, text) = draft.trace();
    assert_eq!(trace.counted, Some(0));
    assert!(
        text.ends_with(
            "{\"end\":{\"t\":0.0,\"records\":0,\"complete\":false,\"reason\":\"full\"}}\n"
        )
    );
}

#[test]
fn a_footer_that_did_not_reach_the_disk_is_replaced() {
    let mut draft = Draft::new("footer");
    draft.kept.write(put(1).as_bytes()).unwrap();
    let footer = "{\"end\":{\"t\":9.0,\"records\":1,\"complete\":true}}\n";
    draft.kept.write(footer.as_bytes()).unwrap();
    draft.kept.cut_short("the disk is gone");
    assert!(matches!(draft.trace().0.end, End::Stopped(..)));
}

#[test]
fn a_reason_may_hold_any_text() {
    let mut draft = Draft::new("reason");
    draft.kept.cut_short("\"quoted\"\nand\u{7} more");
    let reason = "\"quoted\"\nand\u{7} more".to_owned();
    assert!(matches!(draft.trace().0.end, End::Stopped(_, said) if said == reason));
}

#[test]
fn nothing_is_read_back_from_a_device_that_never_ends() {
    let file = File::options()
        .read(true)
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut kept = Kept::new(file);
    assert!(kept.write(HEADER.as_bytes()).is_err());
    kept.cut_short("full");
    kept.sync().unwrap();
}
