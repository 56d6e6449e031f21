//! The statistics of an image, as the statistics plugin of ADCore 3.14 works them out.

use super::image::{Colours, Image};

/// Of all pixels.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) min: f64,
    /// Column and row of the first of the least.
    pub(super) min_at: (usize, usize),
    pub(super) max: f64,
    /// Column and row of the first of the greatest.
    pub(super) max_at: (usize, usize),
    pub(super) total: f64,
    pub(super) mean: f64,
    pub(super) sigma: f64,
}

impl Summary {
    pub(super) fn of(image: &Image) -> Self {
        let values = &image.values;
        let (mut least, mut most) = (0, 0);
        let (mut total, mut squares) = (0.0, 0.0);
        for (at, &value) in values.iter().enumerate() {
            if value < values[least] {
                least = at;
            }
            if value > values[most] {
                most = at;
            }
            total += value;
            squares += value * value;
        }
        let count = values.len() as f64;
        let mean = total / count;
        let place = |at: usize| (at % image.width, at / image.width);
        Self {
            min: values[least],
            min_at: place(least),
            max: values[most],
            max_at: place(most),
            total,
            mean,
            sigma: (squares / count - mean * mean).sqrt(),
        }
    }
}

/// What is left of the total without a background, which is the average of so many pixels along each edge. Those in
/// the corners count twice.
pub(super) fn net(image: &Image, total: f64, width: usize) -> f64 {
    let (mut pixels, mut counts) = (0.0, 0.0);
    let mut add = |value: f64| {
        pixels += 1.0;
        counts += value;
    };
    let sizes = image.sizes();
    let mut stride = 1;
    for size in sizes {
        let edge = width.min(size);
        for (at, &value) in image.values.iter().enumerate() {
            let place = at / stride % size;
            if place < edge {
                add(value);
            }
            if place >= size - edge {
                add(value);
            }
        }
        stride *= size;
    }
    let count = image.values.len() as f64;
    total - counts / f64::max(pixels, 1.0) * count
}

/// Sums along both sides of what is at or above a threshold, and averages of everything.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    pub(super) average: [Vec<f64>; 2],
    pub(super) threshold: [Vec<f64>; 2],
}

/// The moments of what is at or above a threshold.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Centroid {
    pub(super) total: f64,
    pub(super) at: [f64; 2],
    pub(super) sigma: [f64; 2],
    pub(super) sigma_xy: f64,
    pub(super) skew: [f64; 2],
    pub(super) kurtosis: [f64; 2],
    pub(super) eccentricity: f64,
    /// In degrees.
    pub(super) orientation: f64,
}

/// The centroid of an image without colours, and its profiles; of others there are none.
pub(super) fn centroid(image: &Image, threshold: f64) -> Option<(Centroid, Profiles)> {
    if image.colours != Colours::Mono {
        return None;
    }
    let sides = [image.width, image.height];
    let mut profiles = Profiles {
        average: sides.map(|size| vec![0.0; size]),
        threshold: sides.map(|size| vec![0.0; size]),
    };
    let mut mixed = 0.0;
    for (y, row) in image.values.chunks(image.width).enumerate() {
        for (x, &value) in row.iter().enumerate() {
            for (side, at) in [x, y].into_iter().enumerate() {
                profiles.average[side][at] += value;
                if value >= threshold {
                    profiles.threshold[side][at] += value;
                }
            }
            if value >= threshold {
                mixed += value * x as f64 * y as f64;
            }
        }
    }
    let centroid = Centroid::of(&profiles.threshold, mixed);
    for side in [0, 1] {
        let across = sides[1 - side] as f64;
        for profile in [&mut profiles.average, &mut profiles.threshold] {
            profile[side].iter_mut().for_each(|value| *value /= across);
        }
    }
    Some((centroid, profiles))
}

