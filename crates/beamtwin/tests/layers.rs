//! The crates use each other as the table on the architecture page says.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

type Uses = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_crates_use_each_other_as_the_architecture_page_says() {
    assert_eq!(from_page(), from_cargo());
}

#[test]
fn every_crate_uses_only_lower_layers() {
    let layers: BTreeMap<String, u32> = rows()
        .map(|cells| (name(&cells[1]), cells[0].parse().expect("a layer")))
        .collect();
    for (user, uses) in from_page() {
        for used in uses {
            assert!(layers[&used] < layers[&user], "{user} uses {used}");
        }
    }
}

fn rows() -> impl Iterator<Item = Vec<String>> {
    let page = include_str!("../../../docs/src/architecture.md");
    page.lines()
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .filter(|cells: &Vec<String>| cells[0].parse::<u32>().is_ok())
}

fn name(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

fn from_page() -> Uses {
    rows()
        .map(|cells| {
            let uses = cells[2].split(',').map(|used| used.trim().to_owned());
            (name(&cells[1]), uses.filter(|used| used != "–").collect())
        })
        .collect()
}

fn from_cargo() -> Uses {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let short = |value: &serde_json::Value| {
        let name = value["name"].as_str().expect("a name");
        name.strip_prefix("beamtwin-")
            .or((name == "beamtwin").then_some(name))
            .map(str::to_owned)
    };
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .filter_map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            let normal = dependencies
                .iter()
                .filter(|dependency| dependency["kind"].is_null());
            Some((short(package)?, normal.filter_map(short).collect()))
        })
        .collect()
}
