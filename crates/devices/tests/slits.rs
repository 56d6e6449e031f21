//! What slits promise.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use beamtwin_devices::Kind;
use beamtwin_devices::diode::Diode;
use beamtwin_devices::slits::Slits;
use beamtwin_pv::{SimTime, Value};
use beamtwin_sim::{Beam, Bench, Cx, Device, Reason, Slot, Surface, WorldBuilder};
use common::flaws;

const CENTERS: &str = "motors = \"centers\"\n";

fn slits(settings: &str) -> Bench {
    common::bench::<Slits>(&format!("pv = \"s-\"\nsuffix = \"\"\n{settings}"))
}

const fn ms(ms: u64) -> SimTime {
    SimTime::from_nanos(ms * 1_000_000)
}

/// Shows the flux that arrives.
#[derive(Clone)]
struct Eye(Slot<f64>);

impl Device for Eye {
    fn start(&mut self, cx: &mut Cx<'_>) {
        self.light(cx);
    }

    fn light(&mut self, cx: &mut Cx<'_>) {
        let flux = cx.beam().flux;
        cx.post(self.0, flux);
    }
}

fn lit(settings: &str) -> Bench {
    let mut builder = WorldBuilder::new("lit");
    let mut surface = Surface::default();
    let settings = toml::from_str(&format!("pv = \"s-\"\nsuffix = \"\"\n{settings}")).unwrap();
    let slits = Slits::build(settings, &mut surface);
    builder.add("slits", surface, slits);
    let mut surface = Surface::default();
    let eye = Eye(surface
        .record("eye", &beamtwin_devices::records::base::AI)
        .val());
    builder.add("eye", surface, Box::new(eye));
    let path = ["slits", "eye"].map(str::to_owned).to_vec();
    let beam = Beam {
        energy: 13_500.0,
        flux: 1e10,
    };
    Bench::of(builder.beam(beam, path).build().unwrap())
}

#[test]
fn blades_stand_where_center_and_gap_say() {
    for motors in ["", CENTERS] {
        let bench = slits(&format!("{motors}center = [1, -2]\ngap = [4, 0.5]"));
        for (axis, at) in [
            ("XC", 1.0),
            ("XG", 4.0),
            ("YC", -2.0),
            ("YG", 0.5),
            ("I", -1.0),
            ("O", 3.0),
            ("B", -2.25),
            ("T", -1.75),
        ] {
            for field in ["VAL", "RBV"] {
                assert_eq!(
                    bench.number(&format!("s-{axis}.{field}")),
                    at,
                    "{motors}{axis}.{field}"
                );
            }
            assert_eq!(bench.number(&format!("s-{axis}.DMOV")), 1.0);
        }
    }
}

#[test]
fn moving_the_center_moves_both_blades_and_keeps_the_gap() {
    let mut bench = slits("gap = [2, 2]");
    let put = bench.put_callback("s-XC", 3.0);
    assert_eq!(bench.number("s-XC.DMOV"), 0.0);
    assert_eq!(bench.number("s-I.VAL"), 2.0);
    assert_eq!(bench.number("s-O.VAL"), 4.0);
    bench.advance("1 s");
    assert!(!bench.finished(put));
    assert_eq!(bench.number("s-XC.MOVN"), 1.0);
    bench.advance("10 s");
    let done = bench.finished_at(put).unwrap();
    assert!(done > ms(3000) && done < ms(3500), "{done:?}");
    assert_eq!(bench.number("s-XC.RBV"), 3.0);
    assert_eq!(bench.number("s-I.RBV"), 2.0);
    assert_eq!(bench.number("s-O.RBV"), 4.0);
    for (at, gap) in bench.posts("s-XG.RBV") {
        let off = gap.as_f64().unwrap() - 2.0;
        assert!(off.abs() < 0.0011, "more than a step at {at}: {gap}");
    }
    assert_eq!(bench.posts("s-YC.RBV"), []);
    assert_eq!(bench.posts("s-YC.DMOV"), []);
    let moving = bench.posts("s-XC.DMOV");
    assert_eq!(moving, [(ms(0), Value::Short(0)), (done, Value::Short(1))]);
    assert_eq!(bench.world().next_wake(), None, "at rest nothing is due");
}

