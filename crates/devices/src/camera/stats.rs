//! What a statistics plugin shows of an image.

use beamtwin_pv::{Array, Value};
use beamtwin_sim::Cx;

use super::image::Image;
use super::statistics::{self, Centroid, Histogram, Profiles, Summary};
use crate::records::Panel;

/// The names of the two sides of an image.
const SIDES: [&str; 2] = ["X", "Y"];
/// The most bins of a histogram that are worked out.
const BINS: f64 = 65_536.0;

/// Works out what is asked for, and shows it.
pub(super) fn show(panel: &Panel, image: &Image, cx: &mut Cx<'_>) {
    let wanted = |cx: &Cx<'_>, what: &str| panel.number(cx, &format!("Compute{what}_RBV")) == 1.0;
    let [summary, centroid, profiles, histogram] =
        ["Statistics", "Centroid", "Profiles", "Histogram"].map(|what| wanted(cx, what));
    if centroid || profiles {
        // As they come, the fastest first, whatever they are.
        for (side, size) in SIDES.into_iter().zip(image.sizes()) {
            panel.set(cx, &format!("ProfileSize{side}_RBV"), size as f64);
        }
    }
    if summary {
        show_summary(panel, image, cx);
    }
    let threshold = panel.number(cx, "CentroidThreshold_RBV");
    let found = statistics::centroid(image, threshold).filter(|_| centroid);
    let plain = image.sizes().len() == 2;
    if profiles && plain {
        show_profiles(panel, image, found.as_ref(), cx);
    }
    if centroid {
        let none = Centroid::default();
        show_centroid(panel, found.as_ref().map_or(&none, |(it, _)| it), cx);
    }
    if histogram {
        show_histogram(panel, image, cx);
    }
}

fn array(values: Vec<f64>) -> Value {
    Value::Array(Array::Double(values.into()))
}

fn show_summary(panel: &Panel, image: &Image, cx: &mut Cx<'_>) {
    let it = Summary::of(image);
    let width = panel.number(cx, "BgdWidth_RBV") as usize;
    let net = if width > 0 {
        statistics::net(image, it.total, width)
    } else {
        it.total
    };
    let shown = [
        ("MinValue_RBV", it.min),
        ("MinX_RBV", it.min_at.0 as f64),
        ("MinY_RBV", it.min_at.1 as f64),
        ("MaxValue_RBV", it.max),
        ("MaxX_RBV", it.max_at.0 as f64),
        ("MaxY_RBV", it.max_at.1 as f64),
        ("MeanValue_RBV", it.mean),
        ("Sigma_RBV", it.sigma),
        ("Total_RBV", it.total),
        ("Net_RBV", net),
    ];
    for (suffix, number) in shown {
        panel.set(cx, suffix, number);
    }
}

fn show_centroid(panel: &Panel, it: &Centroid, cx: &mut Cx<'_>) {
    panel.set(cx, "CentroidTotal_RBV", it.total);
    let pairs = [
        ("Centroid", it.at),
        ("Sigma", it.sigma),
        ("Skew", it.skew),
        ("Kurtosis", it.kurtosis),
    ];
    for (name, numbers) in pairs {
        for (side, number) in SIDES.into_iter().zip(numbers) {
            panel.set(cx, &format!("{name}{side}_RBV"), number);
        }
    }
    panel.set(cx, "SigmaXY_RBV", it.sigma_xy);
    panel.set(cx, "Eccentricity_RBV", it.eccentricity);
    panel.set(cx, "Orientation_RBV", it.orientation);
}

fn show_profiles(
    panel: &Panel,
    image: &Image,
    found: Option<&(Centroid, Profiles)>,
    cx: &mut Cx<'_>,
) {
    let none = [image.width, image.height].map(|size| vec![0.0; size]);
    let cursor = SIDES.map(|side| panel.number(cx, &format!("Cursor{side}_RBV")) as usize);
    let centre = found.map_or([0; 2], |(it, _)| it.at.map(|at| (at + 0.5) as usize));
    let at_cursor = statistics::through(image, cursor);
    let value = at_cursor[0][cursor[0].min(image.width - 1)];
    let all = [
        ("Average", found.map_or_else(|| none.clone(), |(_, it)| it.average.clone())),
        ("Threshold", found.map_or(none, |(_, it)| it.threshold.clone())),
        ("Centroid", statistics::through(image, centre)),
        ("Cursor", at_cursor),
    ];
    for (name, profiles) in all {
        for (side, profile) in SIDES.into_iter().zip(profiles) {
            panel.post(cx, &format!("Profile{name}{side}_RBV"), array(profile));
        }
    }
    panel.set(cx, "CursorVal", value);
}

/// The size and the ends of a histogram.
fn bins(panel: &Panel, cx: &Cx<'_>) -> (usize, f64, f64) {
    let number = |what: &str| panel.number(cx, &format!("Hist{what}_RBV"));
    let size = number("Size").clamp(1.0, BINS) as usize;
    (size, number("Min"), number("Max"))
}

fn show_histogram(panel: &Panel, image: &Image, cx: &mut Cx<'_>) {
    let (size, min, max) = bins(panel, cx);
    let it = Histogram::of(image, size, min, max);
    panel.set(cx, "HistEntropy_RBV", it.entropy);
    panel.set(cx, "HistBelow_RBV", it.below);
    panel.set(cx, "HistAbove_RBV", it.above);
    panel.post(cx, "Histogram_RBV", array(it.bins));
}

/// Shows where the bins of a histogram begin, if it is another one now.
pub(super) fn put(panel: &Panel, suffix: &str, cx: &mut Cx<'_>) {
    if matches!(suffix, "HistSize" | "HistMin" | "HistMax") {
        let (size, min, max) = bins(panel, cx);
        let step = (max - min) / size as f64;
        let begin = |at: usize| min + at as f64 * step;
        panel.post(cx, "HistogramX_RBV", array((0..size).map(begin).collect()));
    }
}
