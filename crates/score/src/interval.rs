//! Where a mean or a share may lie, at 95 %.

/// How often means are drawn again.
const DRAWS: usize = 2000;

/// The interval of Wilson for a share: of so many, so many.
///
/// Unlike the usual one it stays between 0 and 1, and is no point when all or none did it.
pub fn wilson(of: usize, all: usize) -> Option<(f64, f64)> {
    /// The normal quantile of 97.5 %.
    const Z: f64 = 1.959_963_984_540_054;
    if all == 0 {
        return None;
    }
    let (n, share) = (all as f64, of as f64 / all as f64);
    let centre = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    Some(((centre - half).max(0.0), (centre + half).min(1.0)))
}

/// The bootstrap interval of a mean of group means: groups are drawn with replacement, then as many values in
/// each as it has; from the 2.5th to the 97.5th percentile of 2000 means. One group is drawn from within.
///
/// The draws are the same each time. There is no interval of fewer than two values.
pub fn bootstrap(groups: &[&[f64]]) -> Option<(f64, f64)> {
    let groups: Vec<&[f64]> = groups.iter().copied().filter(|it| !it.is_empty()).collect();
    if groups.iter().map(|it| it.len()).sum::<usize>() < 2 {
        return None;
    }
    let mut state = 0x853c_49e6_748f_ea9b_u64;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % below as u64).unwrap_or(0)
    };
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let mut sum = 0.0;
            for _ in 0..groups.len() {
                let group = groups[draw(groups.len())];
                let values = (0..group.len()).map(|_| group[draw(group.len())]);
                sum += values.sum::<f64>() / group.len() as f64;
            }
            sum / groups.len() as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Some((means[DRAWS / 40], means[DRAWS - 1 - DRAWS / 40]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_interval_of_wilson_is_that_of_the_books() {
        let (low, high) = wilson(8, 10).unwrap();
        assert!((low - 0.4902).abs() < 1e-4 && (high - 0.9433).abs() < 1e-4);
        let (low, high) = wilson(0, 10).unwrap();
        assert!(low == 0.0 && (high - 0.2775).abs() < 1e-4);
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn one_value_has_no_interval_and_equal_ones_a_point() {
        assert_eq!(bootstrap(&[&[0.5]]), None);
        assert_eq!(bootstrap(&[&[0.5, 0.5], &[0.5]]), Some((0.5, 0.5)));
        let (low, high) = bootstrap(&[&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]]).unwrap();
        assert!(low > 0.1 && low < 0.3 && high > 0.7 && high < 0.9);
    }

    proptest! {
        #[test]
        fn an_interval_lies_between_the_extremes(values in prop::collection::vec(0.0..1.0, 2..20)) {
            let (low, high) = bootstrap(&[&values]).unwrap();
            let least = values.iter().copied().fold(1.0, f64::min);
            let most = values.iter().copied().fold(0.0, f64::max);
            prop_assert!(least <= low + 1e-12 && low <= high && high <= most + 1e-12);
        }
    }
}
