//! `beamtwin compare`.

use crate::twin::Twin;
use crate::{Folder, beamtwin};

/// Records a session in which `steps` are put, one after the other.
fn session(folder: &Folder, name: &str, steps: &[(&str, &str)]) -> String {
    let trace = folder.file(name);
    let twin = Twin::start(
        "beamlines/tutorial.toml",
        &["--speed", "50", "--record", &trace],
    );
    for (pv, value) in steps {
        assert_eq!(twin.ctl(&["put", pv, value, "--wait"]).code, 0);
    }
    twin.shut_down();
    trace
}

#[test]
fn sessions_alike_and_unlike_are_told_apart() {
    let folder = Folder::new();
    let steps = [
        ("TUT:shutter", "1"),
        ("TUT:x", "0.5"),
        ("TUT:x", "1.5"),
        ("TUT:shutter", "0"),
    ];
    let reference = session(&folder, "reference.jsonl", &steps);
    let again = session(&folder, "again.jsonl", &steps);
    let said = beamtwin(&["compare", &reference, &again]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.starts_with("ALIKE"), "{}", said.out);

    let mut changed = steps;
    changed[1].1 = "0.6";
    let mutant = session(&folder, "changed.jsonl", &changed);
    let said = beamtwin(&["compare", &reference, &mutant]);
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("motor.x") && said.out.contains("0.6"),
        "{}",
        said.out
    );

    let mutant = session(&folder, "dropped.jsonl", &steps[..3]);
    let said = beamtwin(&["compare", &reference, &mutant, "--json", "-"]);
    assert_eq!(said.code, 1);
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(json["alike"], false);
    assert_eq!(json["counts"]["missing"], 1);
    assert!(json["score"].as_f64().is_some_and(|score| score < 1.0));

    let mut swapped = steps;
    swapped.swap(0, 1);
    let mutant = session(&folder, "swapped.jsonl", &swapped);
    assert_eq!(beamtwin(&["compare", &reference, &mutant]).code, 1);
    assert_eq!(
        beamtwin(&["compare", &mutant, &reference, &again]).code,
        0,
        "the best of several"
    );

    let said = beamtwin(&[
        "compare", &reference, &again, "--method", "envtrace", "--json", "-",
    ]);
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    for key in ["full_score", "accuracy", "metrics"] {
        assert!(!json[key].is_null(), "{key}");
    }
}

#[test]
fn what_cannot_be_read_cannot_be_compared() {
    let folder = Folder::new();
    let bad = folder.write("bad.jsonl", "hello\n");
    let said = beamtwin(&["compare", &bad, &bad]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("bad.jsonl"), "{}", said.err);
    assert_eq!(beamtwin(&["compare", "/nonexistent", &bad]).code, 2);
}

#[test]
fn the_scores_of_the_paper_are_had_in_either_shape() {
    let folder = Folder::new();
    let one = folder.write(
        "one.json",
        r#"[{"channel":"x","timestamp":0,"value":1},{"channel":"oven","timestamp":0,"value":20}]"#,
    );
    let other = folder.write(
        "other.json",
        r#"[{"channel":"x","timestamp":0,"value":1},{"channel":"oven","timestamp":0,"value":35}]"#,
    );
    let settings = folder.write("config.yaml", "continuous_channels:\n  oven: {}\n");
    let options = [
        "--method",
        "envtrace-paper",
        "--settings",
        &settings,
        "--json",
        "-",
    ];
    let said = beamtwin(&[&["compare", &one, &other][..], &options[..]].concat());
    assert_eq!(said.code, 1, "{}", said.err);
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let expected = 0.8 + 0.2 * (-1.0_f64).exp();
    let score = json["full_score"].as_f64().expect("a score");
    assert!((score - expected).abs() < 1e-9);
    assert_eq!(json["temp_match"], false);
    assert_eq!(json["metrics"]["continuous"]["binary_pass"], false);
    let said = beamtwin(&[&["compare", &one, &one][..], &options[..4]].concat());
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.starts_with("full score 1.0000"), "{}", said.out);
}

