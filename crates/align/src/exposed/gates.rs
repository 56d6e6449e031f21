//! What became of what gates were asked for: whether it was done, what the gate reads, whether it is broken.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_trace::{Channel, Datum, Role, Time, Trace, What};

use super::steps::{Steps, same_requests};
use super::{Aspect, Gate};
use crate::Settings;
use crate::comparison::worded;
use crate::order::Order;
use crate::sequence::Asked;
use crate::titles::Titles;
use crate::tolerance::numbered;

/// What a fault that lasts until it is mended begins with.
const ON_PURPOSE: &str = "on purpose: ";
/// What such a fault is when it is mended.
const NONE: &str = "none";
/// A device without a fault.
const SOUND: &str = "sound";

/// The gates of both sides, and what they answered.
pub(super) struct Gates<'a> {
    sides: [Answers<'a>; 2],
    devices: BTreeSet<&'a str>,
    noise: Time,
    settings: &'a Settings,
}

/// A channel, and what it was posted to when.
type Posted<'a> = (&'a Channel, Vec<(Time, Datum)>);

/// What the gates of one side answered.
#[derive(Default)]
struct Answers<'a> {
    /// By device and by name.
    posted: BTreeMap<&'a str, BTreeMap<&'a str, Posted<'a>>>,
    /// The faults of each device that last, from when on.
    faults: BTreeMap<&'a str, Vec<(Time, &'a str)>>,
}

impl<'a> Answers<'a> {
    fn of(trace: &'a Trace, settings: &Settings) -> Self {
        let mut answers = Self::default();
        for fact in &trace.facts {
            match &fact.what {
                What::Fault {
                    text,
                    device: Some(device),
                    ..
                } => {
                    let fault = text.strip_prefix(ON_PURPOSE);
                    let faults = answers.faults.entry(device).or_default();
                    faults.extend(fault.map(|fault| (fact.t, fault)));
                }
                What::Post(post) => {
                    let channel = trace.channel(post.pv).filter(|it| {
                        matches!(it.role, Role::Readback | Role::State)
                            && settings.gates(it)
                            && !settings.ignores(it)
                    });
                    if let Some(channel) = channel
                        && let Some(device) = channel.device.as_deref()
                    {
                        let of_device = answers.posted.entry(device).or_default();
                        let (_, posted) = of_device
                            .entry(channel.plain_name())
                            .or_insert_with(|| (channel, Vec::new()));
                        posted.push((fact.t, numbered(&post.value, channel)));
                    }
                }
                _ => {}
            }
        }
        answers
    }

    /// What a channel was last posted to, up to a moment.
    fn at(&self, device: &str, name: &str, t: Time) -> Option<&Datum> {
        let (_, posted) = self.posted.get(device)?.get(name)?;
        let passed = posted.partition_point(|it| it.0 <= t);
        passed.checked_sub(1).map(|at| &posted[at].1)
    }

    /// What is wrong with a device at a moment.
    fn fault(&self, device: &str, t: Time) -> &str {
        let faults = self.faults.get(device).map_or(&[][..], Vec::as_slice);
        let passed = faults.partition_point(|it| it.0 <= t);
        let last = passed.checked_sub(1).map(|at| faults[at].1);
        last.filter(|&fault| fault != NONE).unwrap_or(SOUND)
    }
}

impl<'a> Gates<'a> {
    pub(super) fn of(
        traces: [&'a Trace; 2],
        asked: [&'a [Asked<'a>]; 2],
        settings: &'a Settings,
    ) -> Self {
        let steps = asked.into_iter().flatten().filter(|step| step.gate);
        Self {
            sides: traces.map(|trace| Answers::of(trace, settings)),
            devices: steps.map(Asked::device).collect(),
            noise: Time::from_seconds(settings.time.noise).unwrap_or(Time::ZERO),
            settings,
        }
    }

