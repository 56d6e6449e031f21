//! Whatever the text, the loader answers; it never panics.

#[path = "../../../fuzz/src/beamline.rs"]
#[expect(unreachable_pub, reason = "it is of another crate as well")]
mod fuzz;
#[path = "../../../fuzz/src/tries.rs"]
#[expect(unreachable_pub, reason = "it is of another crate as well")]
mod tries;

use fuzz::beamline;
use proptest::prelude::*;
use tries::Target;

const TUTORIAL: &str = include_str!("../../../beamlines/tutorial.toml");
const TEN: &str = include_str!("../../../tests/files/invalid/ten.toml");
const MANY: &str = include_str!("../../../tests/files/invalid/many-in-one.toml");
const LISTS: &str = include_str!("../../../tests/files/invalid/in-lists.toml");

/// Pieces of the language, to be put where they do not belong.
const PIECES: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    "\"",
    "=",
    "\n",
    ".",
    "$(",
    "$(each)",
    "$(X)",
    ")",
    "each = [\"A\", \"B\"]",
    "each = { A = {}, B = { pv = 1 } }",
    "[macros]\nX = \"$(Y)\"\n",
    "[defaults.motor]\n",
    "[beam]\npath = []\n",
    "[motor.x.each]\n",
    "\"motor.x\"",
    "-1e999",
    "9223372036854775808",
    "nan",
    "1979-05-27",
    "\"100 ms\"",
    "é",
    "\u{0}",
    "\r\n",
    "#",
    "'''",
    "motor.x",
    "[[motor]]\n",
];

/// A change to a text: remove so much at a place, and put a piece there.
fn mutated(text: &str, changes: &[(usize, usize, usize)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for &(at, length, piece) in changes {
        let at = at % (chars.len() + 1);
        let end = (at + length).min(chars.len());
        let piece = PIECES[piece % PIECES.len()].chars();
        chars.splice(at..end, piece);
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        beamline(text.as_bytes());
    }

    #[test]
    fn a_file_with_slips_of_the_finger_is_answered(
        changes in prop::collection::vec((any::<usize>(), 0..6_usize, any::<usize>()), 1..6),
        text in prop::sample::select(vec![TUTORIAL, TEN, MANY, LISTS]),
    ) {
        beamline(mutated(text, &changes).as_bytes());
    }
}

#[test]
fn what_fuzzing_found_is_answered() {
    let samples = [TUTORIAL, TEN, MANY, LISTS].map(|text| text.as_bytes().to_vec());
    let mut targets = [Target {
        name: "beamline",
        check: beamline,
        samples: samples.into(),
    }];
    let pieces: Vec<&[u8]> = PIECES.iter().map(|piece| piece.as_bytes()).collect();
    println!("{} tries", tries::run(&mut targets, &pieces));
}
