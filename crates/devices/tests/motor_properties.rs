//! Whatever clients write, a motor keeps its promises.

use beamtwin_devices::Kind;
use beamtwin_devices::motor::{Motor, Settings};
use beamtwin_pv::Value;
use beamtwin_sim::{Bench, ClientId, PutId, What};
use proptest::prelude::*;

/// Something a client does, and how long it waits before the next.
#[derive(Clone, Debug)]
struct Act {
    field: &'static str,
    value: f64,
    by: u32,
    complete: bool,
    millis: u32,
}

fn act() -> impl Strategy<Value = Act> {
    let field = prop_oneof![
        6 => Just(".VAL"),
        2 => Just(".DVAL"),
        2 => Just(".RLV"),
        1 => Just(".RVAL"),
        2 => Just(".TWF"),
        1 => Just(".TWR"),
        3 => Just(".STOP"),
        1 => Just(".VELO"),
        1 => Just(".JOGF"),
        1 => Just(".HOMR"),
        1 => Just(".BDST"),
        1 => Just(".OFF"),
        1 => Just(".HLM"),
        1 => Just(".DLY"),
    ];
    (field, -12.0..12.0_f64, 1..4_u32, any::<bool>(), 0..1500_u32).prop_map(
        |(field, value, by, complete, millis)| {
            let value = match field {
                ".RVAL" => (value * 1000.0).round(),
                ".TWF" | ".TWR" | ".STOP" | ".HOMR" => 1.0,
                ".JOGF" => f64::from(u8::from(value > 0.0)),
                ".VELO" => value.abs(),
                ".BDST" => value / 24.0,
                ".DLY" => value.abs() / 12.0,
                _ => (value * 100.0).round() / 100.0,
            };
            Act {
                field,
                value,
                by,
                complete,
                millis,
            }
        },
    )
}

/// An ideal stage, and some that are not.
const STAGES: &[&str] = &[
    "",
    "settle = \"150 ms\"\nfollowing_error = 0.2",
    "encoder = 0.001\nplay = 0.1",
    "encoder = 0.0005\nplay = 0.02\nsettle = \"70 ms\"\nbacklash = 0.25",
];

fn motor(stage: &str) -> Bench {
    let table = "pv = \"m\"\nvelocity = 2.0\nlimits = [-10, 10]\nbase_velocity = 0.5";
    let settings: Settings = toml::from_str(&format!("{table}\n{stage}")).expect("settings");
    Bench::boxed(|surface| Motor::build(settings, surface))
}

fn number_of(events: &[beamtwin_sim::Event], wanted: impl Fn(&What) -> bool) -> usize {
    events.iter().filter(|event| wanted(&event.what)).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn time_never_runs_back_each_put_ends_once_and_it_gets_where_it_was_sent(
        acts in prop::collection::vec(act(), 1..14),
        stage in prop::sample::select(STAGES),
    ) {
        let mut m = motor(stage);
        let mut puts: Vec<(PutId, bool)> = Vec::new();
        for act in &acts {
            let value = Value::Double(act.value);
            let put = m.write(act.field, value, ClientId(act.by), act.complete);
            puts.push((put, act.complete));
            m.advance(&format!("{} ms", act.millis));
        }
        // A jog or a search for home that nobody stops would go on, and one that waits for its turn begins
        // when another ends: buttons are let go until all have had theirs.
        let buttons = [".STOP", ".JOGF", ".HOMR"];
        let pressed = acts.iter().any(|act| buttons.contains(&act.field));
        for _ in 0..acts.len() + 2 {
            if pressed {
                m.put(".JOGF", 0.0);
                m.put(".STOP", 1.0);
            }
            m.advance("300 s");
        }
        let events = m.events().to_vec();
        prop_assert!(events.windows(2).all(|pair| pair[0].t <= pair[1].t));
        prop_assert_eq!(m.world().unfinished(), 0);
        for (put, complete) in puts {
            let ends = number_of(&events, |what| match what {
                What::Done(done) => *done == put,
                What::Refused(refused, ..) => *refused == put,
                _ => false,
            });
            prop_assert!(ends <= 1, "{put:?} ended {ends} times");
            prop_assert!(ends == 1 || !complete, "{put:?} never ended");
        }
        prop_assert_eq!(m.number(".DMOV"), 1.0);
        prop_assert_eq!(m.number(".MOVN"), 0.0);
        // The C record, stopped while it tries again, forgets to make the stopping place its target; and a
        // limit that moves below a target keeps the motor from trying again.
        let hindered = pressed || acts.iter().any(|act| act.field == ".HLM");
        let off = (m.number(".RBV") - m.number(".VAL")).abs();
        // A target that comes as another move ends may be left on the other side of the play, without another try.
        let play = stage.split("play = ").nth(1).and_then(|it| it.lines().next());
        let play: f64 = play.map_or(0.0, |it| it.parse().expect("a length"));
        let near = 1.001 * (m.number(".MRES") + play);
        prop_assert!(hindered || off <= near, "{off} off");
    }

    #[test]
    fn the_same_puts_give_the_same_events(acts in prop::collection::vec(act(), 1..8)) {
        let run = || {
            let mut m = motor(STAGES[3]);
            for act in &acts {
                m.write(act.field, Value::Double(act.value), ClientId(act.by), act.complete);
                m.advance(&format!("{} ms", act.millis));
            }
            m.advance("30 s");
            m.events().to_vec()
        };
        prop_assert_eq!(run(), run());
    }
}
