//! Rules of a file, judged while its world goes its way.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use beamtwin_beamline::load;
use beamtwin_pv::{Epoch, Severity, SimTime, Value};
use beamtwin_sim::{Note, PutRequest, Says, What, World};

const FILE: &str = "
[motor.x]
pv           = \"T:x\"
limits       = [-100, 100]
velocity     = 1
max_velocity = 5

[shutter.main]
command = \"T:shutter\"
travel  = \"0 ms\"

[rules.wall]
always  = \"motor.x.position <= 3\"
message = \"the wall is there\"

[rules.dark]
never    = \"shutter.main.open\"
within   = \"2 s\"
severity = \"minor\"

[rules.both]
never = \"shutter.main.open && motor.x.moving\"
";

fn world() -> World {
    load(FILE).expect("sound").world(1, Epoch::default())
}

fn put(world: &mut World, name: &str, value: f64) {
    let pv = world.find(name).expect("it is there").pv;
    world.put(PutRequest {
        pv,
        value: Value::Double(value),
        by: None,
        complete: false,
    });
}

fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + Duration::from_secs_f64(seconds)
}

/// All that is told of broken rules: which, when, and since when.
fn broken(world: &mut World) -> Vec<(String, SimTime, SimTime)> {
    let mut all = Vec::new();
    while let Some(event) = world.poll_event() {
        if let What::Note(Note::Broken { rule, since, .. }) = event.what {
            all.push((rule, event.t, since));
        }
    }
    all
}

/// Opens the shutter at 1 s, goes to 5 mm at 2 s, closes the shutter at 4.5 s.
fn session(every: Option<f64>) -> Vec<(String, SimTime, SimTime)> {
    let mut world = world();
    let go = |world: &mut World, to: f64| {
        while let Some(step) = every
            && world.now() + Duration::from_secs_f64(step) < at(to)
        {
            let next = world.now() + Duration::from_secs_f64(step);
            world.advance_to(next);
        }
        world.advance_to(at(to));
    };
    go(&mut world, 1.0);
    put(&mut world, "T:shutter", 1.0);
    go(&mut world, 2.0);
    put(&mut world, "T:x", 5.0);
    go(&mut world, 4.5);
    put(&mut world, "T:shutter", 0.0);
    go(&mut world, 20.0);
    broken(&mut world)
}

#[test]
fn a_broken_rule_is_a_fact_when_it_is_known() {
    let all = session(None);
    let names: Vec<&str> = all.iter().map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(names, ["both", "dark", "wall"]);
    // The shutter was open and the motor begins to move: that is known at once.
    assert_eq!((all[0].1, all[0].2), (at(2.0), at(2.0)));
    // Open since 1 s, for two seconds and no longer.
    assert_eq!((all[1].1, all[1].2), (at(3.0), at(1.0)));
    // It passes 3 mm between two samples, and the second one tells.
    let (_, told, since) = &all[2];
    assert!(
        *since < *told && *told < *since + Duration::from_millis(100),
        "{all:?}"
    );
}

#[test]
fn how_time_passes_makes_no_difference() {
    let all = session(None);
    assert_eq!(session(Some(0.007)), all);
    assert_eq!(session(Some(0.9)), all);
}

#[test]
fn a_twin_knows_when_a_rule_will_be_broken() {
    let mut world = world();
    world.advance_to(at(0.5));
    while world.poll_event().is_some() {}
    assert_eq!(world.next_wake(), None);
    put(&mut world, "T:shutter", 1.0);
    let mut wakes = Vec::new();
    while let Some(next) = world.next_wake() {
        wakes.push(next);
        world.advance_to(next);
    }
    assert!(wakes.contains(&at(2.5)), "{wakes:?}");
    assert_eq!(broken(&mut world), [("dark".to_owned(), at(2.5), at(0.5))]);
}

#[test]
fn a_snapshot_remembers_what_has_been_seen() {
    let mut world = world();
    put(&mut world, "T:shutter", 1.0);
    world.advance_to(at(1.5));
    world.snapshot("open", None).unwrap();
    world.advance_to(at(10.0));
    let first = broken(&mut world);
    assert_eq!(first, [("dark".to_owned(), at(2.0), at(0.0))]);
    for times in 1..3 {
        // Half a second before it is broken.
        let back = 10.0 * f64::from(times);
        world.restore("open", None).unwrap();
        world.advance_to(at(back + 10.0));
        let since = back - 1.5;
        assert_eq!(
            broken(&mut world),
            [("dark".to_owned(), at(back + 0.5), at(since))]
        );
    }
}

