//! What happened, where both sides asked for the same: at exposures, and in the end.

use beamtwin_align::{Aspect, Comparison, Settings, compare};
use beamtwin_trace::Trace;

const HEAD: &str = r#"{"trace":"1.0","beamline":"T","epoch":"2026-01-01T00:00:00Z","seed":1,"program":"p"}
{"pv":1,"name":"x.VAL","device":"motor.x","role":"request","type":"double","units":"mm"}
{"pv":2,"name":"x.RBV","device":"motor.x","role":"curve","type":"double","units":"mm","tolerance":0.001,"interp":"linear"}
{"pv":3,"name":"T:SET","device":"linkam.t","role":"request","type":"double","units":"degC"}
{"pv":4,"name":"T:TEMP","device":"linkam.t","role":"curve","type":"double","units":"degC","tolerance":0.5,"interp":"linear"}
{"pv":5,"name":"c:Acquire","device":"camera.c","role":"request","type":"short"}
{"pv":6,"name":"c:ArrayCounter_RBV","device":"camera.c","role":"frame","type":"long"}
{"pv":7,"name":"shut","device":"shutter.s","role":"request","type":"short"}
{"pv":8,"name":"blade","device":"shutter.s","role":"readback","type":"short"}
{"pv":9,"name":"beamtwin:speed","device":"twin","role":"state","type":"double"}
"#;

const X: u32 = 1;
const RBV: u32 = 2;
const SET: u32 = 3;
const TEMP: u32 = 4;
const ACQUIRE: u32 = 5;
const FRAMES: u32 = 6;
const SHUTTER: u32 = 7;
const BLADE: u32 = 8;
const SPEED: u32 = 9;

/// What happens in a session, in any order.
#[derive(Default)]
struct Session {
    /// When, what, and by which put, which is numbered in the order of these.
    facts: Vec<(f64, String, Option<usize>)>,
    puts: usize,
}

