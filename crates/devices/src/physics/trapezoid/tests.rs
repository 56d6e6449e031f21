use super::*;

const PACE: Pace = Pace {
    base: 0.1,
    speed: 2.0,
    ramp: 9.5,
};

const REST: Point = Point {
    at: 0.0,
    speed: 0.0,
};

fn seconds(motion: &Motion) -> f64 {
    motion.duration().expect("it ends").as_secs_f64()
}

#[test]
fn a_long_move_speeds_up_cruises_and_slows_down() {
    let motion = Motion::travel(REST, 2.0, PACE);
    // 0.2 s up, 0.2 s down, both at 1.05 on average, and the rest at 2.
    assert!((seconds(&motion) - (0.4 + 1.58 / 2.0)).abs() < 1e-9);
    assert!((motion.after(Duration::from_millis(200)).at - 0.21).abs() < 1e-12);
    assert!((motion.after(Duration::from_millis(300)).speed - 2.0).abs() < 1e-12);
    let end = motion.after(Duration::from_secs(9));
    assert_eq!((end.at, end.speed), (2.0, 0.0));
}

#[test]
fn a_short_move_turns_round_at_its_peak() {
    let motion = Motion::travel(REST, -0.1, PACE);
    let peak = (0.01_f64 + 9.5 * 0.1).sqrt();
    assert!((seconds(&motion) - 2.0 * (peak - 0.1) / 9.5).abs() < 1e-9);
    let middle = motion.after(Duration::from_secs_f64(seconds(&motion) / 2.0));
    assert!((middle.at + 0.05).abs() < 1e-9);
}

#[test]
fn a_move_below_the_base_speed_has_no_ramps() {
    let pace = Pace {
        base: 1.0,
        speed: 0.5,
        ramp: 1.0,
    };
    assert!((seconds(&Motion::travel(REST, 1.0, pace)) - 2.0).abs() < 1e-12);
}

#[test]
fn a_move_of_exactly_a_tenth_is_over_at_the_tenth() {
    let pace = Pace {
        base: 1.0,
        speed: 1.0,
        ramp: 1.0,
    };
    for tenths in 1..2000_u32 {
        let way = f64::from(tenths) * 0.1;
        let motion = Motion::travel(
            Point {
                at: 3.7,
                speed: 0.0,
            },
            3.7 + way,
            pace,
        );
        let due = Duration::from_millis(100) * tenths;
        assert!(motion.over(due), "{way}");
        assert!(!motion.over(due - Duration::from_micros(1)), "{way}");
    }
}

#[test]
fn a_stop_takes_the_ramp_down() {
    let motion = Motion::stop(
        Point {
            at: 1.0,
            speed: -2.0,
        },
        PACE,
    );
    assert!((seconds(&motion) - 0.2).abs() < 1e-12);
    assert!((motion.after(Duration::from_secs(1)).at - 0.79).abs() < 1e-12);
}

#[test]
fn a_reversal_stops_first() {
    let from = Point {
        at: 0.0,
        speed: 2.0,
    };
    let motion = Motion::travel(from, -1.0, PACE);
    assert!(motion.after(Duration::from_millis(150)).speed > 0.0);
    assert!(motion.after(Duration::from_millis(250)).speed < 0.0);
    assert_eq!(motion.after(Duration::from_secs(5)).at, -1.0);
}

#[test]
fn a_jog_does_not_end() {
    let motion = Motion::jog(REST, -2.0, PACE);
    assert_eq!(motion.duration(), None);
    let later = motion.after(Duration::from_secs(100));
    assert!((later.at + 0.21 + 2.0 * 99.8).abs() < 1e-9);
}

#[test]
fn no_speed_at_all_takes_very_long() {
    let pace = Pace {
        base: 0.0,
        speed: 0.0,
        ramp: 0.0,
    };
    let motion = Motion::travel(REST, 1.0, pace);
    assert!(seconds(&motion) >= 1e6);
    assert!(motion.after(Duration::from_secs(10)).at < 1e-3);
}
