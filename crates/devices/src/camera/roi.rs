//! What a region of interest hands on of an image.

use beamtwin_sim::Cx;

use super::image::{Image, Region, Side, Type};
use crate::records::Panel;

/// The sides of an image, and its colours, as the records name them.
const AXES: [&str; 3] = ["X", "Y", "Z"];
/// The choice of `DataTypeOut` that leaves the type as it is.
const AUTOMATIC: f64 = 10.0;

/// The part that is asked for; shows what of it there is.
pub(super) fn part(panel: &Panel, image: &Image, cx: &mut Cx<'_>) -> Image {
    let colours = image.colours.count();
    let sizes = [image.width, image.height, colours];
    let dimensions = image.sizes().len();
    for (axis, size) in AXES.into_iter().zip(sizes).take(dimensions) {
        panel.set(cx, &format!("MaxSize{axis}_RBV"), size as f64);
    }
    for axis in &AXES[dimensions..] {
        panel.set(cx, &format!("MaxSize{axis}_RBV"), 0.0);
    }
    let x = side(panel, "X", image.width, cx);
    let y = side(panel, "Y", image.height, cx);
    let mut whole = image.clone();
    if dimensions == AXES.len() {
        let z = side(panel, "Z", colours, cx);
        if z.left() == 1 && z.bin == 1 {
            whole = image.colour(z.first);
        }
    }
    let kind = panel.number(cx, "DataTypeOut_RBV");
    let kind = if kind == AUTOMATIC { image.kind } else { Type::of(kind) };
    let scale = panel.number(cx, "Scale_RBV");
    let scaled = panel.number(cx, "EnableScale_RBV") == 1.0 && scale != 0.0;
    let part = if scaled {
        let part = whole.of_type(Type::Float64).part(Region { x, y });
        part.with(kind, |value| value / scale)
    } else {
        whole.of_type(kind).part(Region { x, y })
    };
    let mut left = vec![part.width, part.height];
    if part.sizes().len() == AXES.len() {
        left.push(colours);
    }
    left.resize(AXES.len(), 0);
    for (axis, size) in AXES.into_iter().zip(left) {
        panel.set(cx, &format!("ArraySize{axis}_RBV"), size as f64);
    }
    part
}

/// What of one side is asked for and there; all of it where the region is not enabled.
fn side(panel: &Panel, axis: &str, whole: usize, cx: &mut Cx<'_>) -> Side {
    let number = |cx: &Cx<'_>, name: &str| panel.number(cx, name);
    let reversed = number(cx, &format!("Reverse{axis}_RBV")) == 1.0;
    if number(cx, &format!("Enable{axis}_RBV")) != 1.0 {
        return Side {
            reversed,
            ..Side::whole(whole)
        };
    }
    let max = whole as f64;
    let first = unsigned(number(cx, &format!("Min{axis}"))).min(max - 1.0);
    let size = if number(cx, &format!("AutoSize{axis}_RBV")) == 1.0 {
        max
    } else {
        unsigned(number(cx, &format!("Size{axis}")))
    };
    let size = size.max(1.0).min(max - first);
    let bin = number(cx, &format!("Bin{axis}_RBV")).clamp(1.0, size);
    for (name, number) in [("Min", first), ("Size", size), ("Bin", bin)] {
        panel.set(cx, &format!("{name}{axis}_RBV"), number);
    }
    Side {
        first: first as usize,
        size: size as usize,
        bin: bin as usize,
        reversed,
    }
}

/// The plugin keeps places and sizes in unsigned numbers, so that one below zero is beyond all others.
fn unsigned(number: f64) -> f64 {
    if number < 0.0 { f64::INFINITY } else { number }
}
