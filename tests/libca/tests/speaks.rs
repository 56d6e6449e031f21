//! What the C library makes of a twin.

use std::ffi::{CStr, CString};
use std::pin::pin;

use epics_ca::error;
use epics_ca::request::{CtrlFloat, CtrlInt, StsackString, Time, TypedRequest};
use epics_ca::types::{AlarmCondition, AlarmSeverity, EpicsEnum, EpicsString, FieldId, Value};
use epics_ca::{Channel, Context, TypedChannel, ValueChannel};
use futures::{StreamExt, future};

async fn connect<V: Value + ?Sized>(context: &Context, name: &CStr) -> ValueChannel<V> {
    context.connect::<V>(name).await.unwrap()
}

async fn typed<V: Value + ?Sized>(context: &Context, name: &CStr) -> TypedChannel<V> {
    let mut channel = Channel::new(context, name).unwrap();
    channel.connected().await;
    match channel.into_typed::<V>() {
        Ok(channel) => channel,
        Err((error, channel)) => panic!("{:?}: {error:?}", channel.name()),
    }
}

fn text(text: &CStr) -> EpicsString {
    EpicsString::from_cstr(text).unwrap()
}

#[tokio::test]
async fn each_type_is_read_and_written() {
    let context = Context::new().unwrap();
    macro_rules! round {
        ($kind:ty, $name:expr, $first:expr, $next:expr) => {{
            let mut channel = connect::<$kind>(&context, $name).await;
            assert_eq!(channel.get().await.unwrap(), $first);
            channel.put($next).unwrap().await.unwrap();
            assert_eq!(channel.get().await.unwrap(), $next);
        }};
    }
    round!(f64, c"LC:double", 2.5, -4.75);
    round!(f32, c"LC:float", 0.25, 1e-3);
    round!(i32, c"LC:long", -123_456_789, i32::MAX);
    round!(i16, c"LC:short", -7, i16::MIN);
    round!(u8, c"LC:char", 65, 255);
    round!(EpicsEnum, c"LC:enum", EpicsEnum(1), EpicsEnum(2));
    round!(
        EpicsString,
        c"LC:string",
        text(c"a text"),
        text(c"thirty-nine bytes, and not a byte more.")
    );
}

#[tokio::test]
async fn metadata_are_those_of_the_record() {
    let context = Context::new().unwrap();
    let mut double = typed::<f64>(&context, c"LC:double").await;
    let control = double.get::<CtrlFloat<f64>>().await.unwrap();
    assert_eq!(control.units.0.to_bytes(), b"keV");
    assert_eq!(control.precision, 4);
    assert_eq!(
        (control.lower_ctrl_limit, control.upper_ctrl_limit),
        (-5.0, 5.0)
    );
    let long = typed::<i32>(&context, c"LC:long")
        .await
        .get::<CtrlInt<i32>>()
        .await;
    assert_eq!(long.unwrap().alarm.condition, AlarmCondition::None);
    assert_eq!(control.alarm.severity, AlarmSeverity::None);
}

#[tokio::test]
async fn what_was_written_has_the_time_of_the_session() {
    let context = Context::new().unwrap();
    let mut stamped = typed::<f64>(&context, c"LC:stamped").await;
    stamped.put(1.5).unwrap().await.unwrap();
    let timed = stamped.get::<Time<f64>>().await.unwrap();
    assert_eq!(timed.value, 1.5);
    // The epoch that the runner chose.
    let since = timed
        .stamp
        .to_system()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert!(since.as_secs() >= 1_767_225_600, "{since:?}");
}

#[tokio::test]
async fn the_type_with_acknowledgement_is_answered() {
    let context = Context::new().unwrap();
    let mut texts = typed::<EpicsString>(&context, c"LC:string.NAME").await;
    let answer = texts.get::<StsackString<EpicsString>>().await.unwrap();
    assert_eq!(
        (answer.ackt, answer.acks, *answer.value()),
        (1, 0, text(c"LC:string"))
    );
}

