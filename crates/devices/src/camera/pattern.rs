//! What a simulated detector sees: a ramp, peaks, waves, or noise.
//!
//! Each is a function of the settings and of how many frames there were since `Reset`, as the source of
//! areaDetector's simDetector 2.11 works it out; what it draws by chance is drawn from the device's own stream.

use std::f64::consts::TAU;

use beamtwin_sim::Cx;

use super::image::{Colours, Image, Type};
use crate::records::Panel;

/// How many standard deviations a peak reaches.
const REACH: usize = 4;
/// Choices of `SimMode`.
const PEAKS: f64 = 1.0;
const SINE: f64 = 2.0;
const OFFSET_AND_NOISE: f64 = 3.0;
/// The choice of `XSineOperation` by which waves are multiplied.
const MULTIPLY: f64 = 1.0;

/// The settings of a detector, as a frame begins.
pub(super) struct Pattern<'a, 'b> {
    panel: &'a Panel,
    cx: &'a mut Cx<'b>,
    kind: Type,
    colours: Colours,
    width: usize,
    height: usize,
}

impl<'a, 'b> Pattern<'a, 'b> {
    pub(super) fn new(
        panel: &'a Panel,
        cx: &'a mut Cx<'b>,
        (kind, colours): (Type, Colours),
        (width, height): (usize, usize),
    ) -> Self {
        Self {
            panel,
            cx,
            kind,
            colours,
            width,
            height,
        }
    }

    /// The whole sensor, in the frame of this number since the last reset.
    pub(super) fn image(mut self, number: u64) -> Image {
        let background = self.background();
        let mode = self.get("SimMode");
        let mut image = if mode == PEAKS {
            self.peaks()
        } else if mode == SINE {
            self.sine(number)
        } else if mode == OFFSET_AND_NOISE {
            self.draw(|_, _, _| 0.0)
        } else {
            self.ramp(number)
        };
        if let Some((offset, noise)) = background {
            let kind = self.kind;
            let add = |&value: &f64| {
                let chance = if noise == 0.0 { 0.0 } else { self.cx.noise().uniform() };
                kind.fit(value + kind.fit(noise * chance + offset))
            };
            image.values = image.values.iter().map(add).collect();
        }
        image
    }

    fn get(&self, name: &str) -> f64 {
        self.panel.number(self.cx, &format!("{name}_RBV"))
    }

    /// A setting of each colour; a single one for an image without.
    fn gains(&self) -> [f64; 3] {
        match self.colours {
            Colours::Mono => [1.0; 3],
            _ => ["GainRed", "GainGreen", "GainBlue"].map(|name| self.get(name)),
        }
    }

    fn draw(&self, value: impl FnMut(usize, usize, usize) -> f64) -> Image {
        Image::from_fn(self.kind, self.colours, (self.width, self.height), value)
    }

    /// Offset and noise, if there are any.
    fn background(&self) -> Option<(f64, f64)> {
        let offset = self.kind.fit(self.get("Offset"));
        let noise = self.get("Noise");
        (offset != 0.0 || noise != 0.0).then_some((offset, noise))
    }

    fn ramp(&self, number: u64) -> Image {
        let kind = self.kind;
        let step = kind.fit(self.get("Gain"));
        let steps = self.gains().map(|gain| kind.fit(kind.fit(gain) * step));
        let (along, across) = (self.get("GainX"), self.get("GainY"));
        self.draw(|colour, x, y| {
            let first = kind.fit(steps[colour] * (along * x as f64 + across * y as f64));
            kind.fit(first + steps[colour] * number as f64)
        })
    }

    fn peaks(&mut self) -> Image {
        let kind = self.kind;
        let gain = self.get("Gain");
        let gains = self.gains();
        let [x, y] = [("X", self.width), ("Y", self.height)].map(|(axis, size)| Bells {
            start: self.get(&format!("PeakStart{axis}")) as i64,
            step: self.get(&format!("PeakStep{axis}")) as i64,
            count: self.get(&format!("PeakNum{axis}")).max(0.0) as i64,
            width: self.get(&format!("PeakWidth{axis}")),
            size,
        });
        let variation = self.get("PeakVariation") / 100.0;
        let mono = self.colours == Colours::Mono;
        let mut planes = vec![vec![0.0; self.width * self.height]; self.colours.count()];
        for row in 0..y.count {
            for column in 0..x.count {
                let chance = if variation == 0.0 { 0.5 } else { self.cx.noise().uniform() };
                let by = 1.0 + variation * (chance - 0.5);
                for (py, high) in y.bell(row) {
                    for (px, wide) in x.bell(column) {
                        let bell = kind.fit(gain * wide * high);
                        for (plane, gain) in planes.iter_mut().zip(gains) {
                            let value = &mut plane[py * x.size + px];
                            let more = by * gain * bell;
                            // Colours are cut off before they are added.
                            *value = kind.fit(*value + if mono { more } else { kind.fit(more) });
                        }
                    }
                }
            }
        }
        self.draw(|colour, px, py| planes[colour][py * x.size + px])
    }

    fn sine(&self, number: u64) -> Image {
        let kind = self.kind;
        let gain = self.get("Gain");
        let gains = self.gains();
        let [xs, ys] = [("X", self.width), ("Y", self.height)].map(|(axis, size)| {
            let along = self.get(&format!("Gain{axis}"));
            [1, 2].map(|wave| {
                let get = |what: &str| self.get(&format!("{axis}Sine{wave}{what}"));
                let (amplitude, frequency) = (get("Amplitude"), get("Frequency"));
                let phase = get("Phase") / 360.0;
                let at = |place: usize| {
                    let time = (number as f64 * size as f64 + place as f64) * along / size as f64;
                    amplitude * ((time * frequency + phase) * TAU).sin()
                };
                (0..size).map(at).collect::<Vec<f64>>()
            })
        });
        let [x_times, y_times] = ["X", "Y"].map(|axis| self.get(&format!("{axis}SineOperation")));
        let one = |[first, second]: &[Vec<f64>; 2], at: usize, operation: f64| {
            if operation == MULTIPLY {
                first[at] * second[at]
            } else {
                first[at] + second[at]
            }
        };
        let mono = self.colours == Colours::Mono;
        self.draw(|colour, x, y| {
            let wave = match colour {
                0 if mono => one(&ys, y, y_times) + one(&xs, x, x_times),
                0 => xs[0][x],
                1 => ys[0][y],
                _ => (xs[1][x] + ys[1][y]) / 2.0,
            };
            kind.fit(gain * gains[colour] * wave)
        })
    }
}

/// Peaks along one axis.
struct Bells {
    start: i64,
    step: i64,
    count: i64,
    width: f64,
    size: usize,
}

impl Bells {
    /// The pixels of a peak, each with its height as a part of the whole.
    fn bell(&self, number: i64) -> impl Iterator<Item = (usize, f64)> + use<'_> {
        let reach = 2.0 * REACH as f64 * self.width + 1.0;
        let full = if reach < self.size as f64 { reach as i64 } else { self.size as i64 - 1 };
        let centre = self.start + number * self.step;
        (0..full.max(0)).filter_map(move |at| {
            let from = at - full / 2;
            let place = usize::try_from(centre + from).ok().filter(|it| *it < self.size)?;
            Some((place, (-(from as f64 / self.width).powi(2) / 2.0).exp()))
        })
    }
}
