//! What a camera promises; most of it by replaying what clients saw of real ones.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use beamtwin_devices::camera::{Camera, Settings};
use beamtwin_pv::{Array, SimTime, Value};
use beamtwin_sim::{Bench, ClientId, PutId, Reason, What};
use common::flaws;
use serde_json::Value as Json;

/// How far a real server's time may lie from ours, in seconds.
const JITTER: f64 = 0.05;

fn camera(settings: &str) -> Bench {
    common::bench::<Camera>(settings)
}

fn simulated() -> Bench {
    camera("pv = \"\"")
}

/// A value as the transcripts show it.
fn shown(bench: &mut Bench, name: &str, value: &Value) -> Json {
    match value {
        Value::Enum(index) => {
            let pv = bench.world().find(name).unwrap().pv;
            let labels = bench.world().metadata(pv).labels;
            match labels.get(usize::from(*index)) {
                Some(label) => label.to_string().into(),
                None => (*index).into(),
            }
        }
        Value::String(text) => text.to_string().into(),
        Value::Array(Array::Char(bytes)) => {
            let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
            String::from_utf8_lossy(text).into_owned().into()
        }
        Value::Double(number) if number.is_nan() => "NaN".into(),
        number => number.as_f64().unwrap().into(),
    }
}

fn alike(ours: &Json, theirs: &Json) -> bool {
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-9,
        _ => ours == theirs,
    }
}

fn given(json: &Json) -> Value {
    match json {
        Json::String(text) if text == "nan" => Value::Double(f64::NAN),
        Json::String(text) if text.len() < 40 => text.as_str().into(),
        Json::String(_) => Value::Double(0.0),
        number => number.as_f64().unwrap().into(),
    }
}

/// One scenario: its text, and how long before its steps ours begin.
struct Replay {
    json: Json,
    bench: Bench,
    origin: SimTime,
    puts: Vec<(PutId, f64, f64)>,
}

impl Replay {
    fn new(json: &str, settings: &str) -> Self {
        let json: Json = serde_json::from_str(json).unwrap();
        let mut bench = camera(settings);
        for (name, value) in json["setup"].as_object().unwrap() {
            let is_there = bench.world().find(name).is_some();
            if is_there && !name.contains("File") {
                bench.put(name, given(value));
            }
        }
        bench.advance("10 s");
        bench.forget();
        let origin = bench.world().now();
        Self {
            json,
            bench,
            origin,
            puts: Vec::new(),
        }
    }

    fn at(&self, t: f64) -> SimTime {
        self.origin + Duration::from_secs_f64(t)
    }

    /// Carries out the steps, comparing what is read and when puts finish.
    fn run(mut self) -> Self {
        for step in self.json["steps"].as_array().unwrap().clone() {
            let t = step["t"].as_f64().unwrap();
            let then = self.at(t);
            self.bench.advance_to(then);
            let name = step["pv"].as_str().unwrap_or_default();
            match step["op"].as_str().unwrap() {
                "get" if !name.contains("File") => {
                    let value = self.bench.value(name);
                    let ours = shown(&mut self.bench, name, &value);
                    let theirs = &step["result"];
                    let counted = name.ends_with("ArrayCounter_RBV")
                        && self.json["setup"]["cam1:ArrayCounter"].is_null();
                    assert!(alike(&ours, theirs) || counted, "{step}\nwe have {ours}");
                    let severity = self.bench.text(&format!("{name}.SEVR"));
                    assert_eq!(severity.to_string(), step["severity"], "{step}");
                }
                "put" => {
                    self.bench.put(name, given(&step["value"]));
                }
                "put_callback" => {
                    let by = ClientId(1);
                    let put = self.bench.write(name, given(&step["value"]), by, true);
                    match step["completed_after_s"].as_f64() {
                        _ if step["result"] == "ECA_PUTFAIL" => {
                            assert_eq!(self.bench.refused(put), Some(Reason::Conversion));
                        }
                        Some(after) => self.puts.push((put, t, after)),
                        None => {}
                    }
                }
                _ => {}
            }
        }
        self.bench.advance("5 s");
        for &(put, t, after) in &self.puts {
            let finished = self.bench.finished_at(put).expect("the put finishes");
            let ours = finished.since(self.at(t)).as_secs_f64();
            assert!((ours - after).abs() < JITTER, "{ours} is not {after}");
        }
        self
    }

