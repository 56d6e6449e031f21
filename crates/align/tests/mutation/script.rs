//! Scripts as a beamline user writes them, and the traces they leave.

use beamtwin_trace::{
    Channel, Datum, End, Fact, Header, Post, Put, Role, Time, Trace, VERSION, What,
};

use crate::chance::Chance;

/// The channels, with device, units, and whether clients ask for things with them.
pub(crate) const CHANNELS: [(&str, &str, &str); 9] = [
    ("ES{Smpl:X}Mtr.VAL", "motor.x", "mm"),
    ("ES{Smpl:Z}Mtr.VAL", "motor.z", "mm"),
    ("ES{Smpl:theta}Mtr.VAL", "motor.theta", "deg"),
    ("ES{Shutter}", "shutter", ""),
    ("ES{Det}:cam1:AcquireTime", "camera", "s"),
    ("ES{Det}:cam1:Acquire", "camera", ""),
    ("ES:{LINKAM}:SETPOINT:SET", "linkam", "degC"),
    ("ES:{LINKAM}:RAMPRATE:SET", "linkam", "degC/min"),
    ("ES:{LINKAM}:STARTHEAT", "linkam", ""),
];

pub(crate) const X: usize = 0;
pub(crate) const Z: usize = 1;
pub(crate) const THETA: usize = 2;
pub(crate) const SHUTTER: usize = 3;
pub(crate) const TIME: usize = 4;
pub(crate) const ACQUIRE: usize = 5;
pub(crate) const SETPOINT: usize = 6;
pub(crate) const RATE: usize = 7;
pub(crate) const HEAT: usize = 8;

const TEMP: u32 = 20;

/// Something a script does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    pub(crate) channel: usize,
    pub(crate) value: f64,
    /// Whether the script goes on at once, without waiting until it is done.
    pub(crate) at_once: bool,
    /// How long the script sleeps before it.
    pub(crate) sleep: f64,
}

/// A step that is waited for.
pub(crate) fn step(channel: usize, value: f64) -> Step {
    Step {
        channel,
        value,
        at_once: false,
        sleep: 0.0,
    }
}

/// A trace, and of each event that a monitor of the requests saw the step it belongs to.
pub(crate) struct Session {
    pub(crate) trace: Trace,
    pub(crate) events: Vec<Option<usize>>,
}

/// What a beamline answers to a script: motors move at one unit a second, the stage heats at its rate.
pub(crate) fn run(script: &[Step], chance: &mut Chance) -> Session {
    let mut beamline = Beamline::new(chance.between(0.5, 5.0));
    // A machine is a little slower on one day than on another.
    let slowness = chance.between(1.0, 1.04);
    for (place, step) in script.iter().enumerate() {
        let pause = step.sleep + slowness * chance.between(0.004, 0.03);
        // Now and then it does something else for a while.
        let stall = if chance.one_in(60) {
            chance.between(0.1, 0.8)
        } else {
            0.0
        };
        let pause = if step.at_once { 0.002 } else { pause + stall };
        beamline.wait(pause);
        beamline.put(place, *step);
    }
    beamline.wait(1.0);
    beamline.finish()
}

struct Beamline {
    session: Session,
    t: f64,
    /// When the last step that nobody waited for is done.
    busy: f64,
    held: [f64; CHANNELS.len()],
    temperature: f64,
    /// The time up to which the temperature is known.
    warmed: f64,
}

