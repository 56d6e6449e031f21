//! The trace in the book is a trace.

use beamtwin_trace::{End, Trace};

#[test]
fn the_example_in_the_book_is_read_and_written_alike() {
    let page = include_str!("../../../docs/src/trace.md");
    let example = page
        .split("```jsonl\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let trace = Trace::read(example.as_bytes()).unwrap();
    assert!(matches!(trace.end, End::Complete(_)) && trace.skipped.is_empty());
    let mut written = Vec::new();
    trace.write(&mut written).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), example);
}