    /// Compares what was posted of these records, each in its own order.
    fn compare(mut self, names: &[&str]) {
        let mut ours: BTreeMap<String, Vec<(f64, Json, String)>> = BTreeMap::new();
        for event in self.bench.events().to_vec() {
            let What::Post {
                pv, value, alarm, ..
            } = event.what
            else {
                continue;
            };
            let name = self.bench.world().name(pv);
            let value = shown(&mut self.bench, &name, &value);
            let t = event.t.since(self.origin).as_secs_f64();
            let severity = alarm.severity.to_string();
            ours.entry(name).or_default().push((t, value, severity));
        }
        for name in names {
            let name = match name.contains(':') {
                true => (*name).to_owned(),
                false => format!("cam1:{name}"),
            };
            let theirs: Vec<&Json> = self.json["events"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|event| event["pv"] == name.as_str())
                .collect();
            let ours = ours.remove(&name).unwrap_or_default();
            assert_eq!(ours.len(), theirs.len(), "{name}: {ours:?}\n{theirs:?}");
            for ((t, value, severity), event) in ours.iter().zip(theirs) {
                let then = event["t"].as_f64().unwrap();
                assert!((t - then).abs() < JITTER, "{name}: {t} is not {event}");
                assert!(
                    alike(value, &event["value"]),
                    "{name}: {value} is not {event}"
                );
                assert_eq!(severity, event["severity"].as_str().unwrap(), "{event}");
            }
        }
    }
}

macro_rules! replays {
    ($($name:ident: $file:literal, $settings:expr, $names:expr;)*) => {$(
        #[test]
        fn $name() {
            let json = include_str!(concat!("areadetector/", $file, ".json"));
            Replay::new(json, $settings).run().compare($names);
        }
    )*};
}

const SIM: &str = "pv = \"\"";
const PILATUS: &str = "pv = \"\"\nmodel = \"300K\"";

/// With plugins, of which some listen.
const CHAIN: &str = "pv = \"\"\nsize = [64, 48]\nplugins = [\"image1\", \"ROI2\", \"Stats2\"]";

const LISTENED: &[&str] = &[
    "ROI2:ArrayCounter_RBV",
    "ROI2:UniqueId_RBV",
    "ROI2:EnableCallbacks_RBV",
    "Stats2:ArrayCounter_RBV",
    "Stats2:UniqueId_RBV",
    "Stats2:NDArrayPort",
    "Stats2:NDArrayPort_RBV",
    "Stats2:NDArrayAddress_RBV",
    "Stats2:EnableCallbacks_RBV",
];

const ENABLED: &[&str] = &[
    "image1:EnableCallbacks",
    "image1:EnableCallbacks_RBV",
    "image1:MinCallbackTime",
    "image1:MinCallbackTime_RBV",
    "image1:MaxArrayRate_RBV",
    "image1:BlockingCallbacks",
    "image1:BlockingCallbacks_RBV",
    "image1:UniqueId_RBV",
    "image1:ArrayCounter_RBV",
    "image1:NDimensions_RBV",
    "image1:ArraySize0_RBV",
    "image1:ArraySize1_RBV",
    "image1:CompressedSize_RBV",
    "image1:DataType_RBV",
];

/// The records whose events do not depend on what an earlier scenario left behind.
const ALL: &[&str] = &[
    "Acquire",
    "Acquire_RBV",
    "AcquireBusy",
    "AcquireBusyCB",
    "SetAcquireBusy",
    "ClearAcquireBusy",
    "DetectorState_RBV",
    "StatusMessage_RBV",
    "ArrayCounter_RBV",
    "ShutterStatus_RBV",
    "AcquireTime",
    "AcquireTime_RBV",
    "AcquirePeriod",
    "AcquirePeriod_RBV",
    "ImageMode",
    "ImageMode_RBV",
    "SizeX",
    "SizeX_RBV",
    "ArrayCounter",
    "TimeRemaining_RBV",
    "NumExposuresCounter_RBV",
];

