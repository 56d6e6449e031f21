//! Samples with a few bytes changed, for a compiler that cannot fuzz.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// What must hold of any bytes.
pub struct Target {
    /// The folder of its corpus.
    pub name: &'static str,
    /// Panics where it does not hold.
    pub check: fn(&[u8]),
    /// What is changed, besides its corpus.
    pub samples: Vec<Vec<u8>>,
}

/// Runs all samples and all that is in the corpora, as they are; then, for the seconds that `BEAMTWIN_FUZZ_SECONDS`
/// says or else for two, as many of them as there is time for, each with a few bytes changed. Gives their number.
///
/// # Panics
/// At the first that fails, with its bytes; and where a target has no sample.
#[allow(clippy::disallowed_methods, reason = "how long it runs is asked for")]
pub fn run(targets: &mut [Target], pieces: &[&[u8]]) -> u64 {
    let seconds = std::env::var("BEAMTWIN_FUZZ_SECONDS");
    let seconds = seconds.map_or(2.0, |it| it.parse().expect("a number of seconds"));
    let each = Duration::from_secs_f64(seconds / targets.len() as f64);
    let mut chance = 88_172_645_463_325_252_u64;
    let mut draw = |below: usize| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        (chance >> 11) as usize % below.max(1)
    };
    let mut tries = 0_u64;
    for target in targets {
        target.samples.extend(kept(target.name));
        let samples = &target.samples;
        assert!(!samples.is_empty(), "{} has no sample", target.name);
        let mut holds = |bytes: &[u8]| {
            tries += 1;
            let text = bytes.escape_ascii();
            let held = catch_unwind(AssertUnwindSafe(|| (target.check)(bytes)));
            assert!(held.is_ok(), "{}, try {tries}: b\"{text}\"", target.name);
        };
        samples.iter().for_each(|sample| holds(sample));
        let start = Instant::now();
        while start.elapsed() < each {
            let mut bytes = samples[draw(samples.len())].clone();
            for _ in 0..=draw(6) {
                spoil(&mut bytes, pieces, &mut draw);
            }
            holds(&bytes);
        }
    }
    tries
}

/// What fuzzing found worth keeping.
fn kept(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut roots = folder.ancestors();
    let corpus = roots.find_map(|root| Some(root.join("fuzz/corpus")).filter(|it| it.is_dir()));
    let folder = corpus.expect("the corpora are there").join(name);
    let Ok(files) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let read = |path| std::fs::read(path).expect("it can be read");
    files.into_iter().map(read).collect()
}

/// Changes a place: a byte, a piece put in, a stretch left out or said twice.
fn spoil(bytes: &mut Vec<u8>, pieces: &[&[u8]], draw: &mut impl FnMut(usize) -> usize) {
    let at = draw(bytes.len());
    let end = (at + draw(40)).min(bytes.len());
    let piece = pieces[draw(pieces.len())].iter().copied();
    match draw(6) {
        0 if !bytes.is_empty() => bytes[at] = draw(256) as u8,
        1 => {
            bytes.drain(at..end);
        }
        2 => {
            let twice = bytes[at..end].to_vec();
            bytes.splice(at..at, twice);
        }
        3 => bytes.truncate(at),
        // A number, or what is one place after another.
        4 => {
            let is_digit = |byte: &u8| byte.is_ascii_digit();
            if let Some(from) = bytes[at..].iter().position(is_digit) {
                let from = at + from;
                let length = bytes[from..]
                    .iter()
                    .take_while(|byte| is_digit(byte))
                    .count();
                bytes.splice(from..from + length, piece);
            }
        }
        _ => {
            bytes.splice(at..at, piece);
        }
    }
}