#[test]
fn a_fact_says_what_the_rule_says() {
    let mut world = world();
    put(&mut world, "T:shutter", 1.0);
    world.advance_to(at(10.0));
    let mut notes =
        std::iter::from_fn(|| world.poll_event()).filter_map(|event| match event.what {
            What::Note(Note::Broken { text, severity, .. }) => Some((text, severity)),
            _ => None,
        });
    let expected = ("never shutter.main.open".to_owned(), Severity::Minor);
    assert_eq!(notes.next(), Some(expected));
}

#[test]
fn each_word_that_is_a_condition_follows_its_device() {
    let text = "
        [motor.x]\npv = \"T:x\"\nlimits = [-100, 100]
        [positioner.e]\npv = \"T:e\"
        [shutter.s]\ncommand = \"T:s\"\nreadback = [\"T:pos\", \"T:too\"]\nopen = 0\nclosed = 1\ntravel = \"1 s\"
        [camera.c]\npv = \"T:c:\"
        [temperature.t]\npv = \"T:t:\"
        [rules.motor]\nnever = \"motor.x.moving\"
        [rules.positioner]\nnever = \"positioner.e.moving\"
        [rules.shutter]\nnever = \"shutter.s.open\"
        [rules.acquiring]\nnever = \"camera.c.acquiring\"
        [rules.exposing]\nnever = \"camera.c.exposing\"
        [rules.ramping]\nnever = \"temperature.t.ramping\"
    ";
    let beamline = load(text).unwrap_or_else(|problems| panic!("{}", problems.render("t", text)));
    let broken_by = |name: &str, value: f64| -> Vec<String> {
        let mut world = beamline.world(1, Epoch::default());
        world.advance_to(at(0.5));
        let before: Vec<String> = broken(&mut world).into_iter().map(|it| it.0).collect();
        put(&mut world, name, value);
        world.advance_to(at(3.0));
        // Each exposure is one more.
        let all: BTreeSet<String> = broken(&mut world).into_iter().map(|it| it.0).collect();
        all.into_iter()
            .filter(|rule| !before.contains(rule))
            .collect()
    };
    assert_eq!(broken_by("T:x", 1.0), ["motor"]);
    assert_eq!(broken_by("T:e-SP", 1.0), ["positioner"]);
    // Only when its readback says so.
    assert_eq!(broken_by("T:s", 0.0), ["shutter"]);
    assert_eq!(broken_by("T:s", 1.0), [""; 0]);
    assert_eq!(
        broken_by("T:c:cam1:Acquire", 1.0),
        ["acquiring", "exposing"]
    );
}

#[test]
fn each_word_of_each_device_is_on_the_page_and_can_be_said() {
    let page = include_str!("../../../docs/src/rules.md");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/valid");
    let mut kinds = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("files") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("text");
        let Ok(beamline) = load(&text) else { continue };
        let world = beamline.world(1, Epoch::default());
        for device in beamline.devices().filter(|device| device.line.is_some()) {
            for (word, pv, says) in world.words(&device.device).expect("it is there") {
                assert!(page.contains(&format!("`{word}`")), "{word} is on the page");
                let value = world.read(pv).value;
                assert!(
                    value.as_f64().is_some(),
                    "{}.{word}: {value:?}",
                    device.device
                );
                let name = format!("{}.{word}", device.device);
                // Numbers in a name are no part of an expression.
                if name
                    .split('.')
                    .any(|part| part.starts_with(|c: char| c.is_ascii_digit()))
                {
                    continue;
                }
                let rule = match says {
                    Says::Number => format!("\n[rules.it]\nalways = \"{name} < 1e9\"\n"),
                    Says::When(_) | Says::Unless(_) => {
                        format!("\n[rules.it]\nalways = \"{name} || true\"\n")
                    }
                };
                let text = text.replace("[rules.", "[rules.of_the_file_");
                if let Err(problems) = load(&format!("{text}{rule}")) {
                    panic!("{}", problems.render(&path.display().to_string(), &text));
                }
                kinds.insert(device.kind);
            }
        }
    }
    let most = [
        "camera",
        "diode",
        "linkam",
        "motor",
        "positioner",
        "shutter",
        "slits",
        "temperature",
    ];
    assert_eq!(kinds, BTreeSet::from(most));
}
