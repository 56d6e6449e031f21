//! What moved, from where to where.

use std::collections::BTreeMap;

use beamtwin_report::preflight::Travel;
use beamtwin_trace::{Channel, Time};

use super::spans::Spans;

/// What moves, by the name of its record.
#[derive(Debug, Default)]
pub(super) struct Motion {
    axes: BTreeMap<String, Axis>,
}

/// A motor, or anything else that has a position.
#[derive(Debug)]
pub(super) struct Axis {
    pub(super) device: String,
    /// When it moved, as its status tells.
    pub(super) moving: Spans,
    /// The put that it moves by, or moved last.
    pub(super) by: Option<u64>,
    moves: Option<usize>,
    position: Option<Travel>,
    /// How far it must go to have moved at all.
    tolerance: f64,
}

impl Motion {
    /// An axis by a channel of it. All that a positioner or a temperature controller tells is of one axis.
    fn axis(&mut self, channel: &Channel) -> &mut Axis {
        let device = channel.device.clone().unwrap_or_default();
        let key = match super::channels::kind(&device) {
            "positioner" => device.clone(),
            _ => channel.record().to_owned(),
        };
        self.axes.entry(key).or_insert_with(|| Axis {
            device,
            moving: Spans::default(),
            by: None,
            moves: None,
            position: None,
            tolerance: 0.0,
        })
    }

    /// A status says whether it moves.
    pub(super) fn status(&mut self, channel: &Channel, moving: bool, t: Time, by: Option<u64>) {
        let axis = self.axis(channel);
        axis.by = by.or(axis.by);
        axis.moves.get_or_insert(0);
        axis.moving.switch(moving, t);
        // What was refused at once did not move.
        if !moving && axis.moving.over.pop_if(|(from, to)| from == to).is_none() {
            axis.moves = Some(axis.moving.over.len());
        }
    }

    /// A reading says where it is; where it was at first is known from elsewhere.
    pub(super) fn position(
        &mut self,
        channel: &Channel,
        value: f64,
        first: Option<f64>,
        by: Option<u64>,
    ) {
        let axis = self.axis(channel);
        axis.by = by.or(axis.by);
        axis.tolerance = channel.tolerance.unwrap_or_default();
        let start = first.unwrap_or(value);
        let travel = axis.position.get_or_insert_with(|| Travel {
            device: channel.device.clone().unwrap_or_default(),
            channel: channel.name.clone(),
            units: channel.units.clone().unwrap_or_default(),
            from: first,
            to: start,
            low: start,
            high: start,
            distance: 0.0,
            moves: None,
        });
        travel.distance += (value - travel.to).abs();
        travel.to = value;
        travel.low = travel.low.min(value);
        travel.high = travel.high.max(value);
    }

    /// The axes, each with when it moved.
    pub(super) fn axes(&self) -> impl Iterator<Item = (&str, &Axis)> {
        self.axes.iter().map(|(name, axis)| (name.as_str(), axis))
    }

    /// What moved.
    pub(super) fn travels(&self) -> Vec<Travel> {
        let travels = self.axes.values().filter_map(|axis| {
            let travel = axis.position.clone()?;
            let moved = travel.high - travel.low > axis.tolerance;
            moved.then_some(Travel {
                moves: axis
                    .moves
                    .map(|moves| moves + usize::from(axis.moving.since.is_some())),
                ..travel
            })
        });
        travels.collect()
    }
}