impl Beamline {
    fn new(t: f64) -> Self {
        let mut trace = Trace::new(Header {
            version: VERSION,
            beamline: "CMS".to_owned(),
            epoch: "2026-01-01T00:00:00Z".to_owned(),
            seed: 0,
            file: None,
            program: "test".to_owned(),
        });
        for (pv, (name, device, units)) in (0..).zip(CHANNELS) {
            let mut channel = Channel::named(name, Role::Request);
            channel.device = Some(device.to_owned());
            channel.kind = Some("double".to_owned());
            channel.units = Some(units.to_owned()).filter(|units| !units.is_empty());
            trace.dictionary.insert(pv, channel);
            if device.starts_with("motor") {
                let mut readback = Channel::named(&name.replace(".VAL", ".RBV"), Role::Curve);
                readback.device = Some(device.to_owned());
                readback.tolerance = Some(0.001);
                trace.dictionary.insert(pv + 10, readback);
            }
        }
        let mut temperature = Channel::named("ES:{LINKAM}:TEMP", Role::Curve);
        temperature.device = Some("linkam".to_owned());
        trace.dictionary.insert(TEMP, temperature);
        let mut held = [0.0; CHANNELS.len()];
        (held[SETPOINT], held[RATE]) = (25.0, 10.0);
        let session = Session {
            trace,
            events: Vec::new(),
        };
        let mut beamline = Self {
            session,
            t,
            busy: 0.0,
            held,
            temperature: 25.0,
            warmed: t,
        };
        for motor in [X, Z, THETA] {
            beamline.post(t, motor as u32 + 10, 0.0);
        }
        beamline.post(t, TEMP, 25.0);
        beamline
    }

    fn push(&mut self, t: f64, what: What) {
        let t = Time::from_seconds(t).unwrap();
        self.session.trace.facts.push(Fact { n: 0, t, what });
    }

    fn post(&mut self, t: f64, pv: u32, value: f64) {
        self.push(t, What::Post(Post::plain(pv, value.into())));
    }

    /// A post of a request channel, which a monitor of the requests sees.
    fn seen(&mut self, t: f64, place: Option<usize>, channel: usize, value: f64) {
        self.post(t, channel as u32, value);
        self.session.events.push(place);
    }

    fn wait(&mut self, seconds: f64) {
        self.t += seconds;
        while self.warmed + 1.0 <= self.t {
            self.warmed += 1.0;
            let to = self.held[SETPOINT];
            let most = self.held[RATE] / 60.0;
            let step = (to - self.temperature).clamp(-most, most);
            if self.held[HEAT] != 0.0 && step != 0.0 {
                self.temperature += step;
                let (t, temperature) = (self.warmed, self.temperature);
                self.post(t, TEMP, temperature);
            }
        }
    }

    fn put(&mut self, place: usize, step: Step) {
        let Step { channel, value, .. } = step;
        if !step.at_once && self.busy > self.t {
            self.wait(self.busy - self.t);
        }
        let put = Put {
            pv: channel as u32,
            value: Datum::Number(value),
            by: Some(1),
            complete: true,
        };
        self.push(self.t, What::Put(put));
        self.seen(self.t, Some(place), channel, value);
        let before = std::mem::replace(&mut self.held[channel], value);
        let lasts = match channel {
            X | Z | THETA => self.travel(channel, before, value),
            SHUTTER => 0.1,
            ACQUIRE if value != 0.0 => {
                let exposure = self.held[TIME].clamp(0.1, 30.0);
                self.seen(self.t + exposure, None, ACQUIRE, 0.0);
                self.held[ACQUIRE] = 0.0;
                exposure
            }
            _ => 0.01,
        };
        self.busy = self.busy.max(self.t + lasts);
        if !step.at_once && channel >= SHUTTER {
            self.wait(lasts);
        }
    }

    /// Moves a motor, its readback posted ten times a second; says how long it takes.
    fn travel(&mut self, motor: usize, from: f64, to: f64) -> f64 {
        let lasts = (to - from).abs().min(600.0);
        let pv = motor as u32 + 10;
        let samples = (lasts * 10.0).ceil().min(400.0);
        for sample in 1..=samples as u32 {
            let part = f64::from(sample) / samples;
            self.post(self.t + lasts * part, pv, from + (to - from) * part);
        }
        lasts
    }

    fn finish(mut self) -> Session {
        if self.busy > self.t {
            self.wait(self.busy - self.t);
        }
        let trace = &mut self.session.trace;
        trace.facts.sort_by_key(|fact| fact.t);
        for (n, fact) in (1..).zip(&mut trace.facts) {
            fact.n = n;
        }
        trace.end = End::Complete(Time::from_seconds(self.t).unwrap());
        self.session
    }
}

