//! Whether a client waited for one step before the next decides whether their order matters.

use beamtwin_align::{Comparison, Settings, compare};
use beamtwin_trace::Trace;

const HEAD: &str = r#"{"trace":"1.0","beamline":"T","epoch":"2026-01-01T00:00:00Z","seed":1,"program":"p"}
{"pv":1,"name":"x","device":"motor.x","role":"request","type":"double"}
{"pv":2,"name":"y","device":"motor.y","role":"request","type":"double"}
{"pv":3,"name":"c:time","device":"camera.c","role":"request","type":"double"}
{"pv":4,"name":"c:mode","device":"camera.c","role":"request","type":"double"}
"#;

/// A session of facts: `(time, what)`.
fn session(facts: &[(f64, &str)]) -> Trace {
    let mut text = HEAD.to_owned();
    for (n, (t, what)) in (1..).zip(facts) {
        text.push_str(&format!("{{\"n\":{n},\"t\":{t:?},{what}}}\n"));
    }
    let records = facts.len();
    text.push_str(&format!(
        "{{\"end\":{{\"t\":100.0,\"records\":{records},\"complete\":true}}}}\n"
    ));
    Trace::read(text.as_bytes()).expect("a trace")
}

fn compared(one: &[(f64, &str)], other: &[(f64, &str)]) -> Comparison {
    compare(&session(one), &session(other), &Settings::default())
}

const X: &str = r#""put":1,"value":1.0"#;
const Y: &str = r#""put":2,"value":1.0"#;
const TIME: &str = r#""put":3,"value":1.0"#;
const MODE: &str = r#""put":4,"value":1.0"#;
const FIRST: &str = r#""done":1"#;
const SECOND: &str = r#""done":2"#;
const THIRD: &str = r#""done":3"#;

#[test]
fn motors_that_moved_at_the_same_time_may_have_started_in_either_order() {
    let one = [(1.0, X), (1.02, Y), (3.0, FIRST), (3.0, SECOND)];
    let other = [(1.0, Y), (1.02, X), (3.0, FIRST), (3.0, SECOND)];
    assert!(compared(&one, &other).alike);
}

#[test]
fn a_step_that_was_waited_for_keeps_its_place() {
    let one = [(1.0, X), (1.01, FIRST), (1.02, Y), (1.03, THIRD)];
    let other = [(1.0, Y), (1.01, FIRST), (1.02, X), (1.03, THIRD)];
    let comparison = compared(&one, &other);
    assert!(!comparison.alike);
    assert!(
        comparison.reasons.iter().any(|it| it.contains("moved")),
        "{:?}",
        comparison.reasons
    );
}

#[test]
fn settings_of_one_device_that_threads_wrote_at_once_may_come_in_either_order() {
    let one = [(1.0, TIME), (1.0003, MODE), (2.0, X), (3.0, THIRD)];
    let other = [(1.0, MODE), (1.0003, TIME), (2.0, X), (3.0, THIRD)];
    assert!(compared(&one, &other).alike);
}

#[test]
fn settings_written_one_after_the_other_keep_their_order() {
    let one = [(1.0, TIME), (1.003, MODE), (2.0, X), (3.0, THIRD)];
    let other = [(1.0, MODE), (1.003, TIME), (2.0, X), (3.0, THIRD)];
    assert!(!compared(&one, &other).alike);
}

#[test]
fn settings_whose_completion_was_asked_for_keep_their_order_sooner() {
    let time = r#""put":3,"value":1.0,"complete":true"#;
    let mode = r#""put":4,"value":1.0,"complete":true"#;
    let one = [(1.0, time), (1.0, FIRST), (1.001, mode), (1.001, THIRD)];
    let other = [(1.0, mode), (1.0, FIRST), (1.001, time), (1.001, THIRD)];
    assert!(!compared(&one, &other).alike);
}

#[test]
fn at_once_is_a_matter_of_the_clients_time() {
    let fast = r#""pace":"times 10""#;
    let fourth = r#""done":4"#;
    let one = [
        (0.5, fast),
        (1.0, TIME),
        (1.002, MODE),
        (2.0, X),
        (3.0, fourth),
    ];
    let other = [
        (0.5, fast),
        (1.0, MODE),
        (1.002, TIME),
        (2.0, X),
        (3.0, fourth),
    ];
    assert!(compared(&one, &other).alike);
}

#[test]
fn actions_of_one_device_keep_their_order_however_near() {
    let two = r#""put":1,"value":2.0"#;
    let one = [(1.0, X), (1.0001, two), (3.0, SECOND)];
    let other = [(1.0, two), (1.0001, X), (3.0, SECOND)];
    assert!(!compared(&one, &other).alike);
}

#[test]
fn of_two_alignments_the_one_counts_in_which_more_commutes() {
    // The first step went to another motor; the other two come in either order.
    let x = r#""put":1,"value":2.0"#;
    let y = r#""put":2,"value":2.0"#;
    let reference = [(0.0, x), (10.0, TIME), (10.01, y)];
    for session in [
        [(0.0, y), (10.0, y), (10.01, TIME)],
        [(0.0, y), (10.0, TIME), (10.01, y)],
    ] {
        let comparison = compared(&reference, &session);
        let told = [
            "missing: motor.x = 2, asked for at 0.0 s",
            "extra: motor.y = 2, asked for at 0.0 s",
        ];
        assert_eq!(comparison.reasons[..2], told, "{:?}", comparison.reasons);
        assert_eq!(comparison.counts.matched, 2);
    }
}
