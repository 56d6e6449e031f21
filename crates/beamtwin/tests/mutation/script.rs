//! Scripts as a beamline user writes them: one step after the other.

/// The channels that scripts ask for things with.
pub(crate) const CHANNELS: [&str; 12] = [
    "XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr",
    "XF:11BMB-ES{Chm:Smpl-Ax:Z}Mtr",
    "XF:11BMB-ES{Chm:Smpl-Ax:theta}Mtr",
    "XF:11BMB-ES{SM:1-Ax:Srot}Mtr",
    "XF:11BM-ES{Shutter}",
    "XF:11BMB-ES{Det:PIL2M}:cam1:AcquireTime",
    "XF:11BMB-ES{Det:PIL2M}:cam1:NumImages",
    "XF:11BMB-ES{Det:PIL2M}:cam1:Acquire",
    "XF:11BM-ES:{LINKAM}:SETPOINT:SET",
    "XF:11BM-ES:{LINKAM}:RAMPRATE:SET",
    "XF:11BM-ES:{LINKAM}:STARTHEAT",
    "XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr.STOP",
];

pub(crate) const X: usize = 0;
pub(crate) const Z: usize = 1;
pub(crate) const THETA: usize = 2;
pub(crate) const PHI: usize = 3;
pub(crate) const SHUTTER: usize = 4;
pub(crate) const TIME: usize = 5;
pub(crate) const IMAGES: usize = 6;
pub(crate) const ACQUIRE: usize = 7;
pub(crate) const SETPOINT: usize = 8;
pub(crate) const RATE: usize = 9;
pub(crate) const HEAT: usize = 10;
pub(crate) const STOP: usize = 11;

/// Something a script does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    pub(crate) channel: usize,
    pub(crate) value: f64,
    pub(crate) way: Way,
    /// Whether it is asked for together with the step before, in whatever order.
    pub(crate) at_once: bool,
    /// How long the script sleeps before it.
    pub(crate) sleep: f64,
    /// Which temperature the script waits for before it.
    pub(crate) warm: Option<f64>,
}

/// How a script waits for what it asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// It asks to be told of completion.
    Complete,
    /// It looks again and again whether it is where it should be, for ten seconds and no longer.
    Poll,
}

/// A step whose completion is waited for.
pub(crate) fn step(channel: usize, value: f64) -> Step {
    Step {
        channel,
        value,
        way: Way::Complete,
        at_once: false,
        sleep: 0.0,
        warm: None,
    }
}

/// A step after a sleep.
pub(crate) fn later(sleep: f64, step: Step) -> Step {
    Step { sleep, ..step }
}

/// The scripts.
pub(crate) fn scripts() -> Vec<Vec<Step>> {
    let mut all = images();
    all.extend(angles());
    all.extend(together());
    all.extend(temperatures());
    // Those of the beamline's profile look where a motor is, and do not ask to be told.
    for place in [1, 2, 5] {
        let polled = |it: &Step| Step {
            way: Way::Poll,
            ..*it
        };
        all.push(all[place].iter().map(polled).collect());
    }
    all
}

fn expose(script: &mut Vec<Step>) {
    script.push(step(ACQUIRE, 1.0));
}

fn open(time: f64) -> Vec<Step> {
    vec![step(TIME, time), step(SHUTTER, 1.0)]
}

fn shut(mut script: Vec<Step>) -> Vec<Step> {
    script.push(step(SHUTTER, 0.0));
    script
}

/// One image; a line of images; a grid; several images each; a slow and a fast series in time.
fn images() -> Vec<Vec<Step>> {
    let mut all = Vec::new();
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
    let mut script = open(0.1);
    for (place, images) in [(0.5, 3.0), (1.0, 5.0), (1.5, 2.0)] {
        script.extend([step(PHI, place * 30.0), step(IMAGES, images)]);
        expose(&mut script);
    }
    all.push(shut(script));
    for (every, count) in [(9.0, 6), (0.5, 20)] {
        let mut script = open(1.5);
        script.extend((0..count).map(|_| later(every, step(ACQUIRE, 1.0))));
        all.push(shut(script));
    }
    all
}

/// Angles of incidence; a rocking curve; spots with the shutter opened for each.
fn angles() -> Vec<Vec<Step>> {
    let mut all = Vec::new();
    let mut script = open(1.5);
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
    all
}

/// Two motors at once, along a diagonal and around a square.
fn together() -> Vec<Vec<Step>> {
    let both = |script: &mut Vec<Step>, x: f64, z: f64| {
        script.push(step(X, x));
        script.push(Step {
            at_once: true,
            ..step(Z, z)
        });
    };
    let mut diagonal = open(0.2);
    for place in 1..7 {
        both(
            &mut diagonal,
            f64::from(place) * 0.2,
            f64::from(place) * 0.1,
        );
        expose(&mut diagonal);
    }
    let mut square = open(0.5);
    for (x, z) in [
        (1.0, 1.2),
        (1.4, 1.0),
        (-1.0, 0.8),
        (-1.2, -1.0),
        (0.9, -1.1),
    ] {
        both(&mut square, x, z);
        expose(&mut square);
    }
    vec![shut(diagonal), shut(square)]
}

/// A ramp with images as it goes; images at temperatures; heating and cooling.
fn temperatures() -> Vec<Vec<Step>> {
    let heat = |to: f64, rate: f64| vec![step(RATE, rate), step(SETPOINT, to), step(HEAT, 1.0)];
    let warm = |temperature: f64| Step {
        warm: Some(temperature),
        ..step(ACQUIRE, 1.0)
    };
    let mut ramp = open(0.5);
    ramp.extend(heat(45.0, 60.0));
    ramp.extend((0..5).map(|_| later(4.0, step(ACQUIRE, 1.0))));
    ramp.push(step(HEAT, 0.0));
    let mut held = open(0.2);
    held.extend(heat(30.0, 120.0));
    for to in [35.0, 40.0, 45.0, 50.0] {
        held.push(later(5.0, step(ACQUIRE, 1.0)));
        held.push(step(SETPOINT, to));
    }
    held.push(step(HEAT, 0.0));
    let mut seen = open(0.3);
    seen.extend(heat(40.0, 30.0));
    seen.extend([28.0, 31.0, 34.0, 37.0, 40.0].map(warm));
    seen.push(step(HEAT, 0.0));
    let mut down = open(0.5);
    down.extend(heat(35.0, 60.0));
    for to in [35.0, 28.0] {
        down.push(step(SETPOINT, to));
        down.extend((0..3).map(|_| later(6.0, step(ACQUIRE, 1.0))));
    }
    down.push(step(HEAT, 0.0));
    [ramp, held, seen, down].into_iter().map(shut).collect()
}