#[test]
fn blades_of_one_controller_move_one_after_the_other() {
    let mut bench = slits("gap = [2, 2]\ncontroller = \"mc1\"");
    let put = bench.put_callback("s-XG", 6.0);
    bench.advance("1 s");
    assert!(bench.number("s-I.RBV") < -1.5);
    assert_eq!(bench.number("s-O.RBV"), 1.0);
    assert_eq!(bench.number("s-XG.DMOV"), 0.0);
    bench.advance("10 s");
    let done = bench.finished_at(put).unwrap();
    assert!(done > ms(4000) && done < ms(5000), "{done:?}");
    assert_eq!(bench.number("s-XG.RBV"), 6.0);
    assert_eq!(bench.number("s-XC.RBV"), 0.0);
}

#[test]
fn opening_the_gap_moves_the_blades_apart() {
    let mut bench = slits("gap = [2, 2]\ncenter = [0, 5]");
    let put = bench.put_callback("s-YG", 6.0);
    bench.advance("10 s");
    assert!(bench.finished(put));
    assert_eq!(bench.number("s-B.RBV"), 2.0);
    assert_eq!(bench.number("s-T.RBV"), 8.0);
    assert_eq!(bench.number("s-YC.RBV"), 5.0);
    assert_eq!(bench.number("s-YG.RBV"), 6.0);
}

#[test]
fn moving_a_blade_changes_center_and_gap() {
    let mut bench = slits("gap = [2, 2]");
    let put = bench.put_callback("s-O", 3.0);
    bench.advance("10 s");
    assert!(bench.finished(put));
    assert_eq!(bench.number("s-XC.RBV"), 1.0);
    assert_eq!(bench.number("s-XG.RBV"), 4.0);
    assert_eq!(bench.number("s-XG.VAL"), 4.0);
    assert_eq!(bench.number("s-XG.DMOV"), 1.0);
}

#[test]
fn the_other_way_round_a_blade_is_moved_by_center_and_gap() {
    let mut bench = slits(&format!("{CENTERS}gap = [2, 2]"));
    let put = bench.put_callback("s-O", 3.0);
    assert_eq!(bench.number("s-XC.VAL"), 1.0);
    assert_eq!(bench.number("s-XG.VAL"), 4.0);
    bench.advance("10 s");
    assert!(bench.finished(put));
    assert_eq!(bench.number("s-I.RBV"), -1.0);
    assert_eq!(bench.number("s-O.RBV"), 3.0);
    assert_eq!(bench.number("s-XG.RBV"), 4.0);
}

#[test]
fn two_axes_sent_one_after_the_other_both_arrive() {
    let mut bench = slits("gap = [2, 2]");
    let center = bench.put_callback("s-XC", 3.0);
    let gap = bench.put_callback("s-XG", 1.0);
    bench.advance("20 s");
    assert!(bench.finished(center) && bench.finished(gap));
    assert_eq!(bench.number("s-XC.RBV"), 3.0);
    assert_eq!(bench.number("s-XG.RBV"), 1.0);
}

