//! What several devices share and only one can have at a time, such as a controller that moves one axis at a time.
//!
//! Who claims it first has it first; the others wait in the order in which they asked.

use std::collections::VecDeque;

use crate::event::PutId;
use crate::surface::ShareId;
use crate::world::DeviceIx;

/// Somebody who has a shared thing, or waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub device: DeviceIx,
    /// As which of its shares.
    pub share: ShareId,
    /// The put that led to it.
    pub cause: Option<PutId>,
}

/// All shared things; the first in the queue of one has it.
#[derive(Clone, Debug, Default)]
pub struct Shares {
    /// The thing behind each share of each device.
    things: Vec<Vec<usize>>,
    queues: Vec<VecDeque<Claim>>,
}

impl Shares {
    /// From the names that each device gave; the same name is the same thing.
    #[must_use]
    pub fn new<'a>(devices: impl Iterator<Item = &'a [String]>) -> Self {
        let mut names: Vec<&str> = Vec::new();
        let things = devices.map(|own| {
            let number = |name: &'a String| {
                let known = names.iter().position(|known| known == name);
                known.unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                })
            };
            own.iter().map(number).collect()
        });
        let things: Vec<Vec<usize>> = things.collect();
        Self {
            things,
            queues: vec![VecDeque::new(); names.len()],
        }
    }

    /// The numbers of the shares of a device.
    pub fn of(&self, device: DeviceIx) -> impl Iterator<Item = u16> + use<> {
        let count = self.things[device.0 as usize].len();
        (0..).take(count)
    }

    fn queue(&mut self, device: DeviceIx, share: ShareId) -> &mut VecDeque<Claim> {
        let thing = self.thing(device, share);
        &mut self.queues[thing]
    }

    fn thing(&self, device: DeviceIx, share: ShareId) -> usize {
        self.things[device.0 as usize][usize::from(share.0)]
    }

    /// Whether somebody has a thing.
    #[must_use]
    pub fn holds(&self, device: DeviceIx, share: ShareId) -> bool {
        let first = self.queues[self.thing(device, share)].front();
        first.is_some_and(|claim| claim.is_of(device, share))
    }

    /// Asks for a thing, unless that was asked before; true if it is there to be had.
    pub fn claim(&mut self, claim: Claim) -> bool {
        let Claim { device, share, .. } = claim;
        let queue = self.queue(device, share);
        if !queue.iter().any(|known| known.is_of(device, share)) {
            queue.push_back(claim);
        }
        self.holds(device, share)
    }

    /// Gives a thing back, or waits for it no longer; the next one, if there is one, has it now.
    pub fn leave(&mut self, device: DeviceIx, share: ShareId) -> Option<Claim> {
        let held = self.holds(device, share);
        let queue = self.queue(device, share);
        queue.retain(|claim| !claim.is_of(device, share));
        queue.front().filter(|_| held).copied()
    }
}

impl Claim {
    fn is_of(&self, device: DeviceIx, share: ShareId) -> bool {
        (self.device, self.share) == (device, share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(device: u32) -> Claim {
        Claim {
            device: DeviceIx(device),
            share: ShareId(0),
            cause: None,
        }
    }

    fn shares(names: &[&str]) -> Shares {
        let names: Vec<Vec<String>> = names.iter().map(|name| vec![(*name).to_owned()]).collect();
        Shares::new(names.iter().map(Vec::as_slice))
    }

    #[test]
    fn the_first_has_it_and_the_others_follow_in_their_order() {
        let mut shares = shares(&["a", "a", "a"]);
        assert!(shares.claim(claim(2)));
        assert!(!shares.claim(claim(0)));
        assert!(!shares.claim(claim(1)));
        assert!(!shares.claim(claim(0)), "asking again changes nothing");
        assert_eq!(shares.leave(DeviceIx(2), ShareId(0)), Some(claim(0)));
        assert!(shares.holds(DeviceIx(0), ShareId(0)));
    }

    #[test]
    fn who_waits_no_longer_is_passed_over() {
        let mut shares = shares(&["a", "a", "a"]);
        for device in 0..3 {
            shares.claim(claim(device));
        }
        assert_eq!(shares.leave(DeviceIx(1), ShareId(0)), None);
        assert_eq!(shares.leave(DeviceIx(1), ShareId(0)), None);
        assert_eq!(shares.leave(DeviceIx(0), ShareId(0)), Some(claim(2)));
        assert_eq!(shares.leave(DeviceIx(2), ShareId(0)), None);
    }

    #[test]
    fn things_of_other_names_are_others() {
        let mut shares = shares(&["a", "b"]);
        assert!(shares.claim(claim(0)));
        assert!(shares.claim(claim(1)));
    }
}