/// The scripts.
pub(crate) fn scripts() -> Vec<Vec<Step>> {
    let expose = |script: &mut Vec<Step>| script.push(step(ACQUIRE, 1.0));
    let open = |time: f64| vec![step(TIME, time), step(SHUTTER, 1.0)];
    let shut = |mut script: Vec<Step>| {
        script.push(step(SHUTTER, 0.0));
        script
    };
    let mut all = Vec::new();

    // One image; a line of images; a grid; a slow and a fast series in time.
    let mut script = open(2.0);
    expose(&mut script);
    all.push(shut(script));
    let mut script = open(0.5);
    for place in 0..8 {
        script.push(step(X, f64::from(place) * 0.25 - 1.0));
        expose(&mut script);
    }
    all.push(shut(script));
    let mut script = open(0.2);
    for row in 0..3 {
        script.push(step(Z, f64::from(row) * 0.4));
        for column in 0..4 {
            script.push(step(X, f64::from(column) * 0.3));
            expose(&mut script);
        }
    }
    all.push(shut(script));
    for (every, count) in [(9.0, 6), (0.5, 20)] {
        let mut script = open(1.0);
        for _ in 0..count {
            script.push(Step {
                sleep: every,
                ..step(ACQUIRE, 1.0)
            });
        }
        all.push(shut(script));
    }

    // Angles of incidence; a rocking curve; spots with the shutter opened for each.
    let mut script = open(1.0);
    for angle in [0.08, 0.1, 0.12, 0.15, 0.2] {
        script.push(step(THETA, angle));
        expose(&mut script);
    }
    script.push(step(THETA, 0.0));
    all.push(shut(script));
    let mut script = open(0.1);
    for place in -6..=6 {
        script.push(step(THETA, f64::from(place) * 0.05));
        expose(&mut script);
    }
    script.push(step(THETA, 0.1));
    all.push(shut(script));
    let mut script = vec![step(TIME, 0.3)];
    for (x, z) in [(0.5, 0.1), (1.0, -0.2), (1.5, 0.4), (2.0, 0.0)] {
        script.extend([step(X, x), step(Z, z), step(SHUTTER, 1.0)]);
        script.extend([step(ACQUIRE, 1.0), step(SHUTTER, 0.0)]);
    }
    all.push(script);

    // Both motors at once along a diagonal and around a square.
    let both = |script: &mut Vec<Step>, x: f64, z: f64| {
        script.push(step(X, x));
        script.push(Step {
            at_once: true,
            ..step(Z, z)
        });
    };
    let mut script = open(0.2);
    for place in 0..6 {
        both(&mut script, f64::from(place) * 0.2, f64::from(place) * 0.1);
        expose(&mut script);
    }
    all.push(shut(script));
    let mut script = open(0.5);
    for (x, z) in [
        (1.0, 1.2),
        (1.4, 1.0),
        (-1.0, 0.8),
        (-1.2, -1.0),
        (0.9, -1.1),
    ] {
        both(&mut script, x, z);
        expose(&mut script);
    }
    all.push(shut(script));

    // A ramp with images; steps of temperature; heating and cooling.
    let heat = |to: f64, rate: f64| vec![step(RATE, rate), step(SETPOINT, to), step(HEAT, 1.0)];
    let mut script = open(0.5);
    script.extend(heat(45.0, 60.0));
    for _ in 0..5 {
        script.push(Step {
            sleep: 4.0,
            ..step(ACQUIRE, 1.0)
        });
    }
    script.push(step(HEAT, 0.0));
    all.push(shut(script));
    let mut script = open(0.2);
    script.extend(heat(30.0, 120.0));
    for to in [35.0, 40.0, 45.0, 50.0] {
        script.push(Step {
            sleep: 5.0,
            ..step(ACQUIRE, 1.0)
        });
        script.push(step(SETPOINT, to));
    }
    script.push(step(HEAT, 0.0));
    all.push(shut(script));
    let mut script = open(0.5);
    script.extend(heat(35.0, 60.0));
    for to in [35.0, 28.0] {
        script.push(step(SETPOINT, to));
        for _ in 0..3 {
            script.push(Step {
                sleep: 6.0,
                ..step(ACQUIRE, 1.0)
            });
        }
    }
    script.push(step(HEAT, 0.0));
    all.push(shut(script));
    all
}
