//! An image: its pixels, their type, and how they are laid out.

use std::sync::Arc;


/// The type of a pixel, as the states of `DataType` name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Int8,
    UInt8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Float32,
    Float64,
}

/// In the order of the states.
const TYPES: [Type; 10] = [
    Type::Int8,
    Type::UInt8,
    Type::Int16,
    Type::UInt16,
    Type::Int32,
    Type::UInt32,
    Type::Int64,
    Type::UInt64,
    Type::Float32,
    Type::Float64,
];

impl Type {
    /// The type of a state; the first for one that there is not.
    pub(super) fn of(state: f64) -> Self {
        TYPES.get(state as usize).copied().unwrap_or(TYPES[0])
    }

    pub(super) fn state(self) -> f64 {
        f64::from(self as u8)
    }

    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Int8 | Self::UInt8 => 1,
            Self::Int16 | Self::UInt16 => 2,
            Self::Int32 | Self::UInt32 | Self::Float32 => 4,
            Self::Int64 | Self::UInt64 | Self::Float64 => 8,
        }
    }

    /// What is left of a number in a pixel of this type: fractions are cut off, and what is too large
    /// begins anew, as in C on the machines that detectors run on.
    pub(super) fn fit(self, number: f64) -> f64 {
        let whole = number as i64;
        match self {
            Self::Int8 => f64::from(whole as i8),
            Self::UInt8 => f64::from(whole as u8),
            Self::Int16 => f64::from(whole as i16),
            Self::UInt16 => f64::from(whole as u16),
            Self::Int32 => f64::from(whole as i32),
            Self::UInt32 => f64::from(whole as u32),
            Self::Int64 => whole as f64,
            Self::UInt64 => (number as u64) as f64,
            Self::Float32 => f64::from(number as f32),
            Self::Float64 => number,
        }
    }
}

/// How the colours of a pixel are laid out, as the states of a plugin's `ColorMode` name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Mono = 0,
    /// Colour by colour.
    Rgb1 = 2,
    /// Row by row of each colour.
    Rgb2 = 3,
    /// Image by image of each colour.
    Rgb3 = 4,
}

impl Colours {
    /// Of the states of a simulated detector's own `ColorMode`.
    pub(super) fn of_simulator(state: f64) -> Self {
        match state as i64 {
            1 => Self::Rgb1,
            2 => Self::Rgb2,
            3 => Self::Rgb3,
            _ => Self::Mono,
        }
    }

    /// How many colours there are.
    pub(super) const fn count(self) -> usize {
        if matches!(self, Self::Mono) { 1 } else { 3 }
    }

    /// The sizes of the dimensions, the fastest first.
    pub(super) fn sizes(self, width: usize, height: usize) -> Vec<usize> {
        match self {
            Self::Mono => vec![width, height],
            Self::Rgb1 => vec![3, width, height],
            Self::Rgb2 => vec![width, 3, height],
            Self::Rgb3 => vec![width, height, 3],
        }
    }
}

/// Pixels.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Image {
    pub(super) kind: Type,
    pub(super) colours: Colours,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Arc<[f64]>,
}

/// A part of an image, and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Region {
    pub(super) x: Side,
    pub(super) y: Side,
}

/// A part along one side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Side {
    /// The first pixel.
    pub(super) first: usize,
    /// How many pixels.
    pub(super) size: usize,
    /// How many pixels become one.
    pub(super) bin: usize,
    /// Whether the last becomes the first.
    pub(super) reversed: bool,
}

impl Side {
    /// All of so many pixels.
    pub(super) const fn whole(size: usize) -> Self {
        Self {
            first: 0,
            size,
            bin: 1,
            reversed: false,
        }
    }

    /// How many pixels are left.
    pub(super) const fn left(self) -> usize {
        self.size / self.bin
    }

    /// Where the pixels that become one begin.
    const fn begin(self, at: usize) -> usize {
        let at = if self.reversed { self.left() - 1 - at } else { at };
        self.first + at * self.bin
    }
}