const SETTINGS: &[&str] = &[
    "SizeX",
    "SizeX_RBV",
    "MinX",
    "MinX_RBV",
    "BinX",
    "BinX_RBV",
    "NumImages",
    "NumImages_RBV",
    "AcquireTime",
    "AcquireTime_RBV",
    "AcquirePeriod",
    "AcquirePeriod_RBV",
    "DataType",
    "DataType_RBV",
    "ColorMode",
    "ColorMode_RBV",
    "ImageMode",
    "ImageMode_RBV",
    "TriggerMode",
    "TriggerMode_RBV",
    "Gain",
    "Gain_RBV",
    "ShutterControl",
    "ShutterControl_RBV",
    "ShutterMode",
    "ShutterMode_RBV",
    "ArrayCounter",
    "ArrayCounter_RBV",
    "NumExposures",
    "NumExposures_RBV",
];

const PILATUS_OWN: &[&str] = &[
    "Acquire",
    "Acquire_RBV",
    "AcquireBusy",
    "AcquireBusyCB",
    "DetectorState_RBV",
    "Armed",
];

replays! {
    one_frame_with_completion_goes_as_on_a_real_camera: "cam_single_callback", SIM, ALL;
    one_frame_without_completion_goes_as_on_a_real_camera: "cam_single_put", SIM, ALL;
    five_frames_go_as_on_a_real_camera: "cam_multiple_callback", SIM, ALL;
    a_stop_goes_as_on_a_real_camera: "cam_multiple_stop", SIM, ALL;
    acquire_while_acquiring_changes_nothing: "cam_acquire_twice", SIM, ALL;
    no_images_means_one: "cam_num_images_zero", SIM, ALL;
    a_short_period_waits_for_the_exposure: "cam_short_period", SIM, ALL;
    settings_written_under_way_count_from_the_next_frame: "cam_change_while_acquiring", SIM, ALL;
    the_number_of_exposures_is_ignored: "cam_num_exposures", SIM, ALL;
    the_shutter_status_follows_when_the_detector_moves_it: "cam_shutter", SIM, ALL;
    counters_count_without_array_callbacks: "cam_array_callbacks_off", SIM, ALL;
    plugins_listen_to_the_port_they_name: "port_chain", CHAIN, LISTENED;
    a_plugin_takes_what_it_is_told_to: "image1_enable", CHAIN, ENABLED;
    odd_settings_are_taken_as_on_a_real_camera: "cam_odd_settings", SIM, SETTINGS;
    a_pilatus_takes_one_frame_as_the_real_driver: "pilatus_single", PILATUS, PILATUS_OWN;
    a_pilatus_counts_images_in_every_mode: "pilatus_multiple", PILATUS, PILATUS_OWN;
    a_pilatus_that_is_stopped_says_aborted: "pilatus_stop", PILATUS, &["AcquireBusy", "Acquire_RBV", "DetectorState_RBV", "Armed"];
}

fn exposing(bench: &mut Bench, mode: &str, time: f64, period: f64, images: i32) {
    bench.put("cam1:ImageMode", mode);
    bench.put("cam1:AcquireTime", time);
    bench.put("cam1:AcquirePeriod", period);
    bench.put("cam1:NumImages", images);
}

#[test]
fn exposures_end_exactly_on_time() {
    let mut bench = simulated();
    exposing(&mut bench, "Multiple", 0.1, 0.25, 4);
    let put = bench.put_callback("cam1:Acquire", 1);
    bench.advance("1 h");
    let at = bench.finished_at(put).unwrap();
    assert_eq!(at, SimTime::from_nanos(850_000_000));
    assert_eq!(bench.number("cam1:NumImagesCounter_RBV"), 4.0);
}

