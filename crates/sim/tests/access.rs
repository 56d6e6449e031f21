//! What rules do to the puts of clients.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_pv::Value;
use beamtwin_sim::access::{Rule, Rules};
use beamtwin_sim::{
    Access, Client, ClientId, Device, Field, PutRequest, Reason, RecordType, Surface, What, World,
    WorldBuilder,
};

static PLAIN: RecordType = RecordType::new("plain", &[Field::double("VAL").setting()]);

#[derive(Clone)]
struct Keeper;

impl Device for Keeper {}

fn world() -> World {
    let mut surface = Surface::default();
    surface.record("free", &PLAIN);
    surface.record("kept", &PLAIN);
    let rule = |users: &[&str], pvs: &[&str], access| Rule {
        users: users.iter().map(|&name| name.to_owned()).collect(),
        hosts: Vec::new(),
        addresses: Vec::new(),
        pvs: pvs.iter().map(|&name| name.to_owned()).collect(),
        access,
    };
    let rules = Rules(vec![
        rule(&["chief"], &[], Access::WRITE),
        rule(&[], &["kept.DESC"], Access::WRITE),
        rule(&[], &["kept"], Access::READ),
    ]);
    let mut builder = WorldBuilder::new("access").access(rules);
    builder.add("keeper", surface, Box::new(Keeper));
    builder.build().unwrap()
}

fn come(world: &mut World, user: &str) -> ClientId {
    world.open_client(Client {
        user: user.to_owned(),
        host: String::new(),
        addr: "127.0.0.1:40000".to_owned(),
    })
}

/// Whether a put is accepted, and what is said if not.
fn put(
    world: &mut World,
    name: &str,
    value: Value,
    by: Option<ClientId>,
) -> Result<(), (Reason, String)> {
    let pv = world.find(name).unwrap().pv;
    let put = world.put(PutRequest {
        pv,
        value,
        by,
        complete: true,
    });
    let events = std::iter::from_fn(|| world.poll_event());
    let ends: Vec<_> = events
        .filter_map(|event| match event.what {
            What::Done(done) if done == put => Some(Ok(())),
            What::Refused(refused, reason, text) if refused == put => Some(Err((reason, text))),
            _ => None,
        })
        .collect();
    assert_eq!(ends.len(), 1);
    ends.into_iter().next().unwrap()
}

#[test]
fn a_put_that_is_not_allowed_is_refused_and_told() {
    let mut world = world();
    let (chief, guest) = (come(&mut world, "chief"), come(&mut world, "guest"));
    let one = || Value::Double(1.0);
    let refused = Err((
        Reason::NoWriteAccess,
        "[access] does not allow to write kept".to_owned(),
    ));
    assert_eq!(put(&mut world, "kept", one(), Some(guest)), refused);
    assert_eq!(put(&mut world, "kept", one(), Some(chief)), Ok(()));
    assert_eq!(put(&mut world, "free", one(), Some(guest)), Ok(()));
    assert_eq!(
        put(&mut world, "kept.DESC", "x".into(), Some(guest)),
        Ok(())
    );
    assert_eq!(
        put(&mut world, "kept", one(), None),
        Ok(()),
        "the twin itself"
    );
    let pv = world.find("kept").unwrap().pv;
    assert_eq!(world.allowed(pv, guest), Access::READ);
    assert_eq!(world.allowed(pv, chief), Access::WRITE);
}
