//! What of its sensor a camera reads out, and of which type.

use beamtwin_sim::Cx;

use super::image::{Colours, Image, Region, Side, Type};
use super::pattern::Pattern;
use crate::records::Panel;

/// The settings of one readout.
pub(super) struct View {
    kind: Type,
    colours: Colours,
    /// The whole sensor.
    sensor: (usize, usize),
    region: Region,
    simulated: bool,
}

fn side(panel: &Panel, cx: &Cx<'_>, axis: &str) -> usize {
    panel.number(cx, &format!("MaxSize{axis}_RBV")).max(1.0) as usize
}

impl View {
    /// The whole sensor, in counts.
    pub(super) fn whole(panel: &Panel, cx: &Cx<'_>) -> Self {
        let sensor = (side(panel, cx, "X"), side(panel, cx, "Y"));
        Self {
            kind: Type::Int32,
            colours: Colours::Mono,
            sensor,
            region: Region {
                x: Side::whole(sensor.0),
                y: Side::whole(sensor.1),
            },
            simulated: false,
        }
    }

    /// What a simulated detector is set to; what does not fit is made to.
    pub(super) fn simulated(panel: &Panel, cx: &Cx<'_>) -> Self {
        let sensor = (side(panel, cx, "X"), side(panel, cx, "Y"));
        let part = |axis: &str, max: usize| {
            let number = |what: &str| panel.number(cx, &format!("{what}{axis}_RBV"));
            let first = number("Min").clamp(0.0, max as f64 - 1.0) as usize;
            let size = number("Size").clamp(1.0, (max - first) as f64) as usize;
            let bin = number("Bin").clamp(1.0, size as f64) as usize;
            Side {
                first,
                size: size / bin * bin,
                bin,
                reversed: number("Reverse") == 1.0,
            }
        };
        Self {
            kind: Type::of(panel.number(cx, "DataType_RBV")),
            colours: Colours::of_simulator(panel.number(cx, "ColorMode_RBV")),
            sensor,
            region: Region {
                x: part("X", sensor.0),
                y: part("Y", sensor.1),
            },
            simulated: true,
        }
    }

    /// Width and height of what is read out.
    pub(super) const fn size(&self) -> (usize, usize) {
        (self.region.x.left(), self.region.y.left())
    }

    /// How large it is.
    pub(super) const fn bytes(&self) -> usize {
        let (width, height) = self.size();
        width * height * self.colours.count() * self.kind.bytes()
    }

    /// The image, of a detector that was reset so many frames ago. That of a Pilatus is dark.
    pub(super) fn image(&self, panel: &Panel, since_reset: u64, cx: &mut Cx<'_>) -> Image {
        if !self.simulated {
            return Image::from_fn(self.kind, self.colours, self.sensor, |_, _, _| 0.0);
        }
        let pattern = Pattern::new(panel, cx, (self.kind, self.colours), self.sensor);
        pattern.image(since_reset).part(self.region)
    }
}