#[test]
fn a_continuous_acquisition_runs_until_another_client_stops_it_with_completion() {
    let mut bench = simulated();
    exposing(&mut bench, "Continuous", 0.2, 0.5, 5);
    let run = bench.write("cam1:Acquire", 1.into(), ClientId(1), true);
    bench.advance("61 s");
    assert!(!bench.finished(run));
    let stop = bench.write("cam1:Acquire", 0.into(), ClientId(2), true);
    assert!(bench.finished(stop) && bench.finished(run));
    assert_eq!(bench.text("cam1:Acquire"), "Done");
    assert_eq!(bench.number("cam1:ArrayCounter_RBV"), 122.0);
    bench.advance("10 s");
    assert_eq!(bench.number("cam1:ArrayCounter_RBV"), 122.0);
}

#[test]
fn stopped_between_exposures_the_state_is_idle() {
    let mut bench = simulated();
    exposing(&mut bench, "Continuous", 0.2, 0.5, 5);
    bench.put("cam1:Acquire", 1);
    bench.advance("0.3 s");
    bench.put("cam1:Acquire", 0);
    assert_eq!(bench.text("cam1:DetectorState_RBV"), "Idle");
    let message = bench.value("cam1:StatusMessage_RBV");
    assert_eq!(
        shown(&mut bench, "cam1:StatusMessage_RBV", &message),
        "Acquisition stopped"
    );
}

#[test]
fn without_exposure_and_period_a_continuous_acquisition_still_lets_time_pass() {
    let mut bench = simulated();
    exposing(&mut bench, "Continuous", 0.0, 0.0, 1);
    bench.put("cam1:Acquire", 1);
    bench.advance("0.1 s");
    assert_eq!(bench.number("cam1:ArrayCounter_RBV"), 101.0);
}

#[test]
fn infinite_and_absurd_exposures_are_no_trouble() {
    for time in [f64::INFINITY, f64::NAN, -1.0, 1e300] {
        let mut bench = simulated();
        exposing(&mut bench, "Single", time, time, 1);
        bench.put("cam1:Acquire", 1);
        bench.advance("10 s");
        bench.put("cam1:Acquire", 0);
        assert_eq!(bench.text("cam1:Acquire"), "Done");
    }
}

#[test]
fn the_rate_counts_frames_of_the_last_second_and_then_rests() {
    let mut bench = simulated();
    exposing(&mut bench, "Multiple", 0.1, 0.25, 8);
    bench.put("cam1:Acquire", 1);
    bench.advance("1.1 s");
    assert_eq!(bench.number("cam1:ArrayRate_RBV"), 4.0);
    bench.advance("10 s");
    assert_eq!(bench.number("cam1:ArrayRate_RBV"), 0.0);
    assert_eq!(bench.world().next_wake(), None);
}

#[test]
fn the_size_of_a_frame_follows_region_binning_and_type() {
    let mut bench = simulated();
    exposing(&mut bench, "Single", 0.1, 0.1, 1);
    for (name, value) in [("SizeX", 64), ("SizeY", 48), ("MinX", 1000), ("BinY", 2)] {
        bench.put(&format!("cam1:{name}"), value);
    }
    bench.put("cam1:DataType", "UInt16");
    bench.put("cam1:Acquire", 1);
    bench.advance("1 s");
    assert_eq!(bench.number("cam1:ArraySizeX_RBV"), 24.0);
    assert_eq!(bench.number("cam1:ArraySizeY_RBV"), 24.0);
    assert_eq!(bench.number("cam1:ArraySize_RBV"), 24.0 * 24.0 * 2.0);
    assert_eq!(bench.number("cam1:Reset_RBV"), 0.0);
}

#[test]
fn a_pilatus_has_the_size_of_its_model_unless_told_otherwise() {
    let bench = camera("pv = \"XF:11BMB-ES{Det:PIL2M}:\"\nmodel = \"2M\"");
    let name = |suffix| format!("XF:11BMB-ES{{Det:PIL2M}}:cam1:{suffix}");
    assert_eq!(bench.number(&name("MaxSizeX_RBV")), 1475.0);
    assert_eq!(bench.number(&name("MaxSizeY_RBV")), 1679.0);
    assert_eq!(bench.text(&name("Manufacturer_RBV")), "Dectris");
    let bench =
        camera("pv = \"a:\"\nmodel = \"2M\"\nsize = [100, 50]\ncam = \"cam:\"\nport = \"P\"");
    assert_eq!(bench.number("a:cam:ArraySizeX_RBV"), 100.0);
    assert_eq!(bench.text("a:cam:PortName_RBV"), "P");
}