impl Image {
    /// An image whose pixels a function gives, by colour, column and row.
    pub(super) fn from_fn(
        kind: Type,
        colours: Colours,
        (width, height): (usize, usize),
        mut value: impl FnMut(usize, usize, usize) -> f64,
    ) -> Self {
        let image = Self {
            kind,
            colours,
            width,
            height,
            values: [].into(),
        };
        let mut values = vec![0.0; width * height * colours.count()];
        for y in 0..height {
            for x in 0..width {
                for colour in 0..colours.count() {
                    values[image.place(colour, x, y)] = value(colour, x, y);
                }
            }
        }
        Self {
            values: values.into(),
            ..image
        }
    }

    const fn place(&self, colour: usize, x: usize, y: usize) -> usize {
        match self.colours {
            Colours::Mono => y * self.width + x,
            Colours::Rgb1 => (y * self.width + x) * 3 + colour,
            Colours::Rgb2 => (y * 3 + colour) * self.width + x,
            Colours::Rgb3 => (colour * self.height + y) * self.width + x,
        }
    }

    /// A pixel.
    pub(super) fn at(&self, colour: usize, x: usize, y: usize) -> f64 {
        self.values[self.place(colour, x, y)]
    }

    /// The sizes of its dimensions, the fastest first.
    pub(super) fn sizes(&self) -> Vec<usize> {
        self.colours.sizes(self.width, self.height)
    }

    /// How large it is.
    pub(super) fn bytes(&self) -> usize {
        self.values.len() * self.kind.bytes()
    }

    /// The same pixels, each changed and of another type.
    pub(super) fn with(&self, kind: Type, change: impl Fn(f64) -> f64) -> Self {
        let values = self.values.iter().map(|&value| kind.fit(change(value)));
        Self {
            kind,
            values: values.collect(),
            ..self.clone()
        }
    }

    /// The same image with pixels of another type.
    pub(super) fn of_type(&self, kind: Type) -> Self {
        if kind == self.kind {
            return self.clone();
        }
        self.with(kind, |value| value)
    }

    /// One of its colours.
    pub(super) fn colour(&self, colour: usize) -> Self {
        let size = (self.width, self.height);
        Self::from_fn(self.kind, Colours::Mono, size, |_, x, y| self.at(colour, x, y))
    }

    /// A part of it; pixels that become one are added.
    pub(super) fn part(&self, Region { x, y }: Region) -> Self {
        if x == Side::whole(self.width) && y == Side::whole(self.height) {
            return self.clone();
        }
        let size = (x.left(), y.left());
        Self::from_fn(self.kind, self.colours, size, |colour, column, row| {
            let mut sum = 0.0;
            for dy in 0..y.bin {
                for dx in 0..x.bin {
                    sum += self.at(colour, x.begin(column) + dx, y.begin(row) + dy);
                }
            }
            self.kind.fit(sum)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_begins_anew() {
        assert_eq!(Type::UInt8.fit(258.9), 2.0);
        assert_eq!(Type::Int8.fit(130.0), -126.0);
        assert_eq!(Type::UInt16.fit(-1.0), 65_535.0);
        assert_eq!(Type::Float64.fit(0.5), 0.5);
        assert_eq!(Type::of(4.0), Type::Int32);
        assert_eq!(Type::Int32.state(), 4.0);
    }

    #[test]
    fn a_part_is_binned_and_reversed() {
        let value = |_, x: usize, y: usize| (10 * y + x) as f64;
        let image = Image::from_fn(Type::Int32, Colours::Mono, (4, 3), value);
        let side = |first, size, bin, reversed| Side {
            first,
            size,
            bin,
            reversed,
        };
        let region = Region {
            x: side(0, 4, 2, true),
            y: side(1, 2, 1, false),
        };
        let part = image.part(region);
        assert_eq!((part.width, part.height), (2, 2));
        assert_eq!(part.values.as_ref(), [25.0, 21.0, 45.0, 41.0]);
    }

    #[test]
    fn colours_lie_where_their_mode_says() {
        let value = |colour, x, y| (100 * colour + 10 * y + x) as f64;
        let values = |colours| Image::from_fn(Type::Int32, colours, (2, 2), value).values;
        assert_eq!(values(Colours::Rgb1)[..6], [0.0, 100.0, 200.0, 1.0, 101.0, 201.0]);
        assert_eq!(values(Colours::Rgb2)[..6], [0.0, 1.0, 100.0, 101.0, 200.0, 201.0]);
        assert_eq!(values(Colours::Rgb3)[..6], [0.0, 1.0, 10.0, 11.0, 100.0, 101.0]);
    }
}
