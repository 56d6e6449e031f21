//! What a transformation hands on of an image.

use super::image::Image;

/// The image turned and mirrored as a choice of `Type` says: no, one, two or three quarter turns, and from the fifth
/// on mirrored after them, left for right.
pub(super) fn turned(image: &Image, choice: f64) -> Image {
    let choice = choice as usize;
    let (quarters, mirrored) = (choice % 4, choice >= 4);
    let (width, height) = (image.width, image.height);
    let size = if quarters % 2 == 1 { (height, width) } else { (width, height) };
    Image::from_fn(image.kind, image.colours, size, |colour, x, y| {
        let x = if mirrored { size.0 - 1 - x } else { x };
        let (column, row) = match quarters {
            1 => (y, height - 1 - x),
            2 => (width - 1 - x, height - 1 - y),
            3 => (width - 1 - y, x),
            _ => (x, y),
        };
        image.at(colour, column, row)
    })
}
