//! Whatever clients write, devices keep their promises.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::time::Duration;

use beamtwin_devices::camera::Camera;
use beamtwin_devices::linkam::Linkam;
use beamtwin_devices::mailbox::Mailbox;
use beamtwin_devices::shutter::Shutter;
use beamtwin_devices::{Kind, diode::Diode};
use beamtwin_pv::{Alarm, Array, Sample, SimTime, Value};
use beamtwin_sim::{
    Beam, Bench, ClientId, Event, PutRequest, PvId, Surface, What, World, WorldBuilder,
};
use proptest::prelude::*;

/// A put, or time passing.
#[derive(Clone, Debug)]
enum Step {
    Put(usize, Value, u32, bool),
    Wait(u64),
}

/// What clients like to write.
const LIKELY: &[&str] = &[
    "sh",
    "c:cam1:Acquire",
    "c:cam1:AcquireTime",
    "c:cam1:AcquirePeriod",
    "c:cam1:NumImages",
    "c:cam1:ImageMode",
    "c:cam1:ArrayCounter",
    "c:cam1:DataType",
    "c:cam1:AcquireBusy",
    "p:cam1:Acquire",
    "p:cam1:AcquireTime",
    "p:cam1:NumImages",
    "L:SETPOINT:SET",
    "L:RAMPRATE:SET",
    "L:STARTHEAT",
    "L:TEMP",
    "L:LNP_MODE:SET",
    "f",
    "s",
    "a",
];

fn add<K: Kind>(builder: &mut WorldBuilder, name: &str, settings: &str) {
    let mut surface = Surface::default();
    let settings: K::Settings = toml::from_str(settings).unwrap();
    let device = K::build(settings, &mut surface);
    assert_eq!(surface.flaws(), []);
    builder.add(name, surface, device);
}

fn world() -> World {
    let mut builder = WorldBuilder::new("anything").seed(3);
    add::<Shutter>(
        &mut builder,
        "shutter",
        "command = \"sh\"\nreadback = \"b\"",
    );
    add::<Diode>(&mut builder, "diode", "pv = \"i0\"");
    add::<Camera>(&mut builder, "sim", "pv = \"c:\"");
    add::<Camera>(&mut builder, "pilatus", "pv = \"p:\"\nmodel = \"100K\"");
    add::<Linkam>(&mut builder, "linkam", "pv = \"L:\"\nsettable = true");
    let pvs = "[pvs]\nf = { value = 1.0, limits = [-5, 5] }\ns = \"x\"\na = { value = [1, 2], count = 5 }";
    add::<Mailbox>(&mut builder, "mailbox", pvs);
    let beam = Beam {
        energy: 1e4,
        flux: 1e10,
    };
    let path = ["shutter", "diode"].map(str::to_owned).to_vec();
    let mut world = builder.beam(beam, path).build().unwrap();
    while world.poll_event().is_some() {}
    world
}

/// All that can be written, the likely ones over and over.
fn targets(world: &World) -> Vec<PvId> {
    let find = |name: &&str| world.find(name).unwrap().pv;
    let mut targets: Vec<PvId> = std::iter::repeat_n(LIKELY, 40)
        .flatten()
        .map(find)
        .collect();
    for record in world.records() {
        let name = world.directory().name(record).to_owned();
        targets.push(find(&name.as_str()));
        targets.push(find(&format!("{name}.PROC").as_str()));
    }
    targets
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0i32..3).prop_map(Value::Long),
        2 => (-3.0..12.0f64).prop_map(Value::Double),
        1 => prop_oneof![
            Just(Value::Double(f64::NAN)),
            Just(Value::Double(f64::INFINITY)),
            Just(Value::Double(-1e300)),
            Just(Value::Long(i32::MIN)),
            Just(Value::from("Acquire")),
            Just(Value::from("no such thing")),
            Just(Value::Array(Array::Double([1.0, 2.0].into()))),
            Just(Value::Array(Array::Char([].into()))),
            Just(Value::Enum(40)),
        ],
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let put = (any::<usize>(), values(), 1u32..4, any::<bool>());
    let step = prop_oneof![
        3 => put.prop_map(|(at, value, by, complete)| Step::Put(at, value, by, complete)),
        1 => (0u64..400).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..80)
}

