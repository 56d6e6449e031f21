//! Suites from files: what is found, what is done again, and what is said of mistakes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use beamtwin_align::envtrace::{self, Config};
use beamtwin_align::paper;
use beamtwin_score::{Dimension, Kept, Scores, Suite, csv, page, run, table};

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("beamtwin-score-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Moves of one motor, one a second, as EnvTrace JSON.
fn moves(values: &[f64]) -> String {
    let events: Vec<String> = (0..)
        .zip(values)
        .map(|(t, value)| format!(r#"{{"channel":"x","timestamp":{t},"value":{value:?}}}"#))
        .collect();
    format!("[{}]", events.join(","))
}

const SUITE: &str = r#"suite = 1
title = "Two & three"

[item.grid]
references = ["golden/grid.json", "golden/grid-other.json"]

[item.grid-fine]
references = ["golden/fine.json"]

[candidate.right]
sessions = "right"

[candidate.wrong]
[candidate.wrong.items]
grid = ["wrong.json"]
"#;

fn filled() -> Folder {
    let folder = Folder::new();
    folder.write("golden/grid.json", &moves(&[1.0, 2.0, 3.0]));
    folder.write("golden/grid-other.json", &moves(&[3.0, 2.0, 1.0]));
    folder.write("golden/fine.json", &moves(&[1.0, 1.5]));
    folder.write("right/grid-1.json", &moves(&[1.0, 2.0, 3.0]));
    folder.write("right/grid-2.json", &moves(&[3.0, 2.0, 1.0]));
    folder.write("right/grid-fine/a.json", &moves(&[1.0, 1.5]));
    folder.write("right/grid-fine/b.json", &moves(&[1.0, 2.5]));
    folder.write("right/notes.txt", "no session");
    folder.write("wrong.json", &moves(&[1.0, 2.0, 4.0]));
    folder
}

fn scored(folder: &Folder, kept: &Kept, threads: usize) -> Scores {
    let suite = Suite::load(SUITE, &folder.0).unwrap();
    run(&suite, kept, threads, &|_, _| {})
}

#[test]
fn sessions_are_found_and_the_best_reference_counts() {
    let folder = filled();
    let scores = scored(&folder, &Kept::nothing(), 3);
    let best: Vec<(&str, &str, Option<usize>, bool)> = scores
        .sessions
        .iter()
        .map(|it| {
            let (reference, outcome) = it.compared().unwrap();
            (&*it.item, &*it.candidate, Some(reference), outcome.alike)
        })
        .collect();
    assert_eq!(
        best,
        [
            ("grid", "right", Some(0), true),
            ("grid", "right", Some(1), true),
            ("grid-fine", "right", Some(0), true),
            ("grid-fine", "right", Some(0), false),
            ("grid", "wrong", Some(0), false),
        ]
    );
    let right = &scores.candidates[0];
    assert_eq!((right.alike.of, right.alike.all, right.missing), (3, 4, 0));
    let wrong = &scores.candidates[1];
    assert_eq!((wrong.alike.of, wrong.alike.all, wrong.missing), (0, 2, 1));
    // An item that was never done halves the mean of the other.
    let one = scores.sessions[4].outcome().unwrap().score;
    assert_eq!(wrong.means[0].dimension, Dimension::Score);
    assert!((wrong.means[0].mean - one / 2.0).abs() < 1e-12);
}

#[test]
fn any_number_of_threads_comes_to_the_same() {
    let folder = filled();
    let one = scored(&folder, &Kept::nothing(), 1);
    assert_eq!(one, scored(&folder, &Kept::nothing(), 8));
}

#[test]
fn what_is_kept_is_not_done_again() {
    let folder = filled();
    let kept = Kept::in_folder(&folder.0.join("kept")).unwrap();
    let first = scored(&folder, &kept, 2);
    assert!(first.sessions.iter().all(|it| !it.kept));
    let second = scored(&folder, &kept, 2);
    assert!(second.sessions.iter().all(|it| it.kept));
    assert_eq!(first.json(), second.json());
    // One session is another one now; and a result that broke off is none.
    folder.write("wrong.json", &moves(&[1.0, 2.0, 3.0]));
    let third = scored(&folder, &kept, 2);
    // The same session is known already from another candidate.
    assert!(third.sessions[4].kept && third.sessions[4].outcome().unwrap().alike);
    folder.write("wrong.json", &moves(&[1.0, 2.0, 7.0]));
    let fourth = scored(&folder, &kept, 2);
    let again: Vec<bool> = fourth.sessions.iter().map(|it| it.kept).collect();
    assert_eq!(again, [true, true, true, true, false]);
    for entry in fs::read_dir(folder.0.join("kept")).unwrap() {
        let path = entry.unwrap().path();
        let half = fs::read(&path).unwrap();
        fs::write(&path, &half[..half.len() / 2]).unwrap();
    }
    let fifth = scored(&folder, &kept, 2);
    assert!(fifth.sessions.iter().all(|it| !it.kept));
    assert_eq!(fifth.json(), fourth.json());
}

#[test]
fn a_session_that_cannot_be_read_counts_as_nothing_and_stops_nobody() {
    let folder = filled();
    folder.write("right/grid-1.json", "no JSON");
    let scores = scored(&folder, &Kept::nothing(), 2);
    let why = scores.sessions[0].failure().unwrap();
    assert!(why.contains("grid-1.json: failed to find a trace"), "{why}");
    assert_eq!(
        (scores.items[0].alike.of, scores.items[0].alike.all),
        (1, 2)
    );
    assert_eq!(scores.items[0].means[0].mean, 0.5);
    assert!(table::text(&scores).contains("not compared: "));
}

#[test]
fn it_can_be_read_as_table_csv_and_page() {
    let folder = filled();
    folder.write("wrong.json", &moves(&[1.0, 2.0, 4.0]));
    let scores = scored(&folder, &Kept::nothing(), 2);
    let text = table::text(&scores);
    assert!(text.contains("right      3/4 [0.30, 0.95]"), "{text}");
    assert!(text.contains("grid-fine  wrong      no session"), "{text}");
    let csv = csv::csv(&scores);
    assert_eq!(csv.lines().count(), 6);
    let columns = |line: &str| line.split(',').count();
    assert!(csv.lines().all(|line| columns(line) == 16), "{csv}");
    let page = page::html(&scores);
    assert!(page.contains("<title>Two &amp; three</title>"));
    assert!(page.contains("x was asked for 4 instead of 3 at 2.0 s"));
    let json: serde_json::Value = serde_json::from_str(&scores.json()).unwrap();
    assert_eq!(json["sessions"][0]["alike"], true);
}

#[test]
fn mistakes_are_told_with_their_places_all_at_once() {
    let folder = filled();
    let text = SUITE
        .replace("golden/fine.json", "golden/gone.json")
        .replace("\"right\"\n", "\"nowhere\"\n")
        .replace("grid = [", "grind = [");
    let problems = Suite::load(&text, &folder.0).unwrap_err();
    let rendered = problems.render("suite.toml", &text);
    let place = |it: &str| folder.0.join(it).display().to_string();
    let expected = [
        format!(
            "suite.toml:8:15: there is no file {}",
            place("golden/gone.json")
        ),
        "  | references = [\"golden/gone.json\"]".to_owned(),
        "  |               ^^^^^^^^^^^^^^^^^^".to_owned(),
        format!(
            "suite.toml:11:12: failed to read the folder {}: No such file or directory (os error 2)",
            place("nowhere")
        ),
        "  | sessions = \"nowhere\"".to_owned(),
        "  |            ^^^^^^^^^".to_owned(),
        "suite.toml:15:1: there is no item grind".to_owned(),
        "  | grind = [\"wrong.json\"]".to_owned(),
        "  | ^^^^^".to_owned(),
    ];
    assert_eq!(rendered.lines().collect::<Vec<_>>(), expected);
    let empty = Suite::load("suite = 1\n", Path::new("")).unwrap_err();
    assert_eq!(empty.0.len(), 2);
}

#[test]
fn what_has_not_the_right_form_is_told_all_at_once_too() {
    let text = "suite = 2\ntitel = \"x\"\n[item.a]\nreferences = []\n[item.b]\nrefs = [\"x\"]\n\
        [candidate.c]\nsessions = 5\n[candidate.d.items]\nzz = [\"gone.json\", 1]\n[candidate.e]\n";
    let problems = Suite::load(text, Path::new("nowhere")).unwrap_err();
    let rendered = problems.render("bad.toml", text);
    let told: Vec<&str> = rendered
        .lines()
        .filter(|line| line.starts_with("bad"))
        .collect();
    assert_eq!(
        told,
        [
            "bad.toml:1:9: this program reads suites of version 1",
            "bad.toml:2:1: there is no `titel` here, only suite, title, method, settings, item, candidate",
            "bad.toml:4:14: item.a.references: no reference",
            "bad.toml:5:7: item.b: no references; give `references = [FILE]`",
            "bad.toml:6:1: item.b: there is no `refs` here, only references",
            "bad.toml:8:12: candidate.c.sessions: a string is wanted, not this integer",
            "bad.toml:10:1: there is no item zz",
            "bad.toml:10:7: there is no file or folder nowhere/gone.json",
            "bad.toml:10:20: candidate.d.items.zz: a string is wanted, not this integer",
            "bad.toml:11:12: candidate.e: no sessions; give `sessions = FOLDER`, or its files under `items`",
        ]
    );
    let broken = Suite::load("suite = \ntitle = \n", Path::new("")).unwrap_err();
    assert_eq!(broken.0.len(), 2, "{broken}");
}

#[test]
fn a_reference_that_cannot_be_read_is_a_mistake_of_the_suite() {
    let folder = filled();
    folder.write("golden/grid-other.json", "no JSON");
    let problems = Suite::load(SUITE, &folder.0).unwrap_err();
    let rendered = problems.render("suite.toml", SUITE);
    assert!(rendered.starts_with("suite.toml:5:35: "), "{rendered}");
    assert!(
        rendered.contains("grid-other.json: failed to find a trace"),
        "{rendered}"
    );
    assert_eq!(problems.0.len(), 1);
}

#[test]
fn a_trace_that_fits_no_item_is_told() {
    let folder = filled();
    folder.write("right/gird.jsonl", "");
    folder.write("right/grid2/x.json", "");
    folder.write("right/other/notes.txt", "");
    let scores = scored(&folder, &Kept::nothing(), 1);
    let place = |it: &str| folder.0.join("right").join(it).display().to_string();
    let told =
        ["gird.jsonl", "grid2"].map(|it| format!("{} fits no item; did you mean grid?", place(it)));
    assert_eq!(scores.warnings, told);
    assert!(table::text(&scores).contains(&format!("warning: {}", told[0])));
    assert!(page::html(&scores).contains(&told[1]));
    assert!(scores.json().contains("\"warnings\""));
}

#[test]
fn a_session_that_was_cut_short_is_said_to_be() {
    let folder = filled();
    let head = r#"{"trace":"1.0"}"#;
    let channel = r#"{"pv":1,"name":"x","role":"request"}"#;
    let post = r#"{"n":1,"t":0.0,"post":1,"value":1.0}"#;
    folder.write("wrong.json", &[head, channel, post].join("\n"));
    let scores = scored(&folder, &Kept::nothing(), 1);
    let said = "the trace of the session is cut short";
    assert!(table::text(&scores).contains(&format!("wrong.json: {said}")));
    let csv = csv::csv(&scores);
    assert!(csv.lines().any(|line| line.contains(said)), "{csv}");
}

#[test]
fn a_suite_may_be_scored_by_the_methods_of_envtrace() {
    let folder = filled();
    let config = r#"{"ignore_channels":["y"]}"#;
    folder.write("envtrace.json", config);
    let by = |method: &str| {
        let said = format!("suite = 1\nmethod = \"{method}\"\nsettings = \"envtrace.json\"");
        let text = SUITE.replace("suite = 1", &said);
        run(
            &Suite::load(&text, &folder.0).unwrap(),
            &Kept::nothing(),
            1,
            &|_, _| {},
        )
    };
    let (package, paper) = (by("envtrace"), by("envtrace-paper"));
    let read = |name: &str| {
        let text = fs::read(folder.0.join(name)).unwrap();
        beamtwin_trace::envtrace::parse(&text).unwrap()
    };
    let config = Config::from_json(config).unwrap();
    let (gt, pred) = (read("golden/grid.json"), read("wrong.json"));
    let direct = envtrace::evaluate(&gt, &pred, &config).unwrap();
    let found = package.sessions[4].outcome().unwrap();
    assert_eq!(
        (found.score, found.alike),
        (direct.full_score, direct.accuracy)
    );
    assert_eq!(found.value(Dimension::Steps), Some(direct.metrics[0].score));
    assert_eq!((found.matched, found.differing), (2, 1));
    assert_eq!(found.value(Dimension::Curves), None);
    let direct = paper::evaluate(&gt, &pred, &config).unwrap();
    let found = paper.sessions[4].outcome().unwrap();
    assert_eq!(found.score, direct.full_score);
    assert_eq!(found.value(Dimension::Time), Some(direct.timing_score));
    let names = |scores: &Scores| scores.candidates[0].means.len();
    assert_eq!((names(&package), names(&paper)), (3, 4));
    assert!(table::text(&package).contains("score"));
    assert!(!page::html(&package).contains("<th>weighted</th>"));
    assert!(
        csv::csv(&package)
            .lines()
            .all(|line| line.split(',').count() == 16)
    );
    assert_eq!(
        (package.method, paper.method),
        ("envtrace", "envtrace-paper")
    );
}

#[test]
fn another_method_is_another_result() {
    let folder = filled();
    let kept = Kept::in_folder(&folder.0.join("kept")).unwrap();
    let ours = scored(&folder, &kept, 1);
    let text = SUITE.replace("suite = 1", "suite = 1\nmethod = \"envtrace\"");
    let suite = Suite::load(&text, &folder.0).unwrap();
    let first = run(&suite, &kept, 1, &|_, _| {});
    let second = run(&suite, &kept, 1, &|_, _| {});
    assert!(first.sessions.iter().all(|it| !it.kept));
    assert!(second.sessions.iter().all(|it| it.kept));
    assert_eq!(first.candidates, second.candidates);
    assert_ne!(first.candidates, ours.candidates);
    let text = SUITE.replace("suite = 1", "suite = 1\nmethod = \"envtrac\"");
    let problems = Suite::load(&text, &folder.0).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "method: there is no `envtrac`, only beamtwin, envtrace, envtrace-paper"
    );
}