#[test]
fn motors_are_whole_and_have_fields_that_the_other_axes_refuse() {
    let mut bench = slits("");
    bench.put("s-I.JOGF", 1);
    bench.advance("1 s");
    assert_eq!(bench.number("s-I.DMOV"), 0.0);
    assert_eq!(bench.number("s-XC.DMOV"), 0.0);
    bench.put("s-I.STOP", 1);
    bench.advance("1 s");
    assert_eq!(bench.number("s-XC.DMOV"), 1.0);
    let half = (bench.number("s-I.RBV") + bench.number("s-O.RBV")) / 2.0;
    assert!((bench.number("s-XC.RBV") - half).abs() < 1e-9);
    for field in ["JOGF", "HOMF", "OFF", "SPMG"] {
        let put = bench.put(&format!("s-XC.{field}"), 1);
        assert_eq!(bench.refused(put), Some(Reason::Rejected), "{field}");
    }
    bench.put("s-XC.VELO", 0.5);
    assert_eq!(bench.number("s-XC.VELO"), 0.5, "it is kept");
    let put = bench.put("s-XC", f64::NAN);
    assert_eq!(bench.refused(put), Some(Reason::Rejected));
    bench.put("s-XC.SET", 1);
    let put = bench.put("s-XC", 5.0);
    assert_eq!(bench.refused(put), Some(Reason::Rejected));
}

#[test]
fn stopping_an_axis_stops_its_motors_and_completes_its_put() {
    let mut bench = slits("");
    let put = bench.put_callback("s-XC", 10.0);
    bench.advance("2 s");
    bench.put("s-XC.STOP", 1);
    bench.advance("2 s");
    assert!(bench.finished(put));
    assert!(bench.number("s-XC.RBV") < 3.0);
    assert_eq!(bench.number("s-XC.VAL"), bench.number("s-XC.RBV"));
    assert_eq!(bench.number("s-XG.RBV"), 1.0);
}

#[test]
fn relative_moves_and_tweaks_count_from_the_target() {
    let mut bench = slits("");
    bench.put("s-XG.RLV", 2.0);
    bench.advance("5 s");
    assert_eq!(bench.number("s-XG.RBV"), 3.0);
    bench.put("s-XG.TWV", 0.5);
    bench.put("s-XG.TWR", 1);
    bench.advance("5 s");
    assert_eq!(bench.number("s-XG.RBV"), 2.5);
    assert_eq!(bench.number("s-XG.TWR"), 0.0);
}

#[test]
fn a_move_beyond_the_limits_of_a_motor_moves_nothing_and_completes() {
    let mut bench = slits("limits = [-10, 10]\ngap = [4, 4]");
    assert_eq!(bench.number("s-XC.HLM"), 10.0);
    assert_eq!(bench.number("s-XG.HLM"), 20.0);
    let put = bench.put_callback("s-XC", 9.0);
    assert_eq!(bench.refused(put), Some(Reason::Silent));
    assert_eq!(bench.number("s-XC.LVIO"), 1.0);
    assert_eq!(bench.number("s-XC.VAL"), 0.0);
    assert_eq!(bench.number("s-I.DMOV"), 1.0);
    bench.put("s-XC", 8.0);
    assert_eq!(bench.number("s-XC.LVIO"), 0.0);
    bench.advance("20 s");
    assert_eq!(bench.number("s-O.RBV"), 10.0);
    bench.put("s-XC.HLM", 3.0);
    bench.put("s-XC", 4.0);
    assert_eq!(bench.number("s-XC.LVIO"), 1.0);
}

#[test]
fn a_put_of_where_it_is_blinks_and_completes_at_once() {
    let mut bench = slits("");
    let put = bench.put_callback("s-XC", 0.0);
    assert_eq!(bench.finished_at(put), Some(ms(0)));
    let blink = bench.posts("s-XC.DMOV");
    assert_eq!(blink, [(ms(0), Value::Short(0)), (ms(0), Value::Short(1))]);
}

