//! Tests of the public functions: files in, pixels or errors out.
// clippy.toml lets tests unwrap, but not the functions tests share.
#![allow(clippy::unwrap_used)]

mod anything;
mod bombs;
mod damage;
mod maps;
mod photos;
mod pngs;

use facemask_image::Limits;

/// The default limits.
fn limits() -> Limits {
    Limits::default()
}

/// Decodes a photo under the default limits.
fn photo(data: &[u8]) -> facemask_core::error::Result<facemask_image::RgbImage> {
    facemask_image::decode_image(data, &limits())
}

/// Decodes a label map under the default limits with no palette.
fn map(data: &[u8]) -> facemask_core::error::Result<facemask_image::LabelImage> {
    facemask_image::decode_label_map(data, &limits(), None)
}

/// A JPEG of two halves, red-ish and blue-ish, made by `set`.
fn jpeg(width: u16, height: u16, set: impl FnOnce(&mut jpeg_encoder::Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, 92);
    set(&mut encoder);
    encoder.encode(&halves(width, height), width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    out
}

const LEFT: [u8; 3] = [200, 40, 60];
const RIGHT: [u8; 3] = [20, 90, 220];

/// RGB pixels: the left half [`LEFT`], the right half [`RIGHT`].
fn halves(width: u16, height: u16) -> Vec<u8> {
    let row = (0..width).flat_map(|x| if x < width / 2 { LEFT } else { RIGHT });
    row.collect::<Vec<u8>>().repeat(usize::from(height))
}

/// A lossless WebP.
fn webp(width: u32, height: u32, pixels: &[u8], color: image_webp::ColorType) -> Vec<u8> {
    let mut out = Vec::new();
    image_webp::WebPEncoder::new(&mut out).encode(pixels, width, height, color).unwrap();
    out
}

/// Every file in tests/fixtures.
fn fixtures() -> Vec<(&'static str, &'static [u8])> {
    macro_rules! list {
        ($($name:literal),* $(,)?) => { vec![$(($name, &include_bytes!(concat!("../fixtures/", $name))[..])),*] };
    }
    list![
        "animated.png",
        "animated.webp",
        "baseline.jpg",
        "cmyk.jpg",
        "grey.jpg",
        "lossless_alpha.webp",
        "lossless_exif6.webp",
        "lossy.webp",
        "lossy_alpha.webp",
        "noise.webp",
        "progressive.jpg",
        "progressive_noise.jpg",
        "restarts.jpg",
    ]
}

fn fixture(name: &str) -> &'static [u8] {
    fixtures().into_iter().find(|(file, _)| *file == name).unwrap().1
}
