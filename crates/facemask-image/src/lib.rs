//! Bytes to pixels: PNG, JPEG and WebP behind limits, EXIF orientation applied, palette indices kept.
#![forbid(unsafe_code)]