#[test]
fn light_passes_as_far_as_the_beam_fits() {
    // One full width in one direction, all of it in the other.
    let mut bench = lit("beam = [\"1 mm\", \"0.1 mm\"]\ngap = [1, 5]");
    assert!(
        (bench.number("eye") - 0.760_968e10).abs() < 1e4,
        "{}",
        bench.number("eye")
    );
    bench.put("s-XG", 20.0);
    bench.advance("1 s");
    let half_way = bench.number("eye");
    assert!((0.77e10..1e10).contains(&half_way), "{half_way}");
    bench.advance("30 s");
    assert_eq!(bench.number("eye"), 1e10);
    bench.put("s-XC", 10.0);
    bench.advance("30 s");
    assert!((bench.number("eye") - 5e9).abs() < 1.0);
    bench.put("s-YG", 0.0);
    bench.advance("30 s");
    assert_eq!(bench.number("eye"), 0.0);
    bench.put("s-YG", -1.0);
    bench.advance("30 s");
    assert_eq!(bench.number("eye"), 0.0);
}

#[test]
fn the_beam_may_be_elsewhere_in_other_units_and_the_motors_others() {
    let bench = lit(&format!(
        "{CENTERS}units = \"um\"\nbeam = [\"10 um\", \"10 um\"]\ngap = [100, 10]\nbeam_center = [500, 0]\ncenter = [500, 0]"
    ));
    assert!(
        (bench.number("eye") - 0.760_968e10).abs() < 1e4,
        "{}",
        bench.number("eye")
    );
    assert_eq!(bench.text("s-XC.EGU").as_str(), Some("um"));
    let bench = lit("");
    assert_eq!(bench.number("eye"), 1e10, "a beam without width passes");
    let bench = lit("beam_center = [3, 0]");
    assert_eq!(bench.number("eye"), 0.0);
}

#[test]
fn names_are_what_the_file_says_and_derived_axes_may_be_left_out() {
    let names = "derived = false\n[names]\nx_center = \"XCtr\"";
    let mut bench = slits(&format!("{CENTERS}{names}"));
    assert!(bench.world().find("s-XCtr").is_some());
    assert!(bench.world().find("s-XG").is_some());
    assert!(bench.world().find("s-I").is_none());
    bench.put("s-XCtr", 1.0);
    bench.advance("5 s");
    assert_eq!(bench.number("s-XCtr.RBV"), 1.0);
}

#[test]
fn saved_on_its_way_it_arrives_when_it_would_have() {
    let mut bench = slits("");
    bench.put_callback("s-XC", 5.0);
    bench.advance("1.23 s");
    bench.follows_again(|bench| {
        bench.advance("20 s");
        assert_eq!(bench.number("s-XC.RBV"), 5.0);
        bench.put("s-XG", 9.0);
        bench.advance("20 s");
    });
}

#[test]
fn mistakes_are_named() {
    assert_eq!(
        flaws::<Slits>(
            "pv = \"s\"\nvelocity = 0\nresolution = nan\nacceleration = \"0 s\"\nprecision = 16\nlimits = [5, 5]\n\
             gap_limits = [0, 1]\ncenter = [inf, 0]\n[names]\ntop = \"B\"\ninboard = \"I.VAL\""
        ),
        [
            "names.inboard: `sI.VAL}Mtr` names a field; write the name of a record, without a dot",
            "names.top: `B` is that of bottom already; each axis needs a name of its own",
            "resolution: NaN is not a finite number",
            "center: inf is not a finite number",
            "velocity: 0 is not above 0; write for example 0.5",
            "acceleration: getting up to speed takes a moment; write for example \"200 ms\"",
            "precision: a number has at most 15 digits, not 16",
            "gap_limits: the gaps are no motors; leave it out, or write motors = \"centers\"",
            "limits: [5, 5] are not a lower and a higher limit; write for example [-10, 10]",
        ]
    );
    assert_eq!(
        flaws::<Slits>("pv = \"s\"\nmotors = \"centers\"\ngap_limits = [0, 1]\ngap = [2, 1]"),
        ["gap: a motor would start at 2, outside its limits [0, 1]"]
    );
}

