//! The files under `tests/files`: each valid one loads, each invalid one is told exactly what is wrong.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use beamtwin_beamline::load;
use beamtwin_devices::KINDS;
use beamtwin_pv::{Epoch, Severity, SimTime, Value};
use beamtwin_sim::World;

/// Set to write what is expected anew, and then read the difference.
const REWRITE: &str = "BEAMTWIN_REWRITE";

fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files");
    let mut files: Vec<PathBuf> = fs::read_dir(root.join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are files in {folder}");
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The lines of two texts that are not the same.
fn difference(expected: &str, found: &str) -> String {
    let mut out = String::new();
    let (expected, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    for at in 0..expected.len().max(found.len()) {
        let (old, new) = (expected.get(at), found.get(at));
        if old != new {
            for (sign, line) in [('-', old), ('+', new)] {
                if let Some(line) = line {
                    writeln!(out, "  {sign} {line}").unwrap();
                }
            }
        }
    }
    out
}

#[test]
fn every_valid_file_loads_and_builds() {
    for path in files("valid") {
        let text = fs::read_to_string(&path).unwrap();
        match load(&text) {
            Ok(beamline) => drop(beamline.world(1, Epoch::default())),
            Err(problems) => panic!("{}", problems.render(&name(&path), &text)),
        }
    }
}

#[test]
fn every_default_that_is_explained_may_be_written_into_the_file() {
    for path in files("valid") {
        let beamline = load(&fs::read_to_string(&path).unwrap()).unwrap();
        for device in beamline.devices().filter(|device| device.line.is_some()) {
            let mut text = format!("[{}.x]\n", device.kind);
            for setting in &beamline.explain(&device.device).unwrap().settings {
                if let Some(value) = &setting.value {
                    writeln!(text, "{} = {value}", setting.setting).unwrap();
                }
            }
            // Other devices are not there.
            let problems = load(&text).err().unwrap_or_default().0;
            let odd = problems.iter().find(|p| !p.message.contains("no device"));
            assert!(odd.is_none(), "{}: {odd:?}\n{text}", name(&path));
        }
    }
}

#[test]
fn every_kind_has_a_sample_among_the_valid_files() {
    let all: Vec<String> = files("valid")
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for &kind in KINDS.iter().filter(|&&kind| kind != "twin") {
        let sample = all.iter().any(|text| text.contains(&format!("[{kind}.")));
        assert!(sample, "tests/files/valid has no [{kind}.name]");
    }
}

#[test]
fn every_fault_that_is_explained_may_be_written_into_the_file() {
    for path in files("valid") {
        let beamline = load(&fs::read_to_string(&path).unwrap()).unwrap();
        for device in beamline.devices().filter(|device| device.line.is_some()) {
            let explained = beamline.explain(&device.device).unwrap();
            assert!(explained.faults.contains(&"disconnected"));
            let mut world = beamline.world(1, Epoch::default());
            for words in &explained.faults {
                let words = words.replace("NUMBER", "0.5").replace("DURATION", "2 s");
                let made = world.fault(&device.device, &format!("{words} for 1 s"), None);
                assert_eq!(made, Ok(()), "{}: {}", name(&path), device.device);
                let shown: Vec<String> = world.faults().map(|(_, f, _)| f.to_string()).collect();
                assert_eq!(shown, [format!("{words} for 1 s")]);
            }
        }
    }
}

#[test]
fn words_that_are_no_fault_of_slits_are_told_with_each_axis_once() {
    let text = "[slits.s]\npv = \"S\"\nfault = \"left stall\"";
    let problems = load(text).err().unwrap().0;
    let hint = problems[0].hint.as_deref().unwrap();
    let axes = "there are none, (inboard | outboard | bottom | top) (stall | high limit | ";
    assert!(hint.starts_with(axes), "{hint}");
    assert_eq!(hint.matches("stall").count(), 1);
}

#[test]
fn the_settings_for_faults_are_those_of_every_kind() {
    let text = |fault: &str| {
        format!(
            "[mailbox.notes]\nfault = \"{fault}\"\nfaults = \"bad\"\npvs = {{ \"note\" = 1.0 }}"
        )
    };
    let mut world = load(&text("alarm major for 2 s"))
        .unwrap()
        .world(1, Epoch::default());
    let pvs = ["note", "bad"].map(|name| world.find(name).unwrap().pv);
    let severity = |world: &World| world.read(pvs[0]).alarm.severity;
    assert_eq!(severity(&world), Severity::Major);
    assert_eq!(world.read(pvs[1]).value, Value::from("alarm major for 2 s"));
    world.advance_to(SimTime::ZERO + Duration::from_secs(2));
    assert_eq!(severity(&world), Severity::None);
    let problems = load(&text("disconected")).err().unwrap().0;
    let said: Vec<(&str, Option<&str>)> = problems
        .iter()
        .map(|p| (p.message.as_str(), p.hint.as_deref()))
        .collect();
    let (message, hint) = said[0];
    assert_eq!(
        message,
        "mailbox.notes: fault: no fault is called `disconected`"
    );
    assert!(
        hint.unwrap()
            .starts_with("did you mean `disconnected`? (there are"),
        "{hint:?}"
    );
    assert_eq!(said.len(), 1);
    let dotted = text("none").replace("\"bad\"", "\"bad.VAL\"");
    let problems = load(&dotted).err().unwrap().0;
    assert!(
        problems[0].message.starts_with("mailbox.notes: faults:"),
        "{problems:?}"
    );
    let taken = text("none").replace("\"bad\"", "\"note\"");
    assert!(load(&taken).err().unwrap().0[0].message.contains("`note`"));
}

#[test]
fn no_kind_has_a_setting_called_each() {
    let schema = beamtwin_beamline::schema();
    for kind in KINDS {
        let settings = &schema["$defs"][format!("{kind}.settings")]["properties"];
        assert!(
            settings.get("each").is_none(),
            "{kind} has a setting called each"
        );
    }
}

#[test]
fn every_invalid_file_is_told_exactly_what_is_wrong() {
    let mut failures = String::new();
    for path in files("invalid") {
        let text = fs::read_to_string(&path).unwrap();
        let Err(problems) = load(&text) else {
            writeln!(failures, "{}: loads without a problem", name(&path)).unwrap();
            continue;
        };
        let rendered = problems.render(&name(&path), &text);
        let golden = path.with_extension("err");
        if std::env::var_os(REWRITE).is_some() {
            fs::write(&golden, &rendered).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if expected != rendered {
            let difference = difference(&expected, &rendered);
            writeln!(failures, "{}:\n{difference}", golden.display()).unwrap();
        }
    }
    assert!(
        failures.is_empty(),
        "{failures}set {REWRITE}=1 to take what was found for what is expected"
    );
}

#[test]
fn no_expectation_is_without_its_file() {
    let folder = files("invalid")[0].parent().unwrap().to_owned();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(path.with_extension("toml").exists(), "{}", path.display());
    }
}
