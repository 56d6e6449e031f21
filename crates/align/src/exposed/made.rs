//! What came of an exposure: how many images, and whether it was stopped.

use super::steps::{Steps, same_requests};
use super::{Aspect, Gate};
use crate::Settings;
use crate::sequence::Asked;
use crate::titles::Titles;

/// An exposure was stopped if it took less than this part of the time that the other side's took.
const SHORT: f64 = 0.5;

/// What came of an exposure that both sides took, if it is not the same: of a detector that both had asked for the
/// same.
pub(super) fn unlike(
    sides: &[Steps<'_>; 2],
    exposures: [usize; 2],
    settings: &Settings,
    titles: &Titles<'_>,
) -> Option<Gate> {
    let at = [0, 1].map(|side| &sides[side].asked[exposures[side]]);
    let [Some(one), Some(other)] = at.map(took) else {
        return None;
    };
    if !same_requests(sides, at[0].device(), exposures) {
        return None;
    }
    let gate = |aspect: Aspect, reference: String, session: String| Gate {
        channel: at[0].channel.plain_name().to_owned(),
        title: titles.title(at[0].channel),
        aspect,
        reference,
        session,
    };
    let stopped = [0, 1].map(|side| sides[side].is_interrupted(exposures[side]));
    let short = |it: f64, whole: f64| it < SHORT * whole && whole - it > settings.time.noise;
    let took = [one, other];
    let cut_off = |side: usize| {
        let whole = 1 - side;
        stopped[side] && !stopped[whole] && short(took[side], took[whole])
    };
    if let Some(side) = [0, 1].into_iter().find(|&side| cut_off(side)) {
        let words = |it: usize| match seconds(took[it]) {
            after if it == side => format!("was stopped after {after} s"),
            whole => format!("took {whole} s"),
        };
        return Some(gate(Aspect::Stopped, words(0), words(1)));
    }
    let [Some(was), Some(is)] = at.map(|it| it.images) else {
        return None;
    };
    // How many an exposure makes until it is stopped is a matter of times.
    let counts = was != is && (was == 0 || is == 0 || stopped == [false; 2]);
    counts.then(|| gate(Aspect::Images, made(was), made(is)))
}

/// How long an exposure took.
fn took(exposure: &Asked<'_>) -> Option<f64> {
    Some((exposure.done? - exposure.t).seconds())
}

fn made(images: usize) -> String {
    match images {
        0 => "made no image".to_owned(),
        1 => "made 1 image".to_owned(),
        many => format!("made {many} images"),
    }
}

/// A time in two digits that count, so that equal ones are told together.
fn seconds(seconds: f64) -> f64 {
    format!("{seconds:.1e}").parse().unwrap_or(seconds)
}