#[test]
fn settings_are_mirrored_and_readbacks_are_read_only() {
    let mut bench = camera("pv = \"\"\nmodel = \"300K\"");
    bench.put("cam1:FilePath", Array::Char((*b"/data/").into()));
    let path = bench.value("cam1:FilePath_RBV");
    assert_eq!(path, Array::Char((*b"/data/\0").into()).into());
    assert_eq!(bench.number("cam1:FilePath_RBV.NORD"), 7.0);
    bench.put("cam1:Energy", 13.5);
    assert_eq!(bench.number("cam1:Energy_RBV"), 13.5);
    for name in [
        "cam1:ArrayCounter_RBV",
        "cam1:DetectorState_RBV",
        "cam1:StatusMessage_RBV",
    ] {
        let put = bench.put(name, 1);
        assert_eq!(bench.refused(put), Some(Reason::NoWriteAccess), "{name}");
    }
    bench.put("cam1:ThresholdApply", 1);
    assert_eq!(bench.text("cam1:ThresholdApply"), "Done");
}

#[test]
fn a_busy_record_cleared_by_hand_finishes_what_waits_for_it() {
    let mut bench = simulated();
    exposing(&mut bench, "Single", 5.0, 5.0, 1);
    let put = bench.put_callback("cam1:Acquire", 1);
    bench.put("cam1:AcquireBusy", 0);
    assert!(bench.finished(put));
    assert_eq!(bench.text("cam1:DetectorState_RBV"), "Acquire");
    bench.advance("5 s");
    assert_eq!(bench.text("cam1:DetectorState_RBV"), "Idle");
}

#[test]
fn a_text_that_nobody_wrote_yet_is_a_terminator() {
    let bench = simulated();
    let empty = Array::Char([0].into());
    assert_eq!(bench.value("cam1:StatusMessage_RBV"), empty.into());
    assert_eq!(bench.value("cam1:NDAttributesFile").count(), 0);
}

#[test]
fn a_state_that_is_an_alarm_is_one_from_the_start() {
    let mut bench = simulated();
    assert_eq!(bench.text("cam1:ArrayCallbacks.SEVR"), "MINOR");
    bench.put("cam1:ArrayCallbacks", "Disable");
    assert_eq!(bench.text("cam1:ArrayCallbacks.SEVR"), "NO_ALARM");
    assert_eq!(bench.text("cam1:ArrayCallbacks_RBV.SEVR"), "NO_ALARM");
}

#[test]
fn saved_in_the_middle_of_an_exposure_it_goes_on_from_there() {
    let mut bench = simulated();
    exposing(&mut bench, "Multiple", 0.2, 0.5, 3);
    let put = bench.put_callback("cam1:Acquire", 1);
    bench.advance("0.6 s");
    bench.follows_again(|bench| bench.advance("7 s"));
    assert_eq!(
        bench.finished_at(put),
        Some(SimTime::from_nanos(1_200_000_000))
    );
    assert_eq!(bench.number("cam1:NumImagesCounter_RBV"), 3.0);
    assert_eq!(bench.number("cam1:ArrayRate_RBV"), 0.0);
}

#[test]
fn mistakes_are_named() {
    assert_eq!(
        flaws::<Camera>("pv = \"a b\"\nsize = [0, 10]\nport = \"\""),
        [
            "pv: a PV name holds no white space",
            "size: width and height are wanted in pixels, each from 1 to 65536; write for example [1475, 1679]",
            "port: a port's name has 1 to 39 bytes",
        ]
    );
    let error = toml::from_str::<Settings>("pv = \"a\"\nmodel = \"3M\"").unwrap_err();
    assert!(
        error
            .message()
            .starts_with("unknown variant `3M`, expected one of `100K`")
    );
}