impl Centroid {
    fn of(sums: &[Vec<f64>; 2], mixed: f64) -> Self {
        let moment = |side: usize, power: i32| -> f64 {
            let values = sums[side].iter().enumerate();
            values.map(|(at, sum)| sum * (at as f64).powi(power)).sum()
        };
        let total = moment(0, 0);
        if total <= 0.0 {
            return Self::default();
        }
        let sides = [0, 1].map(|side| Moments::of([1, 2, 3, 4].map(|it| moment(side, it)), total));
        let [x, y] = &sides;
        let both = mixed - x.first * y.first / total;
        let spread = both / total;
        let sigma = sides.each_ref().map(|it| it.variance.sqrt());
        let sigmas = sigma[0] * sigma[1];
        let sum = x.second + y.second;
        let difference = x.second - y.second;
        let or_zero = |number: f64, by: f64| if by == 0.0 { 0.0 } else { number / by };
        Self {
            total,
            at: sides.each_ref().map(|it| it.first / total),
            sigma,
            sigma_xy: or_zero(spread, sigmas),
            skew: sides.each_ref().map(|it| it.skew),
            kurtosis: sides.each_ref().map(|it| it.kurtosis),
            eccentricity: or_zero(difference * difference - 4.0 * both * both, sum * sum),
            orientation: 0.5 * (2.0 * spread).atan2(x.variance - y.variance).to_degrees(),
        }
    }
}

/// Along one side.
struct Moments {
    /// About zero.
    first: f64,
    /// About the centre.
    second: f64,
    variance: f64,
    skew: f64,
    kurtosis: f64,
}

impl Moments {
    fn of([m1, m2, m3, m4]: [f64; 4], m0: f64) -> Self {
        let second = m2 - m1 * m1 / m0;
        let third = m3 - 3.0 * m1 * m2 / m0 + 2.0 * m1 * m1 * m1 / (m0 * m0);
        let fourth = m4 - 4.0 * m3 * m1 / m0 + 6.0 * m2 * m1 * m1 / (m0 * m0)
            - 3.0 * m1 * m1 * m1 * m1 / (m0 * m0 * m0);
        let variance = second / m0;
        let (skew, kurtosis) = if variance == 0.0 {
            (0.0, 0.0)
        } else {
            let skew = third / (m0 * variance.powf(1.5));
            (skew, fourth / (m0 * variance.powi(2)) - 3.0)
        };
        Self {
            first: m1,
            second,
            variance,
            skew,
            kurtosis,
        }
    }
}

/// The row through a point and the column through it, each at the last pixel if the point lies beyond.
pub(super) fn through(image: &Image, [x, y]: [usize; 2]) -> [Vec<f64>; 2] {
    let (x, y) = (x.min(image.width - 1), y.min(image.height - 1));
    let row = image.values[y * image.width..][..image.width].to_vec();
    let column = image.values[x..].iter().step_by(image.width).copied();
    [row, column.collect()]
}

/// How often each value occurs, and what is below and above all bins.
#[derive(Debug)]
pub(super) struct Histogram {
    pub(super) bins: Vec<f64>,
    pub(super) below: f64,
    pub(super) above: f64,
    pub(super) entropy: f64,
}

impl Histogram {
    pub(super) fn of(image: &Image, size: usize, min: f64, max: f64) -> Self {
        let max = if max <= min { min + 1.0 } else { max };
        let scale = (size as f64 - 1.0) / (max - min);
        let mut it = Self {
            bins: vec![0.0; size],
            below: 0.0,
            above: 0.0,
            entropy: 0.0,
        };
        for &value in image.values.iter() {
            let bin = ((value - min) * scale + 0.5) as i64;
            if bin < 0 || value < min {
                it.below += 1.0;
            } else if bin > size as i64 - 1 || value > max {
                it.above += 1.0;
            } else {
                it.bins[bin as usize] += 1.0;
            }
        }
        let term = |count: &f64| count.max(1.0) * count.max(1.0).ln();
        let sum: f64 = it.bins.iter().map(term).sum();
        it.entropy = -sum / image.values.len() as f64;
        it
    }
}