impl Session {
    /// A put that is done some time later, or never.
    fn put(&mut self, t: f64, pv: u32, value: f64, lasts: Option<f64>) -> usize {
        let put = self.puts;
        self.puts += 1;
        self.facts
            .push((t, format!(r#""put":{pv},"value":{value:?}"#), None));
        let done = lasts.map(|it| (t + it, r#""done":"#.to_owned(), Some(put)));
        self.facts.extend(done);
        put
    }

    fn post(&mut self, t: f64, pv: u32, value: f64) {
        self.facts
            .push((t, format!(r#""post":{pv},"value":{value:?}"#), None));
    }

    /// An exposure of a second that makes so many images.
    fn expose(&mut self, t: f64, lasts: f64, images: u32) {
        let put = self.put(t, ACQUIRE, 1.0, Some(lasts));
        for image in 1..=images {
            let at = t + lasts * f64::from(image) / f64::from(images);
            let post = format!(r#""post":{FRAMES},"value":{image},"by":"#);
            self.facts.push((at, post, Some(put)));
        }
    }

    /// A move at 1 unit a second, with a sample every tenth of it. Where `done` says so, the trace tells of its end.
    fn ramp(&mut self, t: f64, pvs: [u32; 2], from: f64, to: f64, done: bool) {
        let lasts = (to - from).abs();
        self.put(t, pvs[0], to, Some(if done { lasts } else { 0.0 }));
        for tenth in 0..=10 {
            let part = f64::from(tenth) / 10.0;
            self.post(t + part * lasts, pvs[1], from + part * (to - from));
        }
    }

    /// Something that the first put caused, as of a trace that tells of causes.
    fn knows_causes(&mut self) {
        let post = format!(r#""post":{BLADE},"value":0,"by":"#);
        self.facts.push((100.0, post, Some(0)));
    }

    fn fault(&mut self, t: f64, text: &str) {
        self.facts
            .push((t, format!(r#""fault":"{text}","device":"shutter.s""#), None));
    }

    fn trace(&self) -> Trace {
        let mut facts: Vec<_> = self.facts.iter().collect();
        facts.sort_by(|one, other| one.0.total_cmp(&other.0));
        // Puts are numbered in the order they were made, which is that of their times.
        let puts: Vec<usize> = (1..)
            .zip(&facts)
            .filter(|(_, fact)| fact.1.starts_with(r#""put""#))
            .map(|(n, _)| n)
            .collect();
        let mut text = HEAD.to_owned();
        for (n, (t, what, put)) in (1..).zip(&facts) {
            let by = put.map_or_else(String::new, |put| puts[put].to_string());
            text += &format!("{{\"n\":{n},\"t\":{t:.6},{what}{by}}}\n");
        }
        let records = facts.len();
        text += &format!("{{\"end\":{{\"t\":200.0,\"records\":{records},\"complete\":true}}}}\n");
        Trace::read(text.as_bytes()).expect("a trace")
    }
}

fn session(happens: impl Fn(&mut Session)) -> Trace {
    let mut session = Session::default();
    happens(&mut session);
    session.trace()
}

/// Compares both ways round, and each with itself.
fn compared(reference: &Trace, session: &Trace) -> Comparison {
    let settings = Settings::default();
    let there = compare(reference, session, &settings);
    let back = compare(session, reference, &settings);
    assert_eq!((there.alike, there.score), (back.alike, back.score));
    for side in [reference, session] {
        let own = compare(side, side, &settings);
        assert!(own.alike && own.score == 1.0, "{:?}", own.reasons);
    }
    there
}

/// Heats from 25 to 50 degrees, and exposes some time after that was asked for.
fn heated(after: f64) -> Trace {
    session(|it| {
        it.ramp(1.0, [SET, TEMP], 25.0, 50.0, false);
        it.expose(1.0 + after, 1.0, 1);
    })
}

#[test]
fn a_forgotten_wait_for_a_temperature_is_told() {
    let comparison = compared(&heated(27.0), &heated(0.5));
    assert_eq!(
        comparison.reasons,
        ["1 exposure was taken from 1.5 s on with linkam.t TEMP at 25.5 degC instead of 50 degC"]
    );
    assert_eq!(comparison.rows[1].gates[0].aspect, Aspect::Reading);
    assert!(!comparison.alike && comparison.score < 0.9);
}

#[test]
fn who_is_held_up_on_a_ramp_or_looks_whether_it_is_near_is_alike() {
    for (one, other) in [(27.0, 24.0), (27.0, 70.0), (10.0, 11.0), (10.0, 14.0)] {
        let comparison = compared(&heated(one), &heated(other));
        assert!(comparison.alike, "{:?}", comparison.reasons);
    }
    assert!(!compared(&heated(4.0), &heated(14.0)).alike);
}

/// Moves from 0 to 4 mm and exposes, at once or some time later.
fn moved(after: f64) -> Trace {
    session(|it| {
        it.ramp(1.0, [X, RBV], 0.0, 4.0, true);
        it.expose(1.0 + after, 1.0, 1);
    })
}

#[test]
fn a_readback_decides_of_the_second_half_of_a_move() {
    let near = compared(&moved(4.1), &moved(3.5));
    assert!(near.alike, "{:?}", near.reasons);
    assert_eq!(near.remarks.len(), 1);
    let far = compared(&moved(4.1), &moved(2.5));
    assert_eq!(
        far.reasons,
        ["1 exposure was taken from 3.5 s on with motor.x RBV at 2.5 mm instead of 4 mm"]
    );
    assert!(far.remarks.is_empty());
}

/// Rests, moves on, and rests: the curve has no sample where it rests.
#[test]
fn what_a_curve_does_after_the_next_step_is_not_read_before_it() {
    let twice = |pause: f64| {
        session(|it| {
            it.ramp(1.0, [X, RBV], 0.0, 4.0, true);
            it.expose(5.1 + pause, 1.0, 1);
            it.ramp(7.1 + pause, [X, RBV], 4.0, 104.0, true);
        })
    };
    let comparison = compared(&twice(0.0), &twice(30.0));
    assert!(comparison.alike, "{:?}", comparison.reasons);
}

#[test]
fn an_exposure_without_an_image_is_told() {
    let made = |images: u32| {
        session(|it| {
            it.put(0.5, X, 1.0, Some(0.0));
            it.expose(1.0, 1.0, images);
            it.knows_causes();
        })
    };
    let comparison = compared(&made(1), &made(0));
    assert_eq!(
        comparison.reasons,
        [
            "1 exposure was taken from 1.0 s on and made no image, where the reference's made 1 image"
        ]
    );
    let fewer = compared(&made(3), &made(2));
    assert_eq!(
        fewer.reasons,
        [
            "1 exposure was taken from 1.0 s on and made 2 images, where the reference's made 3 images"
        ]
    );
}

#[test]
fn how_many_images_a_detector_makes_until_it_is_stopped_is_a_matter_of_times() {
    let running = |lasts: f64, images: u32| {
        session(|it| {
            it.expose(1.0, lasts, images);
            it.knows_causes();
            it.put(1.0 + lasts, ACQUIRE, 0.0, Some(0.0));
        })
    };
    let comparison = compared(&running(5.0, 5), &running(2.0, 2));
    assert!(comparison.alike, "{:?}", comparison.reasons);
    assert!(!compared(&running(5.0, 5), &running(5.0, 0)).alike);
}

#[test]
fn an_exposure_that_was_stopped_is_told() {
    let images = |stopped: bool| {
        session(|it| {
            for t in [1.0, 4.0] {
                it.expose(t, if stopped { 0.2 } else { 1.0 }, u32::from(!stopped));
                it.put(t + if stopped { 0.2 } else { 1.5 }, ACQUIRE, 0.0, Some(0.0));
            }
        })
    };
    let comparison = compared(&images(false), &images(true));
    assert_eq!(
        comparison.reasons,
        [
            "2 exposures were taken from 1.0 s on and were stopped after 0.2 s, where the reference's took 1 s"
        ]
    );
    assert!(
        comparison
            .rows
            .iter()
            .any(|row| !row.gates.is_empty() && row.gates[0].aspect == Aspect::Stopped)
    );
}

/// Opens a shutter and exposes; what the shutter answers is up to `answers`.
fn opened(lasts: Option<f64>, answers: impl Fn(&mut Session)) -> Trace {
    session(|it| {
        it.put(1.0, SHUTTER, 1.0, lasts);
        answers(it);
        it.expose(2.0, 1.0, 1);
    })
}

#[test]
fn a_shutter_that_does_not_follow_is_told() {
    let good = opened(Some(0.1), |it| it.post(1.1, BLADE, 1.0));
    let told = |session: &Trace| compared(&good, session).reasons;
    let reason = |words: &str| format!("1 exposure was taken from 2.0 s on with {words}");
    let stays = opened(Some(0.1), |it| it.post(1.1, BLADE, 0.0));
    assert_eq!(told(&stays), [reason("shutter.s blade 0 instead of 1")]);
    let silent = opened(Some(0.1), |_| {});
    assert_eq!(
        told(&silent),
        [reason("shutter.s blade unchanged instead of 1")]
    );
    let never = opened(None, |it| it.post(0.5, BLADE, 1.0));
    assert_eq!(
        told(&never),
        [reason("shutter.s shut never done instead of done")]
    );
    let broken = opened(Some(0.1), |it| {
        it.post(1.1, BLADE, 1.0);
        it.fault(0.0, "on purpose: stuck closed");
    });
    assert_eq!(
        told(&broken),
        [reason("shutter.s stuck closed instead of sound")]
    );
    let mended = opened(Some(0.1), |it| {
        it.post(1.1, BLADE, 1.0);
        it.fault(0.0, "on purpose: stuck closed");
        it.fault(0.5, "on purpose: none");
        it.fault(1.5, "a spark");
    });
    assert_eq!(told(&mended), [""; 0]);
    // It was open: there was nothing to do, and nothing to tell.
    let open = opened(Some(0.0), |_| {});
    assert_eq!(told(&open), [""; 0]);
}

#[test]
fn a_readback_that_ends_elsewhere_is_told_and_weighs_as_the_last_step() {
    let to = |end: f64| {
        session(|it| {
            it.put(1.0, X, 5.0, Some(5.0));
            for second in 0..=5 {
                let part = f64::from(second) / 5.0;
                it.post(1.0 + f64::from(second), RBV, part * end);
            }
        })
    };
    let comparison = compared(&to(5.0), &to(5.3));
    assert_eq!(
        comparison.reasons,
        ["motor.x RBV ended at 5.3 mm instead of 5 mm"]
    );
    assert!(
        comparison
            .ends
            .iter()
            .any(|end| end.channel == "x.RBV" && end.asked)
    );
    assert_eq!(comparison.parts.weighted, 0.5);
    assert!(compared(&to(5.0), &to(5.0029)).alike);
}

#[test]
fn a_ramp_that_was_stopped_a_little_later_ended_where_it_should() {
    let stopped = |after: f64| {
        session(|it| {
            it.put(1.0, SET, 100.0, Some(0.0));
            for second in 0..=20 {
                let t = f64::from(second).min(after);
                it.post(1.0 + t, TEMP, 25.0 + t);
            }
            it.put(1.0 + after, SET, 0.0, Some(0.0));
        })
    };
    let comparison = compared(&stopped(15.0), &stopped(18.0));
    assert!(comparison.alike, "{:?}", comparison.reasons);
    assert!(!compared(&stopped(5.0), &stopped(18.0)).alike);
}

#[test]
fn a_readback_that_one_side_never_posted_is_told() {
    let one = opened(Some(0.0), |it| it.post(50.0, BLADE, 1.0));
    let other = opened(Some(0.0), |_| {});
    let comparison = compared(&one, &other);
    assert!(comparison.alike);
    let end = &comparison.ends[0];
    assert_eq!((&*end.channel, end.asked), ("blade", false));
    assert_eq!((&*end.reference, &*end.session), ("1", "nothing posted"));
}

#[test]
fn any_accepted_put_is_a_step_but_those_of_the_twin() {
    let set = |pv: u32| {
        session(|it| {
            it.put(1.0, X, 1.0, Some(1.0));
            it.put(5.0, pv, 300.0, Some(0.0));
        })
    };
    let plain = session(|it| {
        it.put(1.0, X, 1.0, Some(1.0));
    });
    assert_eq!(
        compared(&plain, &set(TEMP)).reasons,
        ["extra: linkam.t TEMP = 300 degC, asked for at 5.0 s"]
    );
    assert!(compared(&plain, &set(SPEED)).alike);
}

/// The first sample of a curve that rested comes when it is asked to move, and is not what it read before.
#[test]
fn nothing_is_known_of_a_curve_before_it_was_first_posted() {
    let rested = |sample: f64| {
        session(|it| {
            it.put(1.0, X, 0.0, Some(0.0));
            it.expose(2.0, 1.0, 1);
            it.put(5.0, X, 4.0, Some(4.0));
            it.post(5.0 + sample, RBV, sample);
            it.post(9.0, RBV, 4.0);
        })
    };
    let comparison = compared(&rested(0.1), &rested(0.2));
    assert!(comparison.alike, "{:?}", comparison.reasons);
    // What is posted before the next step follows from the last one, and tells how far that had come.
    let soon = session(|it| {
        it.put(1.0, SET, 50.0, Some(0.0));
        it.expose(1.2, 0.1, 1);
        it.post(1.5, TEMP, 25.5);
        it.post(26.0, TEMP, 50.0);
    });
    assert!(!compared(&heated(27.0), &soon).alike);
}

#[test]
fn of_readings_at_many_exposures_the_first_is_told() {
    let scan = |off: f64| {
        session(|it| {
            for step in [1.0, 2.0, 3.0] {
                it.put(10.0 * step, X, step, Some(1.0));
                it.post(10.0 * step + 1.0, RBV, step * (1.0 + off));
                it.expose(10.0 * step + 2.0, 1.0, 1);
            }
        })
    };
    let comparison = compared(&scan(0.0), &scan(1.0));
    assert_eq!(
        comparison.reasons[0],
        "3 exposures were taken from 12.0 s on with motor.x RBV at first at 2 mm instead of 1 mm"
    );
}

/// Moves to these places, one after the other, and posts where it is if it follows.
fn went(to: &[f64], follows: bool) -> Trace {
    session(|it| {
        let mut t = 1.0;
        for &place in to {
            it.put(t, X, place, Some(1.0));
            if follows {
                it.post(t + 0.1, RBV, place - 0.1);
                it.post(t + 1.0, RBV, place);
            }
            t += 2.0;
        }
    })
}

#[test]
fn a_motor_that_never_moved_did_not_follow() {
    let comparison = compared(&went(&[1.0, 2.0], true), &went(&[1.0, 2.0], false));
    assert_eq!(
        comparison.reasons,
        ["motor.x RBV was never posted, and ended at 2 mm in the reference"]
    );
    assert!(!comparison.alike);
    // It may have been there.
    assert!(compared(&went(&[1.0], true), &went(&[1.0], false)).alike);
    // Where both began at the same place, it was not.
    let [mut one, mut other] = [true, false].map(|follows| went(&[1.0], follows));
    one.header.file = Some("sha256:1".to_owned());
    other.header.file = one.header.file.clone();
    let still = compared(&one, &other);
    assert!(!still.alike && still.score < 0.9, "{}", still.score);
    // Where steps differ, these are told.
    let elsewhere = compared(&went(&[1.0, 2.0], true), &went(&[1.0, 0.0], false));
    assert!(
        !elsewhere
            .reasons
            .iter()
            .any(|it| it.contains("never posted"))
    );
}
