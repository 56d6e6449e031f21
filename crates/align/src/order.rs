//! Whose order matters, and what an exposure depends on.

use beamtwin_trace::Trace;

use crate::Settings;
use crate::sequence::Asked;

/// What is known of the order of steps: how near is at once, and which device is upstream of which.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    window: f64,
    /// The paths of either side.
    paths: [&'a [Vec<String>]; 2],
}

/// Where a device stands, seen from a detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Upstream, or it is the detector itself.
    Upstream,
    /// Downstream, or on another branch.
    Aside,
    /// On no path, though the detector is on one.
    Nowhere,
    /// Nobody knows: the detector is on no path.
    Unknown,
}

impl<'a> Order<'a> {
    pub(crate) fn of(sides: [&'a Trace; 2], settings: &Settings) -> Self {
        Self {
            window: settings.window,
            paths: sides.map(|side| side.header.paths.as_slice()),
        }
    }

    /// Whether what an exposure sees may depend on what a gate was asked for, as either side has it: not where
    /// the gate is downstream of the detector, on another branch, or on no path while the detector is on one.
    pub(crate) fn gates(&self, gate: &str, detector: &str) -> bool {
        let counts = |it| matches!(it, Stands::Upstream | Stands::Unknown);
        self.stands(gate, detector).into_iter().any(counts)
    }

    /// Whether it may depend on what moved, as either side has it: not where that stands aside.
    pub(crate) fn sees(&self, device: &str, detector: &str) -> bool {
        let counts = |it| it != Stands::Aside;
        self.stands(device, detector).into_iter().any(counts)
    }

    fn stands(&self, device: &str, detector: &str) -> [Stands; 2] {
        self.paths.map(|paths| {
            let place = |path: &[String], name: &str| path.iter().position(|it| it == name);
            let on_any = |name: &str| paths.iter().any(|path| place(path, name).is_some());
            let upstream = |path: &Vec<String>| {
                let places = place(path, device).zip(place(path, detector));
                places.is_some_and(|(at, end)| at <= end)
            };
            if !on_any(detector) {
                Stands::Unknown
            } else if paths.iter().any(upstream) {
                Stands::Upstream
            } else if on_any(device) {
                Stands::Aside
            } else {
                Stands::Nowhere
            }
        })
    }

    /// Whether one of two steps is an exposure that depends on the other.
    fn depends(&self, one: &Asked<'_>, other: &Asked<'_>) -> bool {
        let on = |exposure: &Asked<'_>, step: &Asked<'_>| {
            let is_free = step.gate && !step.exposure;
            !is_free || self.gates(step.device(), exposure.device())
        };
        one.exposure && on(one, other) || other.exposure && on(other, one)
    }

    /// Whether the order of two steps of one side does not matter: neither is an exposure that depends on the
    /// other, they do not act on one device, and the client did not wait for one before it asked for the other.
    pub(crate) fn is_free(&self, one: &Asked<'_>, other: &Asked<'_>) -> bool {
        let (first, second) = if one.t <= other.t {
            (one, other)
        } else {
            (other, one)
        };
        // In seconds of the client's own time, in which it hurries or not.
        let apart = (second.t - first.t).seconds() / f64::from(first.pace.min(second.pace));
        let together = self.window > 0.0 && apart <= f64::from(first.moment.min(second.moment));
        let waited = first.finished.is_some_and(|end| end <= second.t);
        let elsewhere = one.device() != other.device();
        !self.depends(one, other)
            && (together || apart < self.window && !waited)
            && (elsewhere || together && one.sets() && other.sets())
    }
}
