//! What every kind must bring along.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use beamtwin_devices::motor::Motor;
use beamtwin_devices::{KINDS, Kind, Visitor, visit};
use beamtwin_sim::Surface;

struct Settings;

impl Visitor for Settings {
    type Output = String;

    fn kind<K: Kind>(self) -> String {
        serde_json::to_string(&schemars::schema_for!(K::Settings)).unwrap()
    }
}

fn here(path: &str) -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).is_file()
}

#[test]
fn kinds_stand_in_alphabetical_order() {
    assert!(KINDS.is_sorted());
}

#[test]
fn every_kind_has_a_page_and_a_test_file() {
    for kind in KINDS {
        for path in [
            format!("../../docs/src/devices/{kind}.md"),
            format!("tests/{kind}.rs"),
        ] {
            assert!(here(&path), "{kind} lacks {path}");
        }
    }
}

#[test]
fn no_kind_has_a_setting_that_the_loader_has_for_all() {
    for kind in KINDS {
        let schema: serde_json::Value =
            serde_json::from_str(&visit(kind, Settings).unwrap()).unwrap();
        let properties = &schema["properties"];
        assert!(properties.is_object(), "{kind} has no settings: {schema}");
        for name in ["each", "fault", "faults"] {
            assert!(
                properties.get(name).is_none(),
                "{kind} has a setting called `{name}`"
            );
        }
        assert_eq!(
            schema["additionalProperties"], false,
            "{kind} ignores unknown settings"
        );
    }
}

fn motor_faults() -> &'static [&'static str] {
    let settings = toml::from_str("pv = 'm'").unwrap();
    Motor::build(settings, &mut Surface::default()).faults()
}

/// Whether each example of a page makes a device, and the page tells every setting.
struct Page<'a>(&'a str);

impl Visitor for Page<'_> {
    type Output = ();

    fn kind<K: Kind>(self) {
        let mut made = 0;
        let mut faults: Vec<&str> = Vec::new();
        for block in self.0.split("```toml\n").skip(1) {
            let example = block.split("```").next().unwrap();
            let file: toml::Table = toml::from_str(example).unwrap();
            let Some(devices) = file.get(K::NAME) else {
                continue;
            };
            for (name, device) in devices.as_table().unwrap() {
                let settings = device.clone().try_into::<K::Settings>();
                let mut surface = Surface::default();
                let device = K::build(
                    settings.unwrap_or_else(|e| panic!("{name}: {e}")),
                    &mut surface,
                );
                assert_eq!(surface.flaws(), [], "{name}");
                faults.extend(device.faults());
                made += 1;
            }
        }
        let by_loader = K::NAME == "twin";
        assert!(
            made > 0 || by_loader,
            "the page of {} has no example",
            K::NAME
        );
        for words in faults {
            let plain = words.trim_end_matches("NUMBER");
            let told = self.0.contains(&format!("`{plain}"));
            // An axis has those of its motor, behind its name.
            let axis = words.split_once(' ');
            let of_motor = axis.is_some_and(|(_, fault)| motor_faults().contains(&fault));
            assert!(
                told || of_motor && self.0.contains("Those of a [motor](motor.md)"),
                "the page of {} does not tell of the fault `{words}`",
                K::NAME
            );
        }
        let schema: serde_json::Value = schemars::schema_for!(K::Settings).into();
        for setting in schema["properties"].as_object().unwrap().keys() {
            let told = self.0.contains(&format!("`{setting}`")) || setting == "pvs";
            assert!(told, "the page of {} does not tell of `{setting}`", K::NAME);
        }
    }
}

#[test]
fn the_examples_of_every_page_work_and_every_setting_is_told() {
    for kind in KINDS {
        let path = format!("../../docs/src/devices/{kind}.md");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        visit(kind, Page(&std::fs::read_to_string(path).unwrap())).unwrap();
    }
}
