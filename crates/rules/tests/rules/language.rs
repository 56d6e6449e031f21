//! What can be said, and what is told of what cannot.

use beamtwin_rules::{Key, Outcome, Terms};

use crate::bench::{always, judged, mistakes, never, rule};

/// The one mistake of an expression: what it is about, the message, and the hint.
fn wrong(text: &str) -> (String, String, String) {
    let mistakes = mistakes(&always(text));
    assert_eq!(mistakes.len(), 1, "{text}: {mistakes:?}");
    let mistake = &mistakes[0];
    assert_eq!(mistake.key, Some(Key::Always));
    (
        text[mistake.at.clone()].to_owned(),
        mistake.message.clone(),
        mistake.hint.clone().unwrap_or_default(),
    )
}

#[test]
fn each_way_to_say_something_is_read() {
    for text in [
        "x < 3",
        "3 > x",
        "-x + 2 * y / 4 - (x - 1) >= -3.5e-1",
        "main.open",
        "!main.open && (x.moving || x <= 3)",
        "min(x, y, 3) < max(x, -y)",
        "abs(rate(theta)) < 2",
        "between(x, -1, 1)",
        "filter == \"Thin\"",
        "filter != 'Thick'",
        "filter == 2",
        "`XF:11{Mtr}.RBV` < 3",
        "\"XF:11{Mtr}.RBV\" < 3",
        "`S` == 1",
        "true || main . open",
        "x\n < 3",
    ] {
        rule(&always(text));
    }
}

#[test]
fn and_binds_before_or_and_comparison_before_both() {
    let samples = [(0.0, "S", 1.0), (0.0, "X", 5.0), (0.0, "M", 1.0)];
    let held = |text: &str| judged(&always(text), &samples, 1.0).outcome == Outcome::Held;
    assert!(held("main.open || x < 3 && x.moving"));
    assert!(!held("(main.open || x < 3) && x.moving"));
    assert!(held("!x.moving && main.open"));
    assert!(held("1 + 2 * x < 11.5 && -x < -4.5"));
}

#[test]
fn a_wrong_name_is_told_where_it_stands() {
    let (at, message, hint) = wrong("main.open && z.position < 3");
    assert_eq!(
        (at.as_str(), message.as_str()),
        ("z.position", "no device `z.position`")
    );
    assert_eq!(hint, "look again");
    let (at, message, _) = wrong("x < 3 && `TUT:y` < 2");
    assert_eq!(
        (at.as_str(), message.as_str()),
        ("`TUT:y`", "no PV is called `TUT:y`")
    );
    let (at, _, hint) = wrong("ads(x) < 2");
    assert_eq!(
        (at.as_str(), hint.as_str()),
        ("ads(x)", "did you mean `abs`?")
    );
    let (at, message, hint) = wrong("filter == \"Thn\"");
    assert_eq!(at, "\"Thn\"");
    assert_eq!(message, "filter is never `Thn`");
    assert_eq!(hint, "did you mean `Thin`?");
}

#[test]
fn a_wrong_type_is_told_where_it_stands() {
    for (text, at, message) in [
        ("x", "x", "x is a number, no condition"),
        ("!x || main.open", "x", "x is a number, no condition"),
        ("x + y", "x + y", "x + y is a number, no condition"),
        (
            "main.open < 3",
            "main.open",
            "main.open is a condition, no number",
        ),
        ("1 < x < 3", "1 < x", "1 < x is a condition, no number"),
        (
            "x * y < 3",
            "x * y",
            "a product of two readings does not run straight between two samples",
        ),
        (
            "3 / x < 3",
            "3 / x",
            "a division by a reading does not run straight between two samples",
        ),
        ("x / (2 - 2) < 3", "2 - 2", "a division by zero"),
        ("x == 3", "x == 3", "x == 3: what moves is never just equal"),
        ("rate(x + y) < 3", "x + y", "a rate is that of one reading"),
        (
            "rate(filter) < 3",
            "filter",
            "filter changes in steps, which have no rate",
        ),
        ("abs(x, y) < 3", "abs(x, y)", "abs takes one number"),
        (
            "between(x, 3)",
            "between(x, 3)",
            "between takes three numbers",
        ),
        (
            "main.open ? x < 3 : x < 4",
            "?",
            "a choice cannot stand in a rule",
        ),
        (
            "x in [1, 2]",
            "in",
            "a list, or a part of one, cannot stand in a rule",
        ),
    ] {
        let (found, told, _) = wrong(text);
        assert_eq!((found.as_str(), told.as_str()), (at, message), "{text}");
    }
}

#[test]
fn what_is_no_expression_is_told_where_it_ceases_to_be_one() {
    for (text, at, message) in [
        ("x <", "", "the expression ends too soon"),
        ("", "", "the expression ends too soon"),
        ("x < 3 &&\n", "", "the expression ends too soon"),
        ("x = 3", "=", "`=` compares nothing"),
        ("x < 3 && && main.open", "&&", "`&&` makes no sense here"),
        ("x < 3 mm", "mm", "`mm` makes no sense here"),
        ("x < $3", "$", "`$` makes no sense here"),
        ("s.in < 3", ".in", "`.in` makes no sense here"),
    ] {
        let mistakes = mistakes(&always(text));
        let mistake = &mistakes[0];
        let found = &text[mistake.at.clone()];
        assert_eq!((found, mistake.message.as_str()), (at, message), "{text}");
    }
}

#[test]
fn all_that_is_wrong_is_told() {
    let terms = Terms {
        only_while: Some("a.b".to_owned()),
        ..never("c.d && (e.f < 2 || 3)")
    };
    let found: Vec<(Option<Key>, String)> = mistakes(&terms)
        .into_iter()
        .map(|mistake| (mistake.key, mistake.message))
        .collect();
    assert_eq!(
        found,
        [
            (Some(Key::While), "no device `a.b`".to_owned()),
            (Some(Key::Never), "no device `c.d`".to_owned()),
            (Some(Key::Never), "no device `e.f`".to_owned()),
            (Some(Key::Never), "3 is a number, no condition".to_owned()),
        ]
    );
}

#[test]
fn a_rule_says_never_or_always_and_not_both() {
    assert_eq!(mistakes(&Terms::default())[0].key, None);
    let both = Terms {
        never: Some("main.open".to_owned()),
        ..always("x < 3")
    };
    assert_eq!(
        mistakes(&both)[0].message,
        "never and always stand in one rule"
    );
}

#[test]
fn nothing_is_too_long_or_too_deep() {
    let long = format!("main.open{}", " && main.open".repeat(80));
    let (_, message, _) = wrong(&long);
    assert_eq!(message, "an expression has at most 1000 letters");
    let nested = |depth: usize| format!("{}main.open{}", "(".repeat(depth), ")".repeat(depth));
    rule(&always(&nested(8)));
    for depth in [9, 400] {
        let (_, message, _) = wrong(&nested(depth));
        assert_eq!(message, "more than 8 parentheses in each other");
    }
    let (_, message, _) = wrong(&format!("x{} < 3", "+x".repeat(490)));
    assert_eq!(message, "more than 100 parts in a row");
    let most = format!("x{} < 3", "+x".repeat(98));
    let verdict = judged(&always(&most), &[(0.0, "X", 0.001)], 1.0);
    assert_eq!(verdict.outcome, Outcome::Held);
    rule(&always(&format!("{}main.open", "!".repeat(990))));
    rule(&always(&format!("{}x < 3", "-".repeat(990))));
}
