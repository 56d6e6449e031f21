//! Whether cameras and plugins show what real ones show: each table of a running server, row by row.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use beamtwin_devices::camera::Camera;
use beamtwin_pv::{Array, Value, ValueKind};
use beamtwin_sim::Bench;
use common::flaws;

/// Every kind of plugin, with the prefixes of those of which there is a table.
const PLUGINS: &str = "\
    pv = \"\"\nplugins = [\"image1\", \"Attr1\", \"BadPix1\", \"CB1\", \"CC1\", \"Codec1\", \"FFT1\", \"Gather1\", \
    \"HDF1\", \"JPEG1\", \"netCDF1\", \"Over1\", \"Proc1\", \"ROIStat1\", \"ROI1\", \"Scatter1\", \"Stats1\", \
    \"TIFF1\", \"Trans1\"]";

/// First values that are not as in the tables, and why.
const OTHERWISE: &[(&str, &str)] = &[
    // A driver of ours polls nothing, and has no pool of buffers.
    ("Stats1:TS:PoolAllocBuffers", "0"),
    ("Stats1:TS:PoolUsedBuffers", "0"),
    ("Stats1:TS:PoolUsedMem", "0"),
    // The example draws its first overlays over the regions of the first four ROI plugins.
    ("Over1:1:CenterX", "0"),
    ("Over1:1:CenterX_RBV", "0"),
    ("Over1:1:CenterY", "0"),
    ("Over1:1:CenterY_RBV", "0"),
    ("Over1:1:SizeX", "1"),
    ("Over1:1:SizeX_RBV", "1"),
    ("Over1:1:SizeXLink", "0"),
    ("Over1:1:SizeY", "0"),
    ("Over1:1:SizeY_RBV", "0"),
    ("Over1:1:SizeYLink", "0"),
];
/// First severities that are not as in the tables.
const SEVERITIES: &[&str] = &[
    // Of the example's links between overlays and regions, as above.
    "Over1:1:PositionXLink",
    "Over1:1:PositionYLink",
    "Over1:1:SizeXLink",
    "Over1:1:SizeY",
    "Over1:1:SizeYLink",
    // Its first state is in alarm, but it never processed.
    "CB1:Trigger",
];

type Table = BTreeMap<String, BTreeMap<String, String>>;

/// The rows of a table by their suffix.
fn table(name: &str) -> Table {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/areadetector/tables");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned));
    let columns: Vec<String> = lines.next().unwrap().collect();
    let row = |line| {
        let row: BTreeMap<String, String> = columns.iter().cloned().zip(line).collect();
        (row["suffix"].clone(), row)
    };
    lines.map(|line| row(line.collect::<Vec<_>>())).collect()
}

fn native(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Char => "DBR_CHAR",
        ValueKind::Double => "DBR_DOUBLE",
        ValueKind::Enum => "DBR_ENUM",
        ValueKind::Long => "DBR_LONG",
        ValueKind::String => "DBR_STRING",
        _ => "another",
    }
}

/// A first value as the tables have it, or the number in it.
fn first(value: &Value) -> String {
    match value {
        Value::Enum(state) => state.to_string(),
        Value::String(text) => text.to_string(),
        Value::Array(Array::Char(bytes)) => {
            let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
            String::from_utf8_lossy(text).into_owned()
        }
        Value::Array(array) => format!("{} elements", array.len()),
        number => number.as_f64().unwrap().to_string(),
    }
}

/// What a table says of a first value, in the same words.
fn told(row: &BTreeMap<String, String>) -> String {
    let value = row["boot_value"].as_str();
    match row["native_type"].as_str() {
        "DBR_ENUM" => value.split('=').next().unwrap().to_owned(),
        "DBR_STRING" => value.to_owned(),
        "DBR_CHAR" => match value.strip_prefix("text:") {
            Some(text) => text.to_owned(),
            None => value.trim_matches(|it: char| "[0]".contains(it)).to_owned(),
        },
        _ if value == "[]" => "0 elements".to_owned(),
        _ => value.parse::<f64>().unwrap().to_string(),
    }
}

/// Compares all records below a prefix with a table, and says what is not alike.
fn compare(bench: &mut Bench, prefix: &str, table: &Table) -> Vec<String> {
    let mut unlike = Vec::new();
    for (suffix, row) in table {
        let name = format!("{prefix}{suffix}");
        let Some(found) = bench.world().find(&name) else {
            unlike.push(format!("{name} is not there"));
            continue;
        };
        let metadata = bench.world().metadata(found.pv);
        let sample = bench.world().read(found.pv);
        let count = bench.world().count(found.pv);
        let labels: Vec<String> = metadata.labels.iter().map(ToString::to_string).collect();
        let mut check = |what: &str, ours: String, theirs: &str| {
            if ours != theirs {
                unlike.push(format!("{name}: {what} is {ours:?}, there {theirs:?}"));
            }
        };
        check(
            "record type",
            metadata.class.to_owned(),
            &row["record_type"],
        );
        check(
            "type",
            native(sample.value.kind()).to_owned(),
            &row["native_type"],
        );
        check("count", count.to_string(), &row["native_count"]);
        check("names of states", labels.join("|"), &row["enum_strings"]);
        if !row["precision"].is_empty() {
            check(
                "precision",
                metadata.precision.to_string(),
                &row["precision"],
            );
        }
        check("units", metadata.units.to_string(), &row["units"]);
        let otherwise = OTHERWISE.iter().find(|(it, _)| *it == name);
        let value = otherwise.map_or_else(|| told(row), |(_, value)| (*value).to_owned());
        check("first value", first(&sample.value), &value);
        if !SEVERITIES.contains(&name.as_str()) {
            let severity = format!("{:?}", sample.alarm.severity).to_uppercase();
            let severity = severity.replace("NONE", "NO_ALARM");
            check("severity", severity, &row["boot_severity"]);
        }
    }
    let known: BTreeSet<String> = table
        .keys()
        .map(|suffix| format!("{prefix}{suffix}"))
        .collect();
    for record in bench.world().records() {
        let name = bench.world().directory().name(record).to_owned();
        let below = name
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.contains(':'));
        if below && !known.contains(&name) {
            unlike.push(format!("{name} is there, but not on a real one"));
        }
    }
    unlike
}

#[test]
fn every_plugin_shows_what_a_real_one_shows() {
    let mut bench = common::bench::<Camera>(PLUGINS);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/areadetector/tables");
    let mut unlike = Vec::new();
    let (mut files, mut records) = (0, 0);
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if name.contains("cam1") {
            continue;
        }
        let prefix = format!("{}:", name.trim_end_matches(".tsv").replace('_', ":"));
        let table = table(&name);
        records += table.len();
        files += 1;
        unlike.extend(compare(&mut bench, &prefix, &table));
    }
    assert!(
        unlike.is_empty(),
        "{} unlike:\n{}",
        unlike.len(),
        unlike.join("\n")
    );
    assert_eq!((files, records), (24, 3674));
}

#[test]
fn a_plugin_that_does_not_exist_is_told() {
    let wrong = flaws::<Camera>("pv = \"\"\nplugins = [\"Stat1\", \"ROI1-4\", \"ROI2\"]");
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].starts_with("plugins: `Stat1` names no plugin; write a kind"));
    assert_eq!(wrong[1], "plugins: `ROI2` is listed twice");
}
