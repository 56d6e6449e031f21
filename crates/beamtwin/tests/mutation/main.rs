//! The mutation study: recorded sessions of scripts with one mistake of known truth, and what is found of it.
//!
//! A mistake counts as found only if operation, channel, and step are all named.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod chance;
mod mutant;
mod recorded;
mod script;
mod study;

use study::study;

#[test]
fn mistakes_are_named_and_repetitions_are_alike() {
    let study = study(52, 216);
    println!("{}", study.table());
    let failures = study.failures.join("\n");
    assert_eq!(study.called_different[0], 0, "{failures}");
    for (class, [ours, _]) in &study.classes {
        assert!(ours.recall() >= 0.98, "{class}: {ours:?}\n{failures}");
        assert!(ours.precision() >= 0.98, "{class}: {ours:?}\n{failures}");
    }
}
