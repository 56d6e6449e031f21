//! Long sessions, made up.

use beamtwin_trace::{Channel, Datum, End, Fact, Header, Put, Role, Time, Trace, VERSION, What};

const CHANNELS: u32 = 6;

/// A session of so many requests; of every so many steps one is left out, changed, or done twice.
pub(crate) fn long(steps: u64, edit: u64) -> Trace {
    let mut trace = empty();
    for at in 0..steps {
        let pv = (at % u64::from(CHANNELS)) as u32 + 1;
        // A motor seldom goes to the same place again.
        let value = (at * 7919 % 10_007) as f64 * 0.01;
        let t = at * 50_000_000 + at * at % 1_000_003;
        let which = (edit != 0 && at.is_multiple_of(edit)).then(|| at / edit % 3);
        match which {
            Some(0) => continue,
            Some(1) => ask(&mut trace, t, pv, value + 50.0),
            _ => ask(&mut trace, t, pv, value),
        }
        if which == Some(2) {
            ask(&mut trace, t + 1_000_000, pv, value);
        }
    }
    trace
}

/// A session of requests that no other one has.
pub(crate) fn strange(steps: u64) -> Trace {
    let mut trace = empty();
    for at in 0..steps {
        let pv = (at % u64::from(CHANNELS)) as u32 + 1;
        ask(&mut trace, at * 50_000_000, pv, 1e6 + at as f64 * 1e4);
    }
    trace
}

fn empty() -> Trace {
    let mut trace = Trace::new(Header {
        version: VERSION,
        beamline: "bench".to_owned(),
        epoch: "2026-01-01T00:00:00Z".to_owned(),
        seed: 0,
        file: None,
        program: "bench".to_owned(),
        paths: Vec::new(),
    });
    for pv in 1..=CHANNELS {
        let mut channel = Channel::named(&format!("XF:11BMB-ES{{Ax:{pv}}}Mtr"), Role::Request);
        channel.device = Some(format!("motor.{pv}"));
        trace.dictionary.insert(pv, channel);
    }
    trace.end = End::Complete(Time::ZERO);
    trace
}

fn ask(trace: &mut Trace, t: u64, pv: u32, value: f64) {
    let n = trace.facts.len() as u64 + 1;
    let what = What::Put(Put {
        pv,
        value: Datum::Number(value),
        by: Some(1),
        complete: true,
        at: None,
    });
    let t = Time::from_nanos(t.try_into().unwrap());
    trace.facts.push(Fact { n, t, what });
}
