//! What plugins make of pixels: images of a running simulated detector, and what its plugins said of them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use beamtwin_devices::camera::Camera;
use beamtwin_pv::{Array, Value};
use beamtwin_sim::Bench;
use serde_json::Value as Json;

/// How far a number may be off, in parts of what it is.
const EXACT: f64 = 1e-9;
/// What is but the rest of large sums is off by more.
const REST: f64 = 1e-6;

/// What was written before the first image.
const SETUP: &[(&str, f64)] = &[
    ("cam1:SizeX", 64.0),
    ("cam1:SizeY", 48.0),
    ("cam1:DataType", 1.0),
    ("cam1:ArrayCallbacks", 1.0),
    ("cam1:ImageMode", 0.0),
    ("cam1:AcquireTime", 0.05),
    ("Stats1:EnableCallbacks", 1.0),
    ("Stats1:ComputeStatistics", 1.0),
    ("Stats1:ComputeCentroid", 1.0),
    ("Stats1:ComputeProfiles", 1.0),
    ("Stats1:ComputeHistogram", 1.0),
    ("Stats1:HistSize", 16.0),
    ("image1:EnableCallbacks", 1.0),
];

fn camera(settings: &str) -> Bench {
    let settings = format!("pv = \"\"\nplugins = [\"image1\", \"Stats1\"]\n{settings}");
    let mut bench = common::bench::<Camera>(&settings);
    for &(name, number) in SETUP {
        bench.put(name, number);
    }
    bench
}

fn expose(bench: &mut Bench) {
    bench.put("cam1:Acquire", 1);
    bench.advance("1 s");
}

fn numbers(bench: &mut Bench, name: &str) -> Vec<f64> {
    match bench.value(name) {
        Value::Array(Array::Double(values)) => values.to_vec(),
        Value::Array(Array::Long(values)) => values.iter().map(|&it| f64::from(it)).collect(),
        single => vec![single.as_f64().unwrap()],
    }
}

#[test]
fn images_and_their_statistics_are_those_of_a_running_server() {
    let cases: Vec<Json> =
        serde_json::from_str(include_str!("areadetector/known_images.json")).unwrap();
    let mut bench = camera("");
    let mut compared = 0;
    for case in &cases {
        let what = case["case"].as_str().unwrap();
        for (name, value) in case["settings"].as_object().unwrap() {
            match value {
                Json::String(text) => bench.put(name, text.as_str()),
                number => bench.put(name, number.as_f64().unwrap()),
            };
        }
        bench.put("cam1:Reset", 1);
        expose(&mut bench);
        for (suffix, theirs) in case.as_object().unwrap() {
            let name = match suffix.as_str() {
                "image_as_int32" => "image1:ArrayData".to_owned(),
                it if it.ends_with("_RBV") && it != "DataType_RBV" => format!("Stats1:{it}"),
                _ => continue,
            };
            let theirs: Vec<f64> = match theirs {
                Json::Array(all) => all.iter().map(|it| it.as_f64().unwrap()).collect(),
                single => vec![single.as_f64().unwrap()],
            };
            let ours = numbers(&mut bench, &name);
            assert_eq!(ours.len(), theirs.len(), "{what}: {name}");
            for (a, b) in ours.iter().zip(&theirs) {
                let moment = ["Skew", "Kurtosis", "SigmaXY", "Orientation"];
                let rest = moment.iter().any(|it| suffix.starts_with(it));
                let near = if rest { REST } else { EXACT * b.abs().max(1.0) };
                assert!((a - b).abs() <= near, "{what}: {name} is {a}, there {b}");
            }
            compared += theirs.len();
        }
    }
    assert_eq!((cases.len(), compared), (8, 28_648));
}

