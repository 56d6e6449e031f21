//! The next wakeups, in a stable order.

use std::collections::BTreeMap;

use beamtwin_pv::SimTime;

use crate::device::Timer;
use crate::event::PutId;
use crate::world::DeviceIx;

/// Wakeups by time; those of the same moment in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    due: BTreeMap<(SimTime, u64), Wakeup>,
    timers: BTreeMap<(DeviceIx, Timer), (SimTime, u64)>,
    asked: u64,
}

/// One wakeup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wakeup {
    /// Whose.
    pub device: DeviceIx,
    /// Which of its timers.
    pub timer: Timer,
    /// The put that led to it.
    pub cause: Option<PutId>,
}

impl Agenda {
    /// Sets a timer, forgetting when it was due before.
    pub fn set(&mut self, at: SimTime, wakeup: Wakeup) {
        self.cancel(wakeup.device, wakeup.timer);
        let key = (at, self.asked);
        self.asked += 1;
        self.due.insert(key, wakeup);
        self.timers.insert((wakeup.device, wakeup.timer), key);
    }

    /// Forgets a timer.
    pub fn cancel(&mut self, device: DeviceIx, timer: Timer) {
        if let Some(key) = self.timers.remove(&(device, timer)) {
            self.due.remove(&key);
        }
    }

    /// Forgets all timers of a device.
    pub fn forget(&mut self, device: DeviceIx) {
        self.timers.retain(|&(owner, _), key| {
            let keep = owner != device;
            if !keep {
                self.due.remove(key);
            }
            keep
        });
    }

    /// When a timer is due, if it is set.
    #[must_use]
    pub fn when(&self, device: DeviceIx, timer: Timer) -> Option<SimTime> {
        self.timers.get(&(device, timer)).map(|&(at, _)| at)
    }

    /// When the next wakeup is due.
    #[must_use]
    pub fn next(&self) -> Option<SimTime> {
        self.due.first_key_value().map(|(&(at, _), _)| at)
    }

    /// Takes the next wakeup that is due by `now`.
    pub fn pop(&mut self, now: SimTime) -> Option<(SimTime, Wakeup)> {
        if self.next()? > now {
            return None;
        }
        let ((at, _), wakeup) = self.due.pop_first()?;
        self.timers.remove(&(wakeup.device, wakeup.timer));
        Some((at, wakeup))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wakeup(timer: u16) -> Wakeup {
        Wakeup {
            device: DeviceIx(0),
            timer: Timer(timer),
            cause: None,
        }
    }

    #[test]
    fn wakeups_of_one_moment_come_in_the_order_asked() {
        let mut agenda = Agenda::default();
        let at = SimTime::from_nanos(5);
        agenda.set(at, wakeup(2));
        agenda.set(at, wakeup(1));
        assert_eq!(agenda.pop(at), Some((at, wakeup(2))));
        assert_eq!(agenda.pop(at), Some((at, wakeup(1))));
        assert_eq!(agenda.pop(at), None);
    }

    #[test]
    fn setting_a_timer_again_replaces_its_moment() {
        let mut agenda = Agenda::default();
        agenda.set(SimTime::from_nanos(5), wakeup(1));
        agenda.set(SimTime::from_nanos(9), wakeup(1));
        assert_eq!(agenda.next(), Some(SimTime::from_nanos(9)));
        assert_eq!(agenda.pop(SimTime::from_nanos(8)), None);
        agenda.cancel(DeviceIx(0), Timer(1));
        assert_eq!(agenda.next(), None);
    }
}
