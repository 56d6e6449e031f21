//! `beamtwin score`.

use crate::{Folder, beamtwin};

const ONE: &str =
    r#"[{"channel":"x","timestamp":0,"value":1.0},{"channel":"x","timestamp":1,"value":2.0}]"#;

#[test]
fn a_suite_is_scored_and_the_second_time_known() {
    let folder = Folder::new();
    folder.write("golden.json", ONE);
    folder.write("same.json", ONE);
    folder.write("other.json", &ONE.replace("2.0", "3.0"));
    let suite = folder.write(
        "suite.toml",
        "suite = 1\n[item.move]\nreferences = [\"golden.json\"]\n[candidate.a.items]\nmove = [\"same.json\", \"other.json\"]\n",
    );
    let (csv, page) = (folder.file("scores.csv"), folder.file("scores.html"));
    let said = beamtwin(&["score", &suite, "--csv", &csv, "--html", &page]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("a          1/2 "), "{}", said.out);
    assert!(!said.out.contains("known already"), "{}", said.out);
    assert!(said.err.is_empty(), "{}", said.err);
    let again = beamtwin(&["score", &suite]);
    assert!(again.out.contains("2 of 2 sessions were known already."));
    let fresh = beamtwin(&["score", &suite, "--fresh", "--json", "-"]);
    let scores: serde_json::Value = serde_json::from_str(&fresh.out).expect("JSON");
    assert_eq!(scores["candidates"][0]["alike"]["of"], 1);
    for (path, words) in [
        (csv, "move,a,"),
        (page, "x was asked for 3 instead of 2 at 1.0 s"),
    ] {
        let text = std::fs::read_to_string(&path).expect("a file");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn mistakes_in_a_suite_have_places() {
    let folder = Folder::new();
    let suite = folder.write(
        "suite.toml",
        "suite = 1\n[item.move]\nreferences = [\"gone.json\"]\n",
    );
    let said = beamtwin(&["score", &suite]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("suite.toml:3:15: there is no file"),
        "{}",
        said.err
    );
}

#[test]
fn a_result_is_not_written_over_what_is_read() {
    let folder = Folder::new();
    let golden = folder.write("golden.json", ONE);
    let suite = folder.write(
        "suite.toml",
        "suite = 1\n[item.move]\nreferences = [\"golden.json\"]\n[candidate.a.items]\nmove = [\"golden.json\"]\n",
    );
    for arguments in [
        ["score", &suite, "--json", &golden].as_slice(),
        &["score", &suite, "--html", &suite],
        &["compare", &golden, &golden, "--json", &golden],
        &["trace", "export", &golden, "--out", &golden],
    ] {
        let said = beamtwin(arguments);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains("it is what is read"), "{}", said.err);
        assert_eq!(std::fs::read_to_string(&golden).expect("a file"), ONE);
    }
}
