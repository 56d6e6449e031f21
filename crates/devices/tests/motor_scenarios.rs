//! What a motor does in situations that no capture shows; expected is what the C record's rules come to.

use std::time::Duration;

use beamtwin_devices::Kind;
use beamtwin_devices::motor::{Motor, Settings};
use beamtwin_pv::{AlarmStatus, Array, SimTime, Value, ValueKind};
use beamtwin_sim::{Bench, ClientId, PutId, Reason};

const A: ClientId = ClientId(1);
const B: ClientId = ClientId(2);

fn bench(table: &str) -> Bench {
    let settings: Settings =
        toml::from_str(&format!("pv = \"m\"\nvelocity = 2.0\n{table}")).expect("settings");
    Bench::boxed(|surface| Motor::build(settings, surface))
}

fn at(millis: u64) -> SimTime {
    SimTime::ZERO + Duration::from_millis(millis)
}

fn callback(bench: &mut Bench, field: &str, value: impl Into<Value>, by: ClientId) -> PutId {
    bench.write(field, value.into(), by, true)
}

/// Lets everything come to an end, and checks that the motor can still move.
fn still_works(bench: &mut Bench) {
    bench.advance("60 s");
    let target = bench.number(".RBV") + 0.5;
    let put = bench.put_callback(".VAL", target);
    bench.advance("60 s");
    assert!(bench.finished(put), "a move of half a unit ends");
    assert!((bench.number(".RBV") - target).abs() < 0.01);
}

#[test]
fn a_plain_retarget_delays_the_callback_of_one_client_and_the_turn_of_the_other() {
    let mut m = bench("");
    let first = callback(&mut m, ".VAL", 2.0, A);
    m.advance("0.5 s");
    m.write(".VAL", 4.0.into(), B, false);
    let second = callback(&mut m, ".VAL", 3.0, B);
    m.advance("1.5 s");
    assert!(!m.finished(first), "the target is now at 4");
    m.advance("10 s");
    assert!(m.finished_at(first) < m.finished_at(second));
    assert_eq!(m.number(".RBV"), 3.0);
    assert_eq!(m.numbers(".VAL"), [2.0, 4.0, 4.0, 3.0]);
    assert_eq!(m.numbers(".DMOV"), [0.0, 1.0, 0.0, 1.0]);
}

#[test]
fn a_nearer_retarget_in_the_same_direction_is_passed_and_come_back_to() {
    let mut m = bench("");
    let first = callback(&mut m, ".VAL", 8.0, A);
    m.advance("1 s");
    let nearer = m.write(".VAL", 3.0.into(), B, false);
    m.advance("20 s");
    assert_eq!(m.number(".RBV"), 3.0);
    assert_eq!(m.finished_at(first), m.finished_at(nearer));
    assert_eq!(m.numbers(".DMOV"), [0.0, 1.0]);
}

#[test]
fn after_a_stop_the_queued_callback_of_another_client_moves_on() {
    let mut m = bench("");
    let first = callback(&mut m, ".VAL", 10.0, A);
    m.advance("1 s");
    let queued = callback(&mut m, ".VAL", 3.0, B);
    m.write(".STOP", 1.0.into(), A, false);
    m.advance("0.5 s");
    assert!(m.finished(first));
    m.advance("10 s");
    assert!(m.finished(queued));
    assert_eq!(m.number(".RBV"), 3.0);
    assert_eq!(m.numbers(".DMOV"), [0.0, 1.0, 0.0, 1.0]);
}

#[test]
fn a_callback_queued_while_paused_waits_for_go_and_for_the_one_before_it() {
    let mut m = bench("");
    let first = callback(&mut m, ".VAL", 6.0, A);
    m.advance("1 s");
    m.put(".SPMG", "Pause");
    let queued = callback(&mut m, ".VAL", 2.0, B);
    m.advance("30 s");
    assert!(!m.finished(first) && !m.finished(queued));
    m.put(".SPMG", "Go");
    m.advance("20 s");
    assert!(m.finished_at(first) < m.finished_at(queued));
    assert_eq!(m.number(".RBV"), 2.0);
}