#[test]
fn what_the_program_of_the_paper_cannot_score_is_named() {
    let folder = Folder::new();
    let at_once = folder.write(
        "at-once.json",
        r#"[{"channel":"x","timestamp":0,"value":1},{"channel":"y","timestamp":0,"value":1}]"#,
    );
    let said = beamtwin(&["compare", &at_once, &at_once, "--method", "envtrace-paper"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("ValueError"), "{}", said.err);
    let said = beamtwin(&["compare", &at_once, &at_once, "--method", "envtrace"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("LinAlgError"), "{}", said.err);
}

#[test]
fn the_report_of_the_package_is_had_in_its_shape() {
    let folder = Folder::new();
    let one = folder.write(
        "one.json",
        r#"[{"channel":5,"timestamp":"0","value":NaN},{"channel":"y","timestamp":1}]"#,
    );
    let other = folder.write("other.json", r#"[{"channel":"5","timestamp":0,"value":2}]"#);
    let options = ["--method", "envtrace", "--json", "-"];
    let said = beamtwin(&[&["compare", &one, &other][..], &options].concat());
    assert_eq!(said.code, 1, "{}", said.err);
    for part in [
        r#""alignment":[[["5",0.0,NaN],["5",0.0,2]],[["y",1.0,null],null]]"#,
        r#"{"index":1,"gt":{"channel":"5","timestamp":0.0,"value":NaN},"pred":{"channel":"5","timestamp":0.0,"value":2},"match":false,"ignored":false}"#,
        r#"{"index":2,"gt":{"channel":"y","timestamp":1.0,"value":null},"pred":null,"match":null,"ignored":false}"#,
        r#""aligned_gt":[["5",0.0,NaN],["y",1.0,null]],"aligned_pred":[["5",0.0,2],null]"#,
    ] {
        assert!(said.out.contains(part), "{part} in {}", said.out);
    }
}

#[test]
fn what_the_package_raises_is_named() {
    let folder = Folder::new();
    let one = folder.write(
        "one.json",
        r#"[{"channel":"x","timestamp":0,"value":1},{"channel":"x","timestamp":1,"value":1}]"#,
    );
    for (settings, raised) in [
        (r#"{"timing":{"dur_tol":0}}"#, "ZeroDivisionError"),
        (r#"{"comparators":{"default":{"tol":-1}}}"#, "ValueError"),
        (r#"{"continuous_channels":{"x":null}}"#, "AttributeError"),
        (r#"{"timing":{"dur_tol":null}}"#, "TypeError"),
    ] {
        let settings = folder.write("config.json", settings);
        let said = beamtwin(&[
            "compare",
            &one,
            &one,
            "--method",
            "envtrace",
            "--settings",
            &settings,
        ]);
        assert_eq!(said.code, 2, "{}", said.out);
        assert!(said.err.contains(raised), "{}", said.err);
    }
}

#[test]
fn a_page_shows_a_comparison_and_nothing_else_does_it_for_other_methods() {
    let folder = Folder::new();
    let (reference, other) = (folder.file("one.json"), folder.file("<b>.json"));
    let events = |value: f64| {
        format!(
            r#"[{{"channel":"x","timestamp":0,"value":{value}}},{{"channel":"</script>","timestamp":1,"value":"</script><b>"}}]"#
        )
    };
    std::fs::write(&reference, events(0.5)).expect("a file");
    std::fs::write(&other, events(0.6)).expect("a file");
    let page = folder.file("page.html");
    let said = beamtwin(&["compare", &reference, &other, "--html", &page]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.starts_with("DIFFERENT"), "{}", said.out);
    let html = std::fs::read_to_string(&page).expect("a page");
    assert!(html.starts_with("<!doctype html>") && html.contains("one.json"));
    assert_eq!(html.matches("</script>").count(), 2);
    assert!(!html.contains("<b>") && !html.contains("{{"));

    for method in ["envtrace", "envtrace-paper"] {
        let said = beamtwin(&[
            "compare", &reference, &other, "--html", &page, "--method", method,
        ]);
        assert_eq!(said.code, 2);
        assert!(said.err.contains("--html"), "{}", said.err);
    }
    let said = beamtwin(&[
        "compare",
        &reference,
        &other,
        "--html",
        "/nowhere/page.html",
    ]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("/nowhere/page.html"), "{}", said.err);
}