/// Carries out the steps of a scenario, and compares what is read.
fn replay(json: &str, plugins: &str) -> usize {
    let json: Json = serde_json::from_str(json).unwrap();
    let mut bench = common::bench::<Camera>(&format!("pv = \"\"\nplugins = {plugins}"));
    let put = |bench: &mut Bench, name: &str, value: &Json| {
        match value {
            Json::String(text) => bench.put(name, text.as_str()),
            number => bench.put(name, number.as_f64().unwrap()),
        };
    };
    for (name, value) in json["setup"].as_object().unwrap() {
        put(&mut bench, name, value);
    }
    bench.advance("10 s");
    let mut compared = 0;
    for step in json["steps"].as_array().unwrap() {
        let name = step["pv"].as_str().unwrap_or("image1:ArrayData");
        match step["op"].as_str().unwrap() {
            "put" | "put_callback" => {
                put(&mut bench, name, &step["value"]);
                bench.advance("0.03 s");
            }
            "wait" => bench.advance("0.1 s"),
            "get" => {
                let theirs = &step["result"];
                if let Some(number) = theirs.as_f64() {
                    assert_eq!(bench.number(name), number, "{step}");
                } else if let Some(count) = theirs["array_len"].as_u64() {
                    let ours = numbers(&mut bench, name);
                    assert_eq!(ours.len() as u64, count, "{step}");
                    assert_eq!(
                        Json::from(&ours[..8]),
                        as_floats(&theirs["first8"]),
                        "{step}"
                    );
                    assert_eq!(
                        ours.iter().sum::<f64>(),
                        theirs["sum"].as_f64().unwrap(),
                        "{step}"
                    );
                } else if theirs.is_array() {
                    let ours = numbers(&mut bench, name);
                    assert_eq!(Json::from(ours), as_floats(theirs), "{step}");
                } else {
                    assert_eq!(
                        bench.text(name).to_string(),
                        theirs.as_str().unwrap(),
                        "{step}"
                    );
                }
                compared += 1;
            }
            "observe" => {
                let ours = numbers(&mut bench, name);
                assert_eq!(Json::from(ours), as_floats(&step["image"]), "{step}");
                compared += 1;
            }
            other => panic!("{other}"),
        }
    }
    compared
}

fn as_floats(json: &Json) -> Json {
    let numbers = json.as_array().unwrap().iter();
    numbers.map(|it| it.as_f64().unwrap()).collect()
}

#[test]
fn a_region_of_interest_hands_on_what_a_real_one_does() {
    let compared = replay(
        include_str!("areadetector/roi.json"),
        "[\"image1\", \"ROI1\"]",
    );
    assert_eq!(compared, 196);
}

#[test]
fn an_image_is_turned_and_mirrored_as_by_the_real_plugin() {
    let compared = replay(
        include_str!("areadetector/transform.json"),
        "[\"image1\", \"Trans1\"]",
    );
    assert_eq!(compared, 24);
}

#[test]
fn plugins_that_listen_to_each_other_in_a_ring_take_a_frame_once() {
    let mut bench = common::bench::<Camera>("pv = \"\"\nsize = [8, 8]\nplugins = [\"ROI1-2\"]");
    bench.put("cam1:ImageMode", "Single");
    for name in ["ROI1:EnableCallbacks", "ROI2:EnableCallbacks"] {
        bench.put(name, 1);
    }
    bench.put("ROI2:NDArrayPort", "ROI1");
    expose(&mut bench);
    bench.put("ROI1:NDArrayPort", "ROI2");
    bench.put("ROI1:ProcessPlugin", 1);
    assert_eq!(bench.number("ROI2:ArrayCounter_RBV"), 2.0);
    assert_eq!(bench.number("ROI1:ArrayCounter_RBV"), 3.0);
}

#[test]
fn a_ramp_goes_up_from_frame_to_frame_until_it_is_reset() {
    let mut bench = camera("size = [64, 48]");
    let first = |bench: &mut Bench| {
        expose(bench);
        numbers(bench, "image1:ArrayData")[0]
    };
    let seen: Vec<f64> = (0..3).map(|_| first(&mut bench)).collect();
    assert_eq!(seen, [0.0, 1.0, 2.0]);
    bench.put("cam1:Reset", 1);
    assert_eq!(first(&mut bench), 0.0);
}

#[test]
fn noise_comes_from_the_stream_of_the_camera() {
    let image = || {
        let mut bench = camera("size = [64, 48]");
        bench.put("cam1:SimMode", "Offset&Noise");
        bench.put("cam1:Offset", 10.0);
        bench.put("cam1:Noise", 5.0);
        expose(&mut bench);
        numbers(&mut bench, "image1:ArrayData")
    };
    let (one, again) = (image(), image());
    assert_eq!(one, again);
    assert!(one.iter().all(|it| (10.0..15.0).contains(it)));
    let mean = one.iter().sum::<f64>() / one.len() as f64;
    assert!((11.8..12.2).contains(&mean), "{mean}");
}

#[test]
fn without_callbacks_nobody_sees_the_image() {
    let mut bench = camera("size = [64, 48]");
    bench.put("cam1:ArrayCallbacks", 0);
    expose(&mut bench);
    assert!(numbers(&mut bench, "image1:ArrayData").is_empty());
    assert_eq!(bench.number("cam1:ArrayCounter_RBV"), 1.0);
}
