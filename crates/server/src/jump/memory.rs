//! Device time, where clients see it: a file that they map into their memory.
//!
//! | at | holds, as eight bytes in the order of this machine |
//! | --- | --- |
//! | 0 | [`MAGIC`] |
//! | 8 | the clock of the machine (`CLOCK_MONOTONIC`) when time began to pass by it, 0 where it stands still |
//! | 16 | device time then, in nanoseconds |
//! | 24 | date of device time zero, in nanoseconds since 1970 |
//! | 64, 128, … | the place of a client, 64 bytes each: [`Wish`] |

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use beamtwin_pv::{Epoch, SimTime};
use nix::time::{ClockId, clock_gettime};

/// What such a file begins with; the last digit is its version.
const MAGIC: &[u8; 8] = b"BTCLOCK1";
const SINCE: u64 = 8;
const EPOCH: u64 = 24;
/// Bytes of the header, and of each place.
const LINE: usize = 64;
/// How many clients there may be at a time.
pub(super) const PLACES: usize = 64;
const ALL: usize = LINE * (PLACES + 1);

/// Words of a place.
const NONE: [i64; LINE / 8] = [i64::MAX, 0, 0, 0, 0, 0, 0, 0];

/// The file.
pub(super) struct Memory {
    file: File,
}

/// What a client wants of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// The device time at which it wants to be woken.
    pub(super) deadline: Option<SimTime>,
    /// Until when, by the clock of the machine, time is to stand still for it.
    pub(super) held: Duration,
    /// The child that it holds time for, if that is why.
    pub(super) child: u32,
    /// Whether its main thread waits for device time, or for one of its own threads.
    pub(super) waits: bool,
    /// Milliseconds by which time is to go on although it does not wait: it reads the clock all the time.
    pub(super) creep: u64,
    /// Since when, by the clock of the machine, it looks for a channel; zero if it does not.
    pub(super) seeks: Duration,
    /// It is about to end, and has real time.
    pub(super) leaves: bool,
}

impl Memory {
    /// A new file, in which device time is zero.
    pub(super) fn create(path: &Path, epoch: Epoch) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.set_len(ALL as u64)?;
        file.write_all_at(&epoch.unix_nanos().to_ne_bytes(), EPOCH)?;
        file.write_all_at(MAGIC, 0)?;
        let memory = Self { file };
        (0..PLACES).try_for_each(|place| memory.clear(place))?;
        Ok(memory)
    }

    /// Device time from now on: standing still, or passing by the clock.
    pub(super) fn set(&self, now: SimTime, flows: bool) -> io::Result<()> {
        let since = if flows { clock().as_nanos() as u64 } else { 0 };
        let words = [since.to_ne_bytes(), now.nanos().to_ne_bytes()].concat();
        self.file.write_all_at(&words, SINCE)
    }

    /// Makes a place ready for another client.
    pub(super) fn clear(&self, place: usize) -> io::Result<()> {
        let words = NONE.map(i64::to_ne_bytes).concat();
        self.file.write_all_at(&words, (LINE * (place + 1)) as u64)
    }

    /// What the clients want, by their places.
    pub(super) fn wishes(&self) -> io::Result<Vec<Wish>> {
        let mut all = [0; ALL];
        self.file.read_exact_at(&mut all, 0)?;
        Ok(all.chunks_exact(LINE).skip(1).map(Wish::of).collect())
    }
}

impl Wish {
    fn of(place: &[u8]) -> Self {
        let word = |at: usize| {
            let bytes = place[8 * at..]
                .first_chunk()
                .expect("a place has eight words");
            i64::from_ne_bytes(*bytes)
        };
        let natural = |at| u64::try_from(word(at)).unwrap_or_default();
        let deadline = natural(0);
        Self {
            deadline: (word(0) != i64::MAX).then_some(SimTime::from_nanos(deadline)),
            held: Duration::from_nanos(natural(1)),
            child: u32::try_from(word(2)).unwrap_or_default(),
            waits: word(3) != 0,
            creep: natural(4),
            leaves: word(5) != 0,
            seeks: Duration::from_nanos(natural(6)),
        }
    }
}

/// The clock of the machine, which processes share.
pub(super) fn clock() -> Duration {
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from)
}