fn carry_out(world: &mut World, targets: &[PvId], steps: &[Step]) {
    for step in steps {
        match step {
            Step::Put(at, value, by, complete) => {
                world.put(PutRequest {
                    pv: targets[at % targets.len()],
                    value: value.clone(),
                    by: Some(ClientId(*by)),
                    complete: *complete,
                });
            }
            Step::Wait(milliseconds) => {
                let then = world.now() + Duration::from_millis(*milliseconds);
                world.advance_to(then);
            }
        }
    }
}

/// What every field of every record holds, with the alarm of the record.
fn samples(world: &World) -> BTreeMap<PvId, (Value, Alarm)> {
    let pvs = world.records().flat_map(|record| {
        let places = world.directory().kind(record).places();
        places.map(move |field| PvId { record, field })
    });
    pvs.map(|pv| {
        let Sample { value, alarm, .. } = world.read(pv);
        (pv, (value, alarm))
    })
    .collect()
}

/// Puts everything to rest.
fn rest(world: &mut World) {
    for name in ["c:cam1:Acquire", "p:cam1:Acquire", "sh", "L:STARTHEAT"] {
        let pv = world.find(name).unwrap().pv;
        world.put(PutRequest {
            pv,
            value: 0.into(),
            by: None,
            complete: false,
        });
    }
    let then = world.now() + Duration::from_secs(36_000);
    world.advance_to(then);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn time_never_goes_back_and_every_put_ends_once(steps in steps()) {
        let mut world = world();
        let targets = targets(&world);
        carry_out(&mut world, &targets, &steps);
        rest(&mut world);
        let events: Vec<Event> = std::iter::from_fn(|| world.poll_event()).collect();
        prop_assert_eq!(world.unfinished(), 0);
        prop_assert_eq!(world.waiting(), 0);
        prop_assert_eq!(world.next_wake(), None, "at rest nothing is due");
        let mut last = SimTime::ZERO;
        let mut ends: BTreeMap<u64, u32> = BTreeMap::new();
        for event in &events {
            prop_assert!(event.t >= last);
            last = event.t;
            match &event.what {
                What::Done(put) | What::Refused(put, ..) => *ends.entry(put.0).or_default() += 1,
                What::Put { complete: true, .. } => *ends.entry(event.n).or_default() += 100,
                _ => {}
            }
        }
        for (put, ends) in ends {
            prop_assert!([1, 101].contains(&ends), "put {} has {} ends", put, ends % 100);
        }
    }

    #[test]
    fn what_follows_a_snapshot_follows_again(before in steps(), after in steps()) {
        let mut bench = Bench::of(world());
        let targets = targets(bench.world());
        carry_out(bench.world(), &targets, &before);
        bench.follows_again(|bench| carry_out(bench.world(), &targets, &after));
    }
}

proptest! {
    // Each looks at every field of some thousand records.
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn all_that_is_another_value_after_going_back_is_told(before in steps(), after in steps()) {
        let mut world = world();
        let targets = targets(&world);
        carry_out(&mut world, &targets, &before);
        let then = samples(&world);
        world.snapshot("then", None).unwrap();
        carry_out(&mut world, &targets, &after);
        while world.poll_event().is_some() {}
        let mut told = samples(&world);
        world.restore("then", None).unwrap();
        while let Some(event) = world.poll_event() {
            if let What::Post { pv, value, alarm, .. } = event.what {
                let (known, severity) = told.insert(pv, (value, alarm)).unwrap();
                let (value, alarm) = &told[&pv];
                prop_assert!(!known.same(value) || severity != *alarm, "{} in vain", world.name(pv));
            }
        }
        let now = samples(&world);
        for (pv, (value, alarm)) in then {
            let name = world.name(pv);
            let (shown, severity) = &now[&pv];
            prop_assert!(value.same(shown) && alarm == *severity, "{name} is another");
            let (heard, severity) = &told[&pv];
            prop_assert!(value.same(heard), "{name} was not told");
            // The alarm of a record comes with its value, not with every field.
            prop_assert!(alarm == *severity || world.field(pv).name != "VAL", "{name}: no alarm");
        }
    }
}