#[test]
fn limits_narrowed_below_the_target_let_a_move_finish_and_refuse_the_next() {
    let mut m = bench("limits = [-10, 10]");
    let put = callback(&mut m, ".VAL", 8.0, A);
    m.advance("1 s");
    m.put(".HLM", 5.0);
    assert_eq!(m.number(".LVIO"), 1.0);
    m.advance("20 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".RBV"), 8.0);
    let further = callback(&mut m, ".VAL", 9.0, A);
    assert_eq!(m.refused(further), Some(Reason::Silent));
    let back = callback(&mut m, ".VAL", 4.0, A);
    m.advance("20 s");
    assert!(m.finished(back));
    assert_eq!((m.number(".RBV"), m.number(".LVIO")), (4.0, 0.0));
}

#[test]
fn in_set_mode_a_dial_or_raw_value_renames_the_place_and_keeps_the_user_value() {
    let mut m = bench("start = 1.0\nlimits = [-10, 10]");
    m.put(".SET", 1.0);
    let put = callback(&mut m, ".DVAL", 5.0, A);
    m.advance("1 s");
    assert!(m.finished(put));
    let seen = [".VAL", ".RBV", ".DRBV", ".RRBV", ".OFF", ".HLM", ".DHLM"].map(|f| m.number(f));
    assert_eq!(seen, [1.0, 1.0, 5.0, 5000.0, -4.0, 6.0, 10.0]);
    m.put(".RVAL", 2000.0);
    m.advance("1 s");
    let seen = [".VAL", ".RBV", ".DRBV", ".RRBV", ".OFF"].map(|f| m.number(f));
    assert_eq!(seen, [1.0, 1.0, 2.0, 2000.0, -1.0]);
    m.put(".SET", 0.0);
    still_works(&mut m);
}

#[test]
fn an_offset_written_in_set_mode_moves_the_numbers_and_not_the_motor() {
    let mut m = bench("start = 1.0\nlimits = [-10, 10]");
    m.put(".SET", 1.0);
    m.put(".OFF", 2.0);
    m.advance("1 s");
    let seen = [".VAL", ".RBV", ".DRBV", ".HLM", ".LLM"].map(|f| m.number(f));
    assert_eq!(seen, [3.0, 3.0, 1.0, 12.0, -8.0]);
    assert!(m.numbers(".MOVN").is_empty());
}

#[test]
fn after_a_change_of_resolution_a_move_takes_other_steps_at_another_speed() {
    let mut m = bench("start = 1.0");
    m.put(".MRES", 0.002);
    m.advance("1 s");
    assert_eq!((m.number(".RBV"), m.number(".RRBV")), (1.0, 500.0));
    assert_eq!((m.number(".VELO"), m.number(".UREV")), (4.0, 0.4));
    let put = callback(&mut m, ".VAL", 3.0, A);
    m.advance("10 s");
    assert!(m.finished(put));
    assert_eq!((m.number(".RBV"), m.number(".RRBV")), (3.0, 1500.0));
}

#[test]
fn after_a_change_of_direction_a_tweak_goes_up_in_user_and_down_in_dial_coordinates() {
    let mut m = bench("start = 1.0\nlimits = [-10, 10]");
    m.put(".DIR", 1.0);
    assert_eq!((m.number(".VAL"), m.number(".OFF")), (1.0, 2.0));
    assert_eq!((m.number(".HLM"), m.number(".LLM")), (12.0, -8.0));
    m.put(".TWV", 0.25);
    let put = callback(&mut m, ".TWF", 1.0, A);
    m.advance("5 s");
    assert!(m.finished(put));
    let seen = [".VAL", ".RBV", ".DVAL", ".DRBV", ".TWF", ".TDIR"].map(|f| m.number(f));
    assert_eq!(seen, [1.25, 1.25, 0.75, 0.75, 0.0, 0.0]);
}

#[test]
fn a_backlash_move_that_gets_a_new_target_takes_its_backlash_there() {
    let mut m = bench("backlash = 0.5");
    let put = callback(&mut m, ".VAL", -4.0, A);
    m.advance("1 s");
    m.write(".VAL", (-6.0).into(), B, false);
    m.advance("20 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".RBV"), -6.0);
    let lowest = m.numbers(".RBV").into_iter().fold(0.0, f64::min);
    assert_eq!(lowest, -6.5);
    // It rests for a moment after the first leg, and is sent off again before it could say so.
    assert_eq!(m.numbers(".DMOV"), [0.0, 0.0, 1.0]);
}

#[test]
fn a_stop_is_followed_by_the_settling_time() {
    let mut m = bench("");
    m.put(".DLY", 1.0);
    let put = callback(&mut m, ".VAL", 10.0, A);
    m.advance("1.55 s");
    m.write(".STOP", 1.0.into(), B, false);
    m.advance("10 s");
    let rest = m.posts(".MOVN")[1].0;
    assert_eq!(m.finished_at(put), Some(rest + Duration::from_secs(1)));
    assert_eq!(m.number(".VAL"), m.number(".RBV"));
    still_works(&mut m);
}

#[test]
fn a_stop_while_settling_does_not_wedge_the_motor() {
    let mut m = bench("");
    m.put(".DLY", 1.0);
    let put = callback(&mut m, ".VAL", 1.0, A);
    m.advance("1 s");
    assert_eq!((m.number(".MOVN"), m.number(".DMOV")), (0.0, 0.0));
    m.write(".STOP", 1.0.into(), B, false);
    m.advance("5 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".VAL"), 1.0);
    still_works(&mut m);
}

#[test]
fn each_retry_settles_before_the_next() {
    // Half the way each time: 1, 0.5, 0.25 and 0.125 of what is left of 2, until within 0.15.
    let mut m = bench("");
    m.put(".FRAC", 0.5);
    m.put(".RDBD", 0.15);
    m.put(".DLY", 0.5);
    let put = callback(&mut m, ".VAL", 2.0, A);
    m.advance("30 s");
    assert!(m.finished(put));
    assert_eq!(m.numbers(".RCNT").last(), Some(&1.0));
    assert_eq!(m.number(".MISS"), 0.0);
    assert_eq!(m.numbers(".DMOV"), [0.0, 1.0]);
    let legs = m.numbers(".MOVN").len() / 2;
    let waits = Duration::from_millis(500) * u32::try_from(legs).unwrap();
    assert!(m.finished_at(put) > Some(SimTime::ZERO + waits));
}

#[test]
fn a_jog_into_a_soft_limit_stops_one_second_before_it_and_says_so() {
    let mut m = bench("limits = [-5, 5]");
    let put = callback(&mut m, ".JOGF", 1.0, A);
    m.advance("20 s");
    assert!(m.finished(put));
    assert_eq!(m.numbers(".JOGF"), [1.0, 0.0]);
    assert_eq!(m.numbers(".LVIO"), [1.0], "until the next move");
    let rest = m.number(".RBV");
    assert!((3.0..3.5).contains(&rest), "{rest}");
    assert_eq!(m.number(".VAL"), rest);
    still_works(&mut m);
}

#[test]
fn home_while_moving_stops_first_and_completes_all_together() {
    let mut m = bench("start = -4.0");
    m.put(".HVEL", 2.0);
    let moved = callback(&mut m, ".VAL", -8.0, A);
    m.advance("1 s");
    let homed = m.write(".HOMF", 1.0.into(), B, false);
    assert_eq!(m.number(".MIP"), 520.0);
    let again = m.write(".HOMR", 1.0.into(), B, false);
    assert_eq!(m.refused(again), Some(Reason::Rejected));
    m.advance("30 s");
    assert!(m.finished(moved) && m.finished(homed));
    assert_eq!((m.number(".RBV"), m.number(".VAL")), (0.0, 0.0));
    assert_eq!(m.numbers(".HOMF"), [1.0, 0.0]);
    assert_eq!(m.numbers(".DMOV"), [0.0, 0.0, 1.0]);
    assert_eq!(m.number(".MSTA"), f64::from(0x4000 + 0x80 + 2));
}

#[test]
fn a_disabled_motor_keeps_what_is_written_alarms_and_acts_when_processed_again() {
    let mut m = bench("");
    m.put(".DISS", "MINOR");
    m.put(".DISA", 1.0);
    let put = callback(&mut m, ".VAL", 1.0, A);
    assert_eq!(m.finished_at(put), Some(at(0)));
    m.advance("5 s");
    assert!(m.numbers(".DMOV").is_empty());
    assert_eq!((m.number(".VAL"), m.number(".RBV")), (1.0, 0.0));
    assert_eq!(m.number(".STAT"), f64::from(AlarmStatus::Disable as u16));
    assert_eq!(m.number(".SEVR"), 1.0);
    m.put(".DISA", 0.0);
    m.put(".PROC", 1.0);
    m.advance("5 s");
    assert_eq!(m.number(".RBV"), 1.0);
    assert_eq!((m.number(".SEVR"), m.number(".STAT")), (0.0, 0.0));
}

#[test]
fn a_motor_disabled_while_moving_arrives_all_the_same() {
    let mut m = bench("");
    let put = callback(&mut m, ".VAL", 2.0, A);
    m.advance("0.5 s");
    m.put(".DISP", 1.0);
    let refused = m.write(".VAL", 0.0.into(), B, false);
    assert_eq!(m.refused(refused), Some(Reason::Disabled));
    let stop = m.write(".STOP", 1.0.into(), B, false);
    assert_eq!(m.refused(stop), Some(Reason::Disabled));
    m.advance("5 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".RBV"), 2.0);
    m.put(".DISP", 0.0);
    still_works(&mut m);
}

#[test]
fn speeds_stay_between_the_base_and_the_greatest_one() {
    let mut m = bench("");
    m.put(".VMAX", 3.0);
    assert_eq!(m.number(".SMAX"), 15.0);
    for (field, written, kept) in [
        (".VELO", 5.0, 3.0),
        (".VELO", -1.0, 0.1),
        (".S", 100.0, 15.0),
        (".BVEL", 0.0, 0.1),
        (".JVEL", 99.0, 3.0),
        (".HVEL", -7.0, 0.1),
        (".ACCL", -1.0, 0.1),
        (".BACC", 0.0, 0.1),
        (".VBAS", -1.0, 0.0),
        (".FRAC", 7.0, 1.5),
    ] {
        m.put(field, written);
        assert!(
            (m.number(field) - kept).abs() < 1e-6,
            "{field} {}",
            m.number(field)
        );
    }
    assert_eq!((m.number(".VELO"), m.number(".S")), (3.0, 15.0));
    m.put(".VBAS", 4.0);
    assert_eq!([".VMAX", ".VELO", ".JVEL"].map(|f| m.number(f)), [4.0; 3]);
    still_works(&mut m);
}

#[test]
fn turns_and_steps_decide_the_resolution() {
    let mut m = bench("start = 1.0");
    m.put(".SREV", 400.0);
    m.advance("1 s");
    assert_eq!((m.number(".MRES"), m.number(".RBV")), (0.0005, 1.0));
    m.put(".UREV", 0.8);
    m.advance("1 s");
    assert_eq!((m.number(".MRES"), m.number(".VELO")), (0.002, 8.0));
    m.put(".SREV", -3.0);
    m.advance("1 s");
    assert_eq!((m.number(".SREV"), m.number(".MRES")), (200.0, 0.004));
    still_works(&mut m);
}

#[test]
fn without_gain_support_the_torque_switch_is_kept_and_does_nothing() {
    let mut m = bench("");
    for state in ["Disable", "Enable"] {
        m.put(".CNEN", state);
        assert_eq!(m.text(".CNEN"), state);
        assert!(m.numbers(".MOVN").is_empty());
        m.advance("1 s");
    }
    m.put(".CNEN", "Disable");
    still_works(&mut m);
}

#[test]
fn a_wide_new_target_band_lets_the_motor_arrive_before_it_turns_round() {
    let mut m = bench("");
    let refused = m.put(".NTMF", 1.0);
    assert_eq!(m.refused(refused), Some(Reason::Rejected));
    assert_eq!(m.number(".NTMF"), 2.0);
    m.put(".RDBD", 0.5);
    m.put(".NTMF", 100.0);
    m.put(".VAL", 3.0);
    m.advance("1 s");
    m.put(".VAL", -1.0);
    m.advance("20 s");
    let highest = m.numbers(".RBV").into_iter().fold(0.0, f64::max);
    assert_eq!((highest, m.number(".RBV")), (3.0, -1.0));
}

#[test]
fn an_empty_array_changes_nothing() {
    let mut m = bench("start = 1.0");
    let empty = || Value::Array(Array::collect(ValueKind::Double, []).expect("none"));
    let velocity = m.number(".VELO");
    let put = callback(&mut m, ".VAL", empty(), A);
    m.advance("5 s");
    assert!(m.finished(put));
    for field in [".VELO", ".MRES", ".STOP", ".SPMG", ".DESC", ".DIR"] {
        m.put(field, empty());
    }
    m.advance("5 s");
    assert_eq!((m.number(".RBV"), m.number(".VELO")), (1.0, velocity));
}

/// The fields that take a number, or a state, from a client.
fn writable_numbers() -> Vec<&'static str> {
    let mut m = bench("");
    let world = m.world();
    let writable = |name: &str| {
        let pv = world.find(&format!("m.{name}")).expect("a field").pv;
        world.access(pv).write
    };
    let fields = beamtwin_devices::records::motor::MOTOR.fields.iter();
    let fields: Vec<&str> = fields
        .filter(|field| !matches!(field.kind, ValueKind::String))
        .map(|field| field.name)
        .filter(|name| !matches!(*name, "DISP" | "DISA" | "DISV") && writable(name))
        .collect();
    assert!(fields.len() > 70, "{}", fields.len());
    fields
}

/// Numbers that are hard to stomach.
const HARD: &[f64] = &[
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    1e300,
    -1e300,
    1e-300,
    0.0,
    -1.0,
    1.0,
    2.0,
    1e6,
];

fn sound(m: &mut Bench, what: &str) {
    for place in [".VAL", ".RBV", ".DVAL", ".DRBV", ".HLM", ".LLM"] {
        assert!(!m.number(place).is_nan(), "{place} after {what}");
    }
    let events = m.events().len();
    assert!(events < 40_000, "{events} events after {what}");
}

#[test]
fn no_number_whatever_in_whatever_field_breaks_the_motor() {
    for field in writable_numbers() {
        for &value in HARD {
            for moving in [true, false] {
                let mut m = bench("limits = [-10, 10]\nswitches = [-12, 12]");
                if moving {
                    m.put(".VAL", 2.0);
                    m.advance("0.5 s");
                }
                m.put(&format!(".{field}"), value);
                m.advance("5 s");
                m.put(".STOP", 1.0);
                m.advance("60 s");
                for (next, value) in [(".VAL", 1.0), (".TWF", 1.0), (".JOGF", 1.0)] {
                    m.put(next, value);
                    m.advance("2 s");
                }
                m.put(".STOP", 1.0);
                m.advance("60 s");
                sound(&mut m, &format!("{field} = {value}"));
            }
        }
    }
}

#[test]
fn no_sequence_of_nonsense_breaks_the_motor() {
    let fields = writable_numbers();
    let mut state = 1_u64;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    for table in [
        "",
        "limits = [-10, 10]\nswitches = [-12, 12]\nbacklash = 0.1",
        "encoder = 0.001\nplay = 0.1\nnoise = 0.01\nstall = 3.0",
    ] {
        for _ in 0..60 {
            let mut m = bench(table);
            let mut said = String::new();
            for _ in 0..25 {
                let (field, value) = (fields[draw(fields.len())], HARD[draw(HARD.len())]);
                said += &format!("{field} = {value}, ");
                m.write(&format!(".{field}"), value.into(), A, draw(3) == 0);
                m.advance(["0 s", "0.05 s", "0.3 s", "2 s"][draw(4)]);
            }
            sound(&mut m, &said);
        }
    }
}
