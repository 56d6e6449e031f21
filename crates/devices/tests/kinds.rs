//! What every kind must bring along.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use beamtwin_devices::{KINDS, Kind, Visitor, visit};

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
fn no_kind_has_a_setting_called_each() {
    for kind in KINDS {
        let schema: serde_json::Value =
            serde_json::from_str(&visit(kind, Settings).unwrap()).unwrap();
        let properties = &schema["properties"];
        assert!(properties.is_object(), "{kind} has no settings: {schema}");
        assert!(
            properties.get("each").is_none(),
            "{kind} has a setting called `each`"
        );
        assert_eq!(
            schema["additionalProperties"], false,
            "{kind} ignores unknown settings"
        );
    }
}
