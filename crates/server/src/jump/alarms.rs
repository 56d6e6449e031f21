//! Who waits for a device time in which nothing happens to the world: answers that are late on purpose.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use beamtwin_pv::SimTime;
use tokio::sync::Notify;

/// Those who wait, by the time for which they do.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    all: RefCell<BTreeMap<(SimTime, u64), Rc<Notify>>>,
    set: Cell<u64>,
}

impl Alarms {
    /// Waits until it is rung at this time or later.
    pub(crate) async fn wait(&self, until: SimTime) {
        let rung = Rc::new(Notify::new());
        self.set.set(self.set.get() + 1);
        let key = (until, self.set.get());
        self.all.borrow_mut().insert(key, Rc::clone(&rung));
        rung.notified().await;
    }

    /// The earliest time that somebody waits for.
    pub(super) fn next(&self) -> Option<SimTime> {
        self.all.borrow().keys().next().map(|key| key.0)
    }

    /// Wakes those whose time has come.
    pub(super) fn ring(&self, now: SimTime) {
        let mut all = self.all.borrow_mut();
        while let Some(first) = all.first_entry().filter(|it| it.key().0 <= now) {
            first.remove().notify_one();
        }
    }
}
