//! The field table against the fields that the C record served.

use std::path::Path;

use beamtwin_devices::Kind;
use beamtwin_devices::motor::{Motor, Settings};
use beamtwin_pv::{Range, ValueKind};
use beamtwin_sim::{Bench, Surface};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fields {
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    native_type: String,
    access_bits: u8,
    #[serde(default)]
    menu_choices: Vec<String>,
    ctrl: Option<Ctrl>,
}

#[derive(Deserialize)]
struct Ctrl {
    units: String,
    precision: Option<i16>,
    lower_disp: Number,
    upper_disp: Number,
    lower_ctrl: Number,
    upper_ctrl: Number,
    lower_alarm: Number,
    upper_alarm: Number,
    lower_warning: Number,
    upper_warning: Number,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Known(f64),
    Unknown(String),
}

impl Number {
    fn value(&self) -> f64 {
        match self {
            Self::Known(number) => *number,
            Self::Unknown(text) => text.parse().expect("a number"),
        }
    }
}

fn captured() -> Vec<Field> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/motor/fields.json");
    let text = std::fs::read_to_string(path).expect("the fields");
    serde_json::from_str::<Fields>(&text)
        .expect("the fields")
        .fields
}

/// The axis behind the captures.
fn axis() -> Bench {
    let table = "pv = \"m\"\nvelocity = 2.0\nlimits = [-40, 40]";
    let settings: Settings = toml::from_str(table).expect("settings");
    Bench::boxed(|surface: &mut Surface| Motor::build(settings, surface))
}

fn kind(native: &str) -> ValueKind {
    match native {
        "DBR_STRING" => ValueKind::String,
        "DBR_SHORT" => ValueKind::Short,
        "DBR_FLOAT" => ValueKind::Float,
        "DBR_ENUM" => ValueKind::Enum,
        "DBR_CHAR" => ValueKind::Char,
        "DBR_LONG" => ValueKind::Long,
        "DBR_DOUBLE" => ValueKind::Double,
        other => panic!("{other}"),
    }
}

fn same(ours: Range, low: &Number, high: &Number) -> bool {
    let alike = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
    alike(ours.low, low.value()) && alike(ours.high, high.value())
}

#[test]
fn every_field_is_there_with_its_type_its_access_and_its_choices() {
    let mut m = axis();
    let world = m.world();
    let fields = captured();
    assert!(fields.len() > 150);
    for field in fields {
        let name = &field.name;
        let pv = world
            .find(&format!("m.{name}"))
            .unwrap_or_else(|| panic!("no {name}"))
            .pv;
        assert_eq!(world.field(pv).kind, kind(&field.native_type), "{name}");
        assert_eq!(world.access(pv).write, field.access_bits & 2 != 0, "{name}");
        if !field.menu_choices.is_empty() && name != "DTYP" {
            let labels = world.metadata(pv).labels;
            let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
            assert_eq!(labels, field.menu_choices, "{name}");
        }
    }
}

#[test]
fn every_number_is_described_as_captured() {
    let mut m = axis();
    let world = m.world();
    for field in captured() {
        let Some(ctrl) = field.ctrl else {
            continue;
        };
        let name = &field.name;
        let pv = world.find(&format!("m.{name}")).unwrap().pv;
        let ours = world.metadata(pv);
        assert_eq!(ours.units, ctrl.units.as_str(), "{name}");
        if let Some(precision) = ctrl.precision {
            assert_eq!(ours.precision, precision, "{name}");
        }
        assert!(
            same(ours.display, &ctrl.lower_disp, &ctrl.upper_disp),
            "{name}: {ours:?}"
        );
        assert!(
            same(ours.control, &ctrl.lower_ctrl, &ctrl.upper_ctrl),
            "{name}: {ours:?}"
        );
        assert!(
            same(ours.alarm, &ctrl.lower_alarm, &ctrl.upper_alarm),
            "{name}: {ours:?}"
        );
        assert!(
            same(ours.warning, &ctrl.lower_warning, &ctrl.upper_warning),
            "{name}: {ours:?}"
        );
    }
}
