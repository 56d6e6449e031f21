//! Curves with as few samples as the eye needs.

/// Samples of a curve without those that the others tell: what is left out lies within a tolerance of
/// the line that joins its neighbours.
///
/// From each sample that is kept, a door of all directions that fit what followed is closed little by
/// little; the first sample outside ends the line at the one before it.
pub(super) fn thin(samples: &[(f64, f64)], tolerance: f64) -> Vec<(f64, f64)> {
    const OPEN: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
    let Some((&first, rest)) = samples.split_first() else {
        return Vec::new();
    };
    let mut kept = vec![first];
    let (mut anchor, mut before, mut door) = (first, first, OPEN);
    let slope = |from: (f64, f64), to: (f64, f64)| (to.1 - from.1) / (to.0 - from.0);
    for &sample in rest {
        let is_step = sample.0 <= before.0;
        if is_step || !(door.0..=door.1).contains(&slope(anchor, sample)) {
            if before != anchor {
                kept.push(before);
            }
            (anchor, door) = (before, OPEN);
        }
        if is_step {
            kept.push(sample);
            (anchor, door) = (sample, OPEN);
        } else {
            let (slope, width) = (slope(anchor, sample), tolerance / (sample.0 - anchor.0));
            door = (door.0.max(slope - width), door.1.min(slope + width));
        }
        before = sample;
    }
    if before != anchor {
        kept.push(before);
    }
    kept
}

/// Samples of a curve that is held from one to the next, without those that say nothing new.
pub(super) fn held(samples: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let new =
        |at: &usize| *at == 0 || *at + 1 == samples.len() || samples[*at].1 != samples[*at - 1].1;
    (0..samples.len())
        .filter(new)
        .map(|at| samples[at])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_needs_its_ends_only() {
        let line: Vec<_> = (0..100)
            .map(|i| (f64::from(i), 2.0 * f64::from(i)))
            .collect();
        assert_eq!(thin(&line, 0.01), [line[0], line[99]]);
        assert!(thin(&[], 0.01).is_empty());
        assert_eq!(thin(&line[..1], 0.01), [line[0]]);
    }

    #[test]
    fn no_sample_is_farther_from_the_thinned_curve_than_the_tolerance() {
        let wave: Vec<_> = (0..2000)
            .map(|i| {
                (
                    f64::from(i) * 0.01,
                    (f64::from(i) * 0.02).sin() + f64::from(i / 500),
                )
            })
            .collect();
        let thinned = thin(&wave, 0.005);
        assert!(thinned.len() < 300, "{}", thinned.len());
        for &(t, v) in &wave {
            let after = thinned
                .partition_point(|it| it.0 <= t)
                .min(thinned.len() - 1);
            let (one, other) = (thinned[after - 1], thinned[after]);
            let part = (t - one.0) / (other.0 - one.0);
            assert!(
                (one.1 + part * (other.1 - one.1) - v).abs() <= 0.005 + 1e-9,
                "{t}"
            );
        }
    }

    #[test]
    fn two_samples_at_one_time_are_a_step() {
        let step = [(0.0, 0.0), (1.0, 0.0), (1.0, 5.0), (2.0, 5.0)];
        assert_eq!(thin(&step, 0.1), step);
        assert_eq!(
            held(&[(0.0, 1.0), (1.0, 1.0), (2.0, 3.0), (3.0, 3.0)]).len(),
            3
        );
    }
}
