//! What a beamline file means.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_beamline::{Beamline, Layer, Source, load};
use beamtwin_pv::{Epoch, Value};

fn sound(text: &str) -> Beamline {
    load(text).unwrap_or_else(|problems| panic!("{}", problems.render("test.toml", text)))
}

fn said(text: &str) -> String {
    load(text).unwrap_err().to_string()
}

/// The setting of a device, and its source.
fn setting(beamline: &Beamline, device: &str, name: &str) -> (Option<String>, Source) {
    let explanation = beamline.explain(device).unwrap();
    let explained = explanation
        .settings
        .into_iter()
        .find(|e| e.setting == name)
        .unwrap();
    (explained.value, explained.source)
}

#[test]
fn devices_come_in_the_order_of_the_file() {
    let beamline = sound(
        r#"
        [mailbox.b.pvs]
        "B" = 1
        [mailbox.rows]
        pvs = { "R$(each)" = 1 }
        each = ["Z", "A", 3]
        [mailbox.a.pvs]
        "A" = 1
        "#,
    );
    let names: Vec<&str> = beamline
        .devices()
        .filter(|device| device.line.is_some())
        .map(|device| device.device.as_str())
        .collect();
    let expected = [
        "mailbox.b",
        "mailbox.rows.Z",
        "mailbox.rows.A",
        "mailbox.rows.3",
        "mailbox.a",
    ];
    assert_eq!(names, expected);
}

#[test]
fn the_nearest_layer_replaces_the_farther_and_is_named_as_the_source() {
    let text = r#"[defaults.mailbox]
pvs = { "D$(each)" = 1, "E" = 2 }
[mailbox.m.each]
A = {}
B = { pvs = { "B" = 3.5 } }
"#;
    let beamline = sound(text);
    let (value, source) = setting(&beamline, "mailbox.m.A", "pvs");
    assert_eq!(value.as_deref(), Some("{ DA = 1, E = 2 }"));
    assert_eq!(source, Source::Line(2, Layer::Defaults));
    let (value, source) = setting(&beamline, "mailbox.m.B", "pvs");
    assert_eq!(
        value.as_deref(),
        Some("{ B = 3.5 }"),
        "replaced, not merged"
    );
    assert_eq!(source, Source::Line(5, Layer::Row));
}

#[test]
fn macros_stand_in_keys_and_values_and_in_other_macros() {
    let beamline = sound(
        r#"
        [beamline]
        title = "$(SITE)"
        [macros]
        SITE = "Hall $(N)"
        N = 3
        AX = "Ax:$(each)"
        [mailbox.m]
        each = ["X"]
        pvs = { "T{$(AX)}Mtr" = "in $(SITE)" }
        "#,
    );
    assert_eq!(beamline.title(), "Hall 3");
    let world = beamline.world(1, Epoch::default());
    let pv = world.find("T{Ax:X}Mtr").unwrap().pv;
    assert_eq!(world.read(pv).value, Value::from("in Hall 3"));
}

#[test]
fn a_beamline_is_built_as_often_as_wanted() {
    let beamline = sound("[mailbox.m.pvs]\nA = 1.0\n");
    let (one, two) = (
        beamline.world(1, Epoch::default()),
        beamline.world(2, Epoch::default()),
    );
    assert_eq!((one.seed(), two.seed()), (1, 2));
    assert_eq!(one.devices(), two.devices());
}

#[test]
fn without_a_beam_table_it_is_dark_and_without_a_title_untitled() {
    let beamline = sound("[mailbox.m.pvs]\nA = 1.0\n");
    assert_eq!(beamline.title(), "untitled");
    assert!(beamline.path().is_empty());
}

#[test]
fn a_column_counts_characters() {
    let text = "[mailbox.m]\npvs = { \"é\" = \"ü$(X)\" }\n";
    let problems = load(text).unwrap_err();
    assert_eq!(problems.0[0].place(text), (2, 17));
    assert_eq!(&text[problems.0[0].span.clone().unwrap()], "$(X)");
}

#[test]
fn a_macro_that_explodes_is_stopped() {
    let mut text = "[mailbox.m.pvs]\n\"$(A0)\" = 1\n[macros]\nA40 = \"x\"\n".to_owned();
    for n in 0..40 {
        text += &format!("A{n} = \"$(A{0})$(A{0})\"\n", n + 1);
    }
    assert!(said(&text).contains("longer than"), "{}", said(&text));
}

#[test]
fn ten_thousand_devices_load_at_once() {
    let names: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
    let text = format!(
        "[mailbox.m]\npvs = {{ \"T:$(each)\" = 0 }}\neach = [{}]\n",
        names.join(", ")
    );
    let beamline = sound(&text);
    assert_eq!(
        beamline.devices().filter(|d| d.line.is_some()).count(),
        10_000
    );
}

#[test]
fn a_kind_unlike_any_other_is_answered_with_all_kinds() {
    let said = said("[goniometer.x]\n");
    assert!(
        said.starts_with("no device kind `goniometer`; kinds are "),
        "{said}"
    );
    assert!(said.contains("mailbox"), "{said}");
    assert!(!said.contains("twin"), "the loader adds that one: {said}");
}

#[test]
fn the_twin_says_of_itself_that_it_is_a_simulation() {
    let text = "[beamline]\ntitle = \"Hall 3\"\npv = \"SIM:\"\n[mailbox.m.pvs]\nA = 1.0\n";
    let world = sound(text).world(1, Epoch::default());
    let pv = world.find("SIM:simulation").unwrap().pv;
    assert_eq!(world.read(pv).value, Value::from("This is a simulation"));
    assert_eq!(world.devices(), ["mailbox.m", "twin"]);
    let usual = sound("[mailbox.m.pvs]\nA = 1.0\n").world(1, Epoch::default());
    assert!(usual.find("beamtwin:simulation").is_some());
}

#[test]
fn a_mistake_in_the_beam_does_not_hide_one_in_its_path() {
    let text = "[beam]\nenergy = 13.5\npath = [\"shutter.mian\"]\n\
                [shutter.main]\ncommand = \"S\"\n";
    assert_eq!(load(text).unwrap_err().0.len(), 2, "{}", said(text));
}

#[test]
fn a_mistake_that_all_motors_inherit_does_not_hide_their_own() {
    let text = "[defaults.motor]\nvelocitee = 1\n\
                [motor.a]\npv = \"A\"\nlimits = [5, -5]\n\
                [motor.b]\npv = \"B\"\nvelocity = -1\n\
                [motor.c]\npv = \"A\"\n\
                [motor.d]\npv = \"D\"\nresolution = 0\n";
    assert_eq!(load(text).unwrap_err().0.len(), 5, "{}", said(text));
}

#[test]
fn what_was_made_up_for_a_wrong_setting_is_not_reported() {
    // The base velocity may or may not be below the velocity that was meant, the start within the limits.
    let text = "[motor.a]\npv = \"A\"\nvelocity = \"fast\"\nbase_velocity = 5\n\
                start = 7\nlimits = \"wide\"\n\
                [motor.b]\nlimits = [-1, 1]\n\
                [motor.c]\nlimits = [-1, 1]\n";
    let said = said(text);
    assert_eq!(said.lines().count(), 4, "{said}");
    assert!(!said.contains('~'), "{said}");
}
