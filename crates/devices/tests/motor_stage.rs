//! What a real stage does, each switched on by one line of the beamline file.

use std::time::Duration;

use beamtwin_devices::Kind;
use beamtwin_devices::motor::{Motor, Settings};
use beamtwin_pv::{AlarmStatus, SimTime};
use beamtwin_sim::{Bench, Surface};

fn settings(table: &str) -> Settings {
    toml::from_str(&format!("pv = \"m\"\nvelocity = 2.0\n{table}")).expect("settings")
}

fn bench(table: &str) -> Bench {
    Bench::boxed(|surface| Motor::build(settings(table), surface))
}

fn flaws(table: &str) -> Vec<String> {
    let mut surface = Surface::default();
    let _ = Motor::build(settings(table), &mut surface);
    let flaws = surface.flaws().iter();
    flaws.map(|flaw| flaw.key.clone()).collect()
}

fn at(millis: u64) -> SimTime {
    SimTime::ZERO + Duration::from_millis(millis)
}

/// Where a readback was a second after a move to 4 set off.
fn after_a_second(table: &str) -> f64 {
    let mut m = bench(table);
    m.put(".VAL", 4.0);
    m.advance("1 s");
    m.number(".RBV")
}

#[test]
fn a_following_error_lags_at_speed_and_is_gone_at_rest() {
    let lag = after_a_second("") - after_a_second("following_error = 0.05");
    assert!((lag - 0.05).abs() < 0.002, "{lag}");
    let mut m = bench("following_error = 0.05");
    let put = m.put_callback(".VAL", 4.0);
    m.advance("10 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".RBV"), 4.0);
    assert_eq!(m.numbers(".MOVN"), [1.0, 0.0]);
}

#[test]
fn settling_keeps_the_controller_busy_after_the_stage_has_arrived() {
    let took = |table: &str| {
        let mut m = bench(table);
        let put = m.put_callback(".VAL", 2.0);
        m.advance("10 s");
        m.finished_at(put)
    };
    assert_eq!(took(""), Some(at(1200)));
    assert_eq!(took("settle = \"500 ms\""), Some(at(1700)));
    let mut m = bench("settle = \"500 ms\"");
    m.put(".VAL", 2.0);
    m.advance("1.5 s");
    assert_eq!((m.number(".RBV"), m.number(".MOVN")), (2.0, 1.0));
}

#[test]
fn noise_shakes_the_readback_the_same_way_each_time() {
    let shaken = || {
        let mut m = bench("noise = 0.01");
        m.put(".RDBD", 0.1);
        let put = m.put_callback(".VAL", 4.0);
        m.advance("10 s");
        assert!(m.finished(put));
        assert_eq!((m.number(".RCNT"), m.number(".MISS")), (0.0, 0.0));
        m.numbers(".RBV")
    };
    let (noisy, quiet) = (shaken(), {
        let mut m = bench("");
        m.put(".VAL", 4.0);
        m.advance("10 s");
        m.numbers(".RBV")
    });
    assert_eq!(noisy, shaken());
    assert_eq!(noisy.len(), quiet.len());
    let off: Vec<f64> = noisy.iter().zip(&quiet).map(|(a, b)| a - b).collect();
    assert!(off.iter().all(|off| off.abs() < 0.06), "{off:?}");
    assert!(off.iter().filter(|off| off.abs() > 0.001).count() > off.len() / 2);
}

#[test]
fn noise_above_the_retry_deadband_makes_it_try_again() {
    let mut m = bench("noise = 0.05");
    let put = m.put_callback(".VAL", 4.0);
    m.advance("60 s");
    assert!(m.finished(put));
    assert!(m.numbers(".RCNT").last() > Some(&0.0));
}

#[test]
fn an_encoder_is_used_and_counts_in_its_own_resolution() {
    let mut m = bench("encoder = 0.0005");
    assert_eq!(m.text(".UEIP"), "Yes");
    assert_eq!(m.number(".ERES"), 0.0005);
    let put = m.put_callback(".VAL", 1.0);
    m.advance("10 s");
    assert!(m.finished(put));
    assert_eq!((m.number(".RMP"), m.number(".REP")), (1000.0, 2000.0));
    assert_eq!((m.number(".RRBV"), m.number(".RBV")), (2000.0, 1.0));
    assert_eq!(m.number(".MSTA"), f64::from(0x100 + 2));
    m.put(".UEIP", "No");
    m.advance("1 s");
    assert_eq!((m.number(".RRBV"), m.number(".RBV")), (1000.0, 1.0));
}

#[test]
fn a_coarse_encoder_reads_in_coarse_counts() {
    let mut m = bench("encoder = 0.1");
    let put = m.put_callback(".VAL", 1.04);
    m.advance("10 s");
    assert!(m.finished(put));
    assert_eq!((m.number(".RBV"), m.number(".VAL")), (1.0, 1.04));
    assert_eq!(m.number(".MISS"), 0.0, "the deadband is a count wide");
}

#[test]
fn play_is_seen_by_the_encoder_and_made_up_for_by_retries() {
    let mut m = bench("encoder = 0.001\nplay = 0.05");
    m.put(".RTRY", 0.0);
    for (target, seen) in [(2.0, 2.0), (1.0, 1.05), (2.0, 2.0)] {
        let put = m.put_callback(".VAL", target);
        m.advance("10 s");
        assert!(m.finished(put));
        assert!(
            (m.number(".RBV") - seen).abs() < 1e-9,
            "{}",
            m.number(".RBV")
        );
    }
    m.put(".RTRY", 10.0);
    let put = m.put_callback(".VAL", 1.0);
    m.advance("10 s");
    assert!(m.finished(put));
    assert!((m.number(".RBV") - 1.0).abs() < 1e-9);
    assert_eq!((m.number(".RCNT"), m.number(".MISS")), (1.0, 0.0));
}

#[test]
fn backlash_correction_hides_play() {
    let mut m = bench("encoder = 0.001\nplay = 0.05\nbacklash = 0.2");
    m.put(".RTRY", 0.0);
    for target in [2.0, 1.0, 0.5] {
        let put = m.put_callback(".VAL", target);
        m.advance("10 s");
        assert!(m.finished(put));
        assert!((m.number(".RBV") - target).abs() < 1e-9);
    }
}

#[test]
fn retries_after_a_backlash_move_count_from_where_the_encoder_is() {
    for rmod in ["Default", "Arithmetic", "Geometric"] {
        let mut m = bench("encoder = 0.001\nplay = 0.05\nbacklash = 0.2");
        m.put(".RMOD", rmod);
        let put = m.put_callback(".VAL", -1.0);
        m.advance("30 s");
        assert!(m.finished(put));
        assert!((m.number(".RBV") + 1.0).abs() < 1e-9, "{rmod}");
        assert_eq!(m.number(".MISS"), 0.0, "{rmod}");
    }
}

#[test]
fn a_stall_ends_in_a_missed_target_a_major_alarm_and_a_put_that_completes() {
    let mut m = bench("stall = 3.2");
    let put = m.put_callback(".VAL", 5.0);
    m.advance("20 s");
    assert!(m.finished(put));
    let seen = [".RRBV", ".VAL", ".MISS", ".DMOV", ".RCNT"].map(|f| m.number(f));
    assert_eq!(seen, [3199.0, 5.0, 1.0, 1.0, 11.0]);
    assert_eq!(m.number(".MSTA"), f64::from(0x200 + 0x40 + 2));
    assert_eq!(m.number(".SEVR"), 2.0);
    assert_eq!(m.number(".STAT"), f64::from(AlarmStatus::State as u16));
    let back = m.put_callback(".VAL", 1.0);
    m.advance("20 s");
    assert!(m.finished(back));
    assert_eq!((m.number(".RBV"), m.number(".SEVR")), (1.0, 0.0));
    assert_eq!(m.number(".MISS"), 0.0);
}

#[test]
fn a_stall_releases_the_jog_button() {
    let mut m = bench("stall = 3.2");
    m.put(".JOGF", 1.0);
    m.advance("20 s");
    assert_eq!(m.numbers(".JOGF"), [1.0, 0.0]);
    assert_eq!((m.number(".RRBV"), m.number(".DMOV")), (3199.0, 1.0));
}

#[test]
fn a_switch_wired_the_wrong_way_neither_stops_it_nor_lets_it_back() {
    let mut m = bench("switches = [-5, 5]\nswitches_swapped = true");
    let put = m.put_callback(".VAL", 8.0);
    m.advance("20 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".RBV"), 8.0);
    assert_eq!((m.number(".HLS"), m.number(".LLS")), (0.0, 1.0));
    let back = m.put_callback(".VAL", 0.0);
    m.advance("20 s");
    assert!(m.finished(back));
    assert_eq!(m.number(".RBV"), 8.0, "the wrong switch bars the way");
}

#[test]
fn home_is_where_the_file_says() {
    let mut m = bench("home = 1.5\nstart = 1.0");
    m.put(".HVEL", 1.0);
    let put = m.put_callback(".HOMF", 1.0);
    m.advance("20 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".RBV"), 1.5);
    assert_eq!(m.number(".MSTA"), f64::from(0x4000 + 0x80 + 2));
}

#[test]
fn with_an_encoder_the_record_shows_that_it_is_at_home() {
    let mut m = bench("encoder = 0.001");
    assert_eq!(m.number(".ATHM"), 1.0);
    m.put(".VAL", 1.0);
    m.advance("5 s");
    m.put(".VAL", 0.0);
    m.advance("5 s");
    assert_eq!(m.numbers(".ATHM"), [0.0, 1.0]);
}

#[test]
fn a_home_switch_that_is_not_found_ends_at_a_limit_switch_or_never() {
    let mut m = bench("home_found = false\nstart = -1.0\nswitches = [-5, 5]");
    m.put(".HVEL", 2.0);
    let put = m.put_callback(".HOMF", 1.0);
    m.advance("2 s");
    assert!(!m.finished(put));
    m.advance("60 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".HOMF"), 0.0);
    assert_eq!((m.number(".HLS"), m.number(".DMOV")), (1.0, 1.0));
    assert!((5.0..5.5).contains(&m.number(".RBV")));
    let mut m = bench("home_found = false\nstart = -1.0");
    m.put(".HVEL", 2.0);
    let put = m.put_callback(".HOMF", 1.0);
    m.advance("10 min");
    assert!(!m.finished(put));
    m.put(".STOP", 1.0);
    m.advance("1 s");
    assert!(m.finished(put));
}

#[test]
fn a_saved_imperfect_stage_goes_on_as_if_nothing_had_happened() {
    let table =
        "encoder = 0.001\nplay = 0.05\nnoise = 0.002\nfollowing_error = 0.1\nsettle = \"250 ms\"";
    let mut m = bench(table);
    m.put_callback(".VAL", 3.0);
    m.advance("0.75 s");
    m.follows_again(|m| {
        m.advance("10 s");
        m.put(".VAL", 1.0);
        m.advance("10 s");
    });
}

#[test]
fn what_no_stage_can_do_is_named() {
    assert_eq!(flaws("play = 0.1"), ["play"]);
    assert_eq!(flaws("encoder = 0.0"), ["encoder"]);
    assert_eq!(flaws("encoder = -0.1"), ["encoder"]);
    assert_eq!(flaws("noise = -0.1"), ["noise"]);
    assert_eq!(flaws("following_error = nan"), ["following_error"]);
    assert_eq!(flaws("stall = 0.0"), ["stall"]);
    assert_eq!(flaws("home = inf"), ["home"]);
    assert_eq!(flaws("switches_swapped = true"), ["switches_swapped"]);
    assert_eq!(flaws("encoder = 0.1\nplay = 0.1\nstall = 2"), [""; 0]);
}
