//! What the devices of one side were asked for before an exposure.

use std::collections::BTreeMap;

use beamtwin_trace::Time;

use crate::sequence::Asked;

/// The steps of one side, by device and by channel.
pub(super) struct Steps<'a> {
    pub(super) asked: &'a [Asked<'a>],
    /// The places of the steps of each device.
    of_device: BTreeMap<&'a str, Vec<usize>>,
    /// The places of the steps on each channel, by its number.
    on_channel: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Steps<'a> {
    pub(super) fn of(asked: &'a [Asked<'a>]) -> Self {
        let mut of_device: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut on_channel: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, step) in asked.iter().enumerate() {
            of_device.entry(step.device()).or_default().push(at);
            on_channel.entry(step.number).or_default().push(at);
        }
        Self {
            asked,
            of_device,
            on_channel,
        }
    }

    /// The places of the steps of a device.
    pub(super) fn of_device(&self, device: &str) -> &[usize] {
        self.of_device.get(device).map_or(&[], Vec::as_slice)
    }

    /// The last step on a channel before a place.
    pub(super) fn last(&self, number: usize, before: usize) -> Option<&Asked<'a>> {
        let places = self.on_channel.get(&number)?;
        let passed = places.partition_point(|&place| place < before);
        passed.checked_sub(1).map(|at| &self.asked[places[at]])
    }

    /// The last step of a device that was not later than a moment, and when the next one came.
    pub(super) fn around(&self, device: &str, t: Time) -> (Option<&Asked<'a>>, Option<Time>) {
        let places = self.of_device(device);
        let passed = places.partition_point(|&place| self.asked[place].t <= t);
        let last = passed.checked_sub(1).map(|at| &self.asked[places[at]]);
        (last, places.get(passed).map(|&place| self.asked[place].t))
    }

    /// Whether the exposure at a place was not left to itself: its device was asked for something before it was done.
    pub(super) fn is_interrupted(&self, exposure: usize) -> bool {
        let it = &self.asked[exposure];
        let places = self.of_device(it.device());
        let passed = places.partition_point(|&place| place <= exposure);
        let next = places.get(passed).map(|&place| &self.asked[place]);
        next.is_some_and(|next| it.done.is_none_or(|done| next.t <= done))
    }
}

/// Whether both sides had asked a device for the same before an exposure. Where not, that is told of the steps.
pub(super) fn same_requests(sides: &[Steps<'_>; 2], device: &str, exposures: [usize; 2]) -> bool {
    let numbers = |side: &Steps<'_>| -> Vec<usize> {
        let places = side.of_device(device).iter();
        let mut numbers: Vec<usize> = places.map(|&at| side.asked[at].number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    };
    let [one, other] = sides;
    let mut all = numbers(one);
    all.extend(numbers(other));
    all.into_iter().all(|number| {
        let last = [
            one.last(number, exposures[0]),
            other.last(number, exposures[1]),
        ];
        match last {
            [Some(was), Some(is)] => was.exposure || was.tolerance.agree(&was.value, &is.value),
            [None, None] => true,
            [Some(only), None] | [None, Some(only)] => only.exposure,
        }
    })
}
