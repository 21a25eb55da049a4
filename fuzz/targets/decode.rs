//! Arbitrary bytes as a photo, as a label map, as base64 and as JSON with base64: a value or an error, never a panic.
//! libfuzzer-sys aborts on every panic, also on those of codecs that `facemask_image` converts to errors.
#![no_main]

use facemask_image::{
    Limits, base64, decode_image, decode_label_map, extract_base64, inspect_image, read_header,
    read_map_header,
};
use libfuzzer_sys::fuzz_target;

/// Small pictures are as damaged as large ones, and faster.
const LIMITS: Limits = Limits { max_pixels: 1 << 20, max_decode_pixels: 1 << 18 };

fuzz_target!(|data: &[u8]| {
    let _ = read_header(data, &LIMITS);
    let _ = read_map_header(data, &LIMITS);
    if let Ok(info) = inspect_image(data, &LIMITS) {
        if let Ok(photo) = decode_image(data, &LIMITS) {
            assert_eq!((photo.width, photo.height), info.oriented_size());
            assert_eq!(photo.pixels.len(), photo.width as usize * photo.height as usize * 3);
        }
        let _ = facemask_image::similarity::luma_thumbnail(data, &LIMITS);
    }
    if let Ok(map) = decode_label_map(data, &LIMITS, None) {
        assert_eq!(map.labels.len(), map.width as usize * map.height as usize);
    }
    if let Some(extraction) = extract_base64(data, "@") {
        assert!(extraction.text.len() < data.len() && !extraction.files.is_empty());
    }
    if let Ok(bytes) = base64::decode(data, "image") {
        assert_eq!(base64::decode(base64::encode(&bytes).as_bytes(), "image").as_deref(), Ok(&bytes[..]));
    }
});