/// Whether centers and gaps are those of the blades.
fn agrees(s: &Bench) -> bool {
    let at = |axis: &str| s.number(&format!("s-{axis}.RBV"));
    let directions = [["I", "O", "XC", "XG"], ["B", "T", "YC", "YG"]];
    directions.iter().all(|[low, high, center, gap]| {
        let (low, high) = (at(low), at(high));
        let off = at(center) - f64::midpoint(low, high);
        off.abs() < 1e-6 && (at(gap) - (high - low)).abs() < 1e-6
    })
}

#[test]
fn blades_and_openings_agree_while_moving_at_limits_and_after_a_stop() {
    for table in ["", "motors = \"centers\"\ngap_limits = [0, 8]\n"] {
        let mut s = slits(&format!("{table}gap = [2, 2]\nlimits = [-5, 5]"));
        for (axis, to) in [
            ("XG", 6.0),
            ("XC", 2.5),
            ("O", 2.0),
            ("YC", 5.0),
            ("T", 4.0),
            ("I", -5.0),
        ] {
            s.put(&format!("s-{axis}"), to);
            for _ in 0..40 {
                s.advance("130 ms");
                assert!(agrees(&s), "{table}: {axis}");
            }
            if axis == "XC" {
                s.put("s-XC.STOP", 1.0);
            }
        }
        s.advance("60 s");
        assert!(agrees(&s));
        // A motor at its limit keeps its axis from going on, and says so.
        let (axis, to) = if table.is_empty() {
            ("XG", 11.0)
        } else {
            ("O", 9.5)
        };
        let before = s.number(&format!("s-{axis}.RBV"));
        let put = s.put_callback(&format!("s-{axis}"), to);
        assert!(s.finished(put) || s.refused(put).is_some());
        s.advance("10 s");
        assert_eq!(s.number(&format!("s-{axis}.LVIO")), 1.0, "{table}");
        assert_eq!(s.number(&format!("s-{axis}.RBV")), before);
        assert!(agrees(&s));
    }
}

#[test]
fn others_follow_an_axis_by_its_name() {
    for motors in ["", CENTERS] {
        let mut builder = WorldBuilder::new("followed");
        let mut surface = Surface::default();
        let table = format!("pv = \"s-\"\nsuffix = \"\"\n{motors}");
        let slits = Slits::build(toml::from_str(&table).unwrap(), &mut surface);
        builder.add("slits.s1", surface, slits);
        for axis in [
            "x_center", "x_gap", "inboard", "outboard", "y_center", "y_gap", "bottom", "top",
        ] {
            let mut surface = Surface::default();
            let table = format!(
                "pv = \"{axis}\"\nnoise = false\n\
                 peak = {{ along = \"slits.s1.{axis}\", center = 0.25, width = 1.0 }}"
            );
            let eye = Diode::build(toml::from_str(&table).unwrap(), &mut surface);
            builder.add(axis, surface, eye);
        }
        let beam = Beam {
            energy: 13_500.0,
            flux: 1e10,
        };
        let path = [
            "x_center", "x_gap", "inboard", "outboard", "y_center", "y_gap", "bottom", "top",
        ];
        let mut bench = Bench::of(
            builder
                .beam(beam, path.map(str::to_owned).to_vec())
                .build()
                .unwrap(),
        );
        let peak = |bench: &Bench, name: &str| bench.number(name) == 1e4;
        for (put, at, axis) in [
            ("XC", 0.25, "x_center"),
            ("XG", 0.25, "x_gap"),
            ("I", 0.25, "inboard"),
            ("O", 0.25, "outboard"),
            ("YC", 0.25, "y_center"),
            ("YG", 0.25, "y_gap"),
            ("B", 0.25, "bottom"),
            ("T", 0.25, "top"),
        ] {
            assert!(!peak(&bench, axis), "{motors}{axis}");
            bench.put(&format!("s-{put}"), at);
            bench.advance("10 s");
            assert!(peak(&bench, axis), "{motors}{axis}: {}", bench.number(axis));
            bench.put(&format!("s-{put}"), 1.5);
            bench.advance("10 s");
        }
    }
}