    /// The gates that had become something else at an exposure than on the other side, though both sides had asked
    /// them for the same.
    pub(super) fn unlike(
        &self,
        sides: &[Steps<'_>; 2],
        exposures: [usize; 2],
        order: &Order<'_>,
        titles: &Titles<'_>,
    ) -> Vec<Gate> {
        let at = [0, 1].map(|side| &sides[side].asked[exposures[side]]);
        let detector = at[0].device();
        let t = at.map(|it| it.t);
        let counts = |device: &&&str| {
            order.gates(device, detector) && same_requests(sides, device, exposures)
        };
        let unlike = |&device: &&str| {
            let last = [0, 1].map(|side| sides[side].around(device, t[side]).0);
            self.read(device, last, t, titles)
                .or_else(|| done(sides, last, t, titles))
                .or_else(|| self.broken(device, t))
        };
        self.devices
            .iter()
            .filter(counts)
            .filter_map(unlike)
            .collect()
    }

    /// What a gate read, if neither side was about to read what the other did. Where one side never read anything, it
    /// counts if what that side had asked for took time.
    fn read(
        &self,
        device: &str,
        last: [Option<&Asked<'_>>; 2],
        t: [Time; 2],
        titles: &Titles<'_>,
    ) -> Option<Gate> {
        let posted = self.sides.iter().filter_map(|side| side.posted.get(device));
        let channels: BTreeMap<&str, &Channel> = posted
            .flatten()
            .map(|(&name, &(channel, _))| (name, channel))
            .collect();
        channels.into_iter().find_map(|(name, channel)| {
            let tolerance = self.settings.tolerance(channel);
            let at = |side: usize, t: Time| self.sides[side].at(device, name, t);
            let agree = |was: Option<&Datum>, is: Option<&Datum>| match (was, is) {
                (Some(was), Some(is)) => tolerance.agree(was, is),
                (None, None) => true,
                (Some(_), None) => !last[1].is_some_and(lasted),
                (None, Some(_)) => !last[0].is_some_and(lasted),
            };
            let around = |side: usize| [t[side] - self.noise, t[side], t[side] + self.noise];
            let soon = around(0).into_iter().any(|was| {
                let was = at(0, was);
                around(1).into_iter().any(|is| agree(was, at(1, is)))
            });
            let words = |side: usize| {
                at(side, t[side]).map_or_else(|| "unchanged".to_owned(), |it| worded(it, channel))
            };
            (!soon).then(|| Gate {
                channel: name.to_owned(),
                title: titles.title(channel),
                aspect: Aspect::Asked,
                reference: words(0),
                session: words(1),
            })
        })
    }

    /// What is wrong with a gate on purpose.
    fn broken(&self, device: &str, t: [Time; 2]) -> Option<Gate> {
        let [was, is] = [0, 1].map(|side| self.sides[side].fault(device, t[side]));
        (was != is).then(|| Gate {
            channel: device.to_owned(),
            title: device.to_owned(),
            aspect: Aspect::Asked,
            reference: was.to_owned(),
            session: is.to_owned(),
        })
    }
}

/// Whether a step took time.
fn lasted(step: &Asked<'_>) -> bool {
    step.done != Some(step.t)
}

/// Whether what a gate was asked for was done, if one side had time enough for it, and it was not.
fn done(
    sides: &[Steps<'_>; 2],
    last: [Option<&Asked<'_>>; 2],
    t: [Time; 2],
    titles: &Titles<'_>,
) -> Option<Gate> {
    let [one, other] = last;
    let (one, other) = (one?, other?);
    let never = match (one.done, other.done) {
        (Some(done), None) => Some((1, other, done - one.t)),
        (None, Some(done)) => Some((0, one, done - other.t)),
        _ => None,
    };
    let (side, step, took) = never?;
    let next = sides[side].around(step.device(), step.t).1;
    let had_time = took > Time::ZERO
        && t[side] - step.t > took
        && next.is_none_or(|next| next - step.t > took);
    let words = |it: usize| if it == side { "never done" } else { "done" };
    had_time.then(|| Gate {
        channel: step.channel.plain_name().to_owned(),
        title: titles.title(step.channel),
        aspect: Aspect::Asked,
        reference: words(0).to_owned(),
        session: words(1).to_owned(),
    })
}