#[tokio::test]
async fn arrays_have_the_length_that_was_written() {
    let context = Context::new().unwrap();
    let mut wave = connect::<[f64]>(&context, c"LC:wave").await;
    assert_eq!(wave.element_count().unwrap(), 100_000);
    for length in [1, 7, 100_000, 3] {
        let data: Vec<f64> = (0..length).map(f64::from).collect();
        wave.put_ref(&data).unwrap().await.unwrap();
        assert_eq!(wave.get_vec().await.unwrap(), data);
    }
}

#[tokio::test]
async fn a_put_with_completion_ends_when_the_motor_has_arrived() {
    let context = Context::new().unwrap();
    let mut target = connect::<f64>(&context, c"LC:moved.VAL").await;
    let mut readback = connect::<f64>(&context, c"LC:moved.RBV").await;
    let mut done = connect::<i16>(&context, c"LC:moved.DMOV").await;
    target.put(1.0).unwrap().await.unwrap();
    assert_eq!(readback.get().await.unwrap(), 1.0);
    assert_eq!(done.get().await.unwrap(), 1);
}

#[tokio::test]
async fn a_monitor_sees_the_way_and_its_end() {
    let context = Context::new().unwrap();
    let mut target = connect::<f64>(&context, c"LC:watched.VAL").await;
    let mut readback = connect::<f64>(&context, c"LC:watched.RBV").await;
    let mut events = pin!(readback.subscribe_buffered());
    assert_eq!(events.next().await.unwrap().unwrap(), 0.0);
    target.put(2.0).unwrap().await.unwrap();
    let mut seen = vec![0.0];
    while seen.last() != Some(&2.0) {
        seen.push(events.next().await.unwrap().unwrap());
    }
    assert!(seen.is_sorted(), "{seen:?}");
    // 0.4 s at 5 a second, looked at ten times a second.
    assert!(seen.len() >= 4, "{seen:?}");
}

#[tokio::test]
async fn every_event_of_what_is_written_arrives_in_order() {
    let context = Context::new().unwrap();
    let mut written = connect::<i32>(&context, c"LC:counted").await;
    let mut read = connect::<i32>(&context, c"LC:counted").await;
    let mut events = pin!(read.subscribe_buffered());
    assert_eq!(events.next().await.unwrap().unwrap(), 0);
    for value in 1..=2000 {
        written.put(value).unwrap().await.unwrap();
    }
    for value in 1..=2000 {
        assert_eq!(events.next().await.unwrap().unwrap(), value);
    }
}

#[tokio::test]
async fn what_is_read_only_is_refused() {
    let context = Context::new().unwrap();
    let mut sealed = connect::<f64>(&context, c"LC:sealed").await;
    let refused = match sealed.put(2.0) {
        Ok(put) => put.await,
        Err(error) => Err(error),
    };
    assert_eq!(
        refused.unwrap_err().into_raw(),
        error::NOWTACCESS.into_raw()
    );
    assert_eq!(sealed.get().await.unwrap(), 1.0);
}

#[tokio::test]
async fn thousands_of_channels_connect() {
    let context = Context::new().unwrap();
    let fields = ["VAL", "RBV", "DMOV", "EGU", "DESC", "VELO", "HLM", "LLM"];
    let names: Vec<CString> = (0..10_000)
        .map(|place| CString::new(format!("LC:moved.{}", fields[place % fields.len()])).unwrap())
        .collect();
    let channels = names
        .iter()
        .map(|name| Channel::new(&context, name).unwrap());
    let mut channels: Vec<Channel> = channels.collect();
    future::join_all(channels.iter_mut().map(Channel::connected)).await;
    let kinds = channels.iter().map(|channel| channel.field_type().unwrap());
    assert_eq!(kinds.filter(|kind| *kind == FieldId::String).count(), 2500);
}
