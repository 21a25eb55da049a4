//! What each kind of photo looks like.

use facemask_core::error::ErrorKind;
use facemask_core::raster::PixelRect;
use facemask_image::{Format, Orientation, decode_image_part, encode_jpeg, inspect_image, read_header};

use super::pngs::{GREY, GREY_ALPHA, PALETTE, Png, RGB, RGBA, chunk, filtered, small_map};
use super::{LEFT, RIGHT, fixture, halves, jpeg, limits, photo, webp};

/// The pixels of the PNG, plain and interlaced alike.
fn pixels(png: &Png) -> Vec<[u8; 3]> {
    let plain = photo(&png.file()).unwrap();
    assert_eq!(plain, photo(&png.clone().interlaced().file()).unwrap());
    plain.pixels.chunks(3).map(|p| [p[0], p[1], p[2]]).collect()
}

/// A TIFF block that asks for an orientation.
fn exif(value: u8) -> Vec<u8> {
    [b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", &[value, 0, 0, 0, 0, 0, 0][..]].concat()
}

#[track_caller]
fn assert_near(seen: &[u8], expected: [u8; 3], tolerance: u8) {
    let near = seen.iter().zip(expected).all(|(&a, b)| a.abs_diff(b) <= tolerance);
    assert!(near, "{seen:?} is not near {expected:?}");
}

/// The picture is [`LEFT`] beside [`RIGHT`] up to a codec's loss.
#[track_caller]
fn assert_halves(file: &[u8], width: u32, height: u32, tolerance: u8) {
    let image = photo(file).unwrap();
    assert_eq!((image.width, image.height), (width, height));
    let row = &image.pixels[(height / 2 * width) as usize * 3..];
    assert_near(&row[6..9], LEFT, tolerance);
    assert_near(&row[(width as usize - 3) * 3..][..3], RIGHT, tolerance);
}

#[test]
fn png_samples_of_every_depth_become_eight_bits() {
    assert_eq!(pixels(&Png::new(GREY, 1, 2, 1, vec![0, 1])), [[0; 3], [255; 3]]);
    assert_eq!(pixels(&Png::new(GREY, 2, 4, 1, vec![0, 1, 2, 3])), [[0; 3], [85; 3], [170; 3], [255; 3]]);
    assert_eq!(pixels(&Png::new(GREY, 4, 3, 1, vec![0, 7, 15])), [[0; 3], [119; 3], [255; 3]]);
    assert_eq!(pixels(&Png::new(GREY, 8, 2, 1, vec![3, 200])), [[3; 3], [200; 3]]);
    let deep = vec![0, 128, 129, 65_535, 257 * 7, 65_535 - 129];
    assert_eq!(pixels(&Png::new(GREY, 16, 6, 1, deep)), [[0; 3], [0; 3], [1; 3], [255; 3], [7; 3], [254; 3]]);
    assert_eq!(pixels(&Png::new(RGB, 8, 2, 1, vec![1, 2, 3, 4, 5, 6])), [[1, 2, 3], [4, 5, 6]]);
    assert_eq!(pixels(&Png::new(RGB, 16, 1, 1, vec![257, 514, 771])), [[1, 2, 3]]);
}

#[test]
fn transparent_pixels_are_laid_over_white() {
    assert_eq!(
        pixels(&Png::new(GREY_ALPHA, 8, 3, 1, vec![9, 255, 9, 0, 0, 51])),
        [[9; 3], [255; 3], [204; 3]]
    );
    let rgba = vec![1, 2, 3, 255, 1, 2, 3, 0];
    assert_eq!(pixels(&Png::new(RGBA, 8, 2, 1, rgba)), [[1, 2, 3], [255; 3]]);
    let deep = vec![257, 514, 771, 65_535, 257, 514, 771, 0];
    assert_eq!(pixels(&Png::new(RGBA, 16, 2, 1, deep)), [[1, 2, 3], [255; 3]]);
    let keyed = Png::new(RGB, 8, 2, 1, vec![1, 2, 3, 1, 2, 4]).transparency(&[0, 1, 0, 2, 0, 3]);
    assert_eq!(pixels(&keyed), [[255; 3], [1, 2, 4]]);
    assert_eq!(pixels(&Png::new(GREY, 4, 2, 1, vec![5, 6]).transparency(&[0, 5])), [[255; 3], [102; 3]]);
}

#[test]
fn palette_indices_become_colours() {
    let png = Png::new(PALETTE, 2, 3, 1, vec![2, 0, 1]).palette(&[[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
    assert_eq!(pixels(&png), [[7, 8, 9], [1, 2, 3], [4, 5, 6]]);
    assert_eq!(pixels(&png.clone().transparency(&[255, 0])), [[7, 8, 9], [1, 2, 3], [255; 3]]);
    let error = photo(&Png { samples: vec![0, 3, 1], ..png }.file()).unwrap_err();
    assert!(error.detail.contains("pixel (1, 0) has palette index 3"), "{error}");
}

#[test]
fn filtered_png_rows_are_undone() {
    let bytes: Vec<u8> = (0..40_u32 * 30 * 3).map(|i| (i / 9 + i % 5 * (i / 300)) as u8).collect();
    assert_eq!(photo(&filtered(40, 30, &bytes, png::ColorType::Rgb)).unwrap().pixels, bytes);
}

#[test]
fn jpegs_of_every_kind_are_read() {
    for name in ["baseline.jpg", "progressive.jpg", "restarts.jpg"] {
        assert_halves(fixture(name), 24, 16, 6);
    }
    assert_halves(&jpeg(37, 21, |_| {}), 37, 21, 6);
    assert_halves(&jpeg(37, 21, |e| e.set_progressive(true)), 37, 21, 6);
    assert_halves(&jpeg(37, 21, |e| e.set_sampling_factor(jpeg_encoder::SamplingFactor::R_4_2_0)), 37, 21, 6);
    assert_halves(&jpeg(64, 64, |e| e.set_restart_interval(2)), 64, 64, 6);
    assert_halves(&encode_jpeg(32, 16, &halves(32, 16), 90).unwrap(), 32, 16, 8);
    let grey = photo(fixture("grey.jpg")).unwrap();
    assert_near(&grey.pixels[..3], [90; 3], 4);
    assert!(grey.pixels.chunks(3).all(|p| p[0] == p[1] && p[1] == p[2]));
}

#[test]
fn cmyk_and_ycck_become_rgb() {
    assert_halves(fixture("cmyk.jpg"), 24, 16, 8);
    // The Adobe convention: stored inverted, 255 is no ink.
    let inks: Vec<u8> =
        halves(24, 16).chunks(3).flat_map(|p| [255 - p[0], 255 - p[1], 255 - p[2], 0]).collect();
    for colour in [jpeg_encoder::ColorType::Cmyk, jpeg_encoder::ColorType::CmykAsYcck] {
        let mut file = Vec::new();
        jpeg_encoder::Encoder::new(&mut file, 95).encode(&inks, 24, 16, colour).unwrap();
        assert_halves(&file, 24, 16, 8);
    }
}

#[test]
fn webps_of_every_kind_are_read() {
    assert_halves(fixture("lossy.webp"), 24, 16, 12);
    let exact = webp(24, 16, &halves(24, 16), image_webp::ColorType::Rgb8);
    assert_eq!(photo(&exact).unwrap().pixels, halves(24, 16));
    let alpha = photo(fixture("lossless_alpha.webp")).unwrap();
    assert_eq!(&alpha.pixels[..3], [253, 248, 249], "(200, 40, 60) with alpha 8 over white");
    assert!(photo(fixture("lossy_alpha.webp")).unwrap().pixels[0] > 230);
}

#[test]
fn an_animated_png_is_its_still_picture_and_an_animated_webp_is_refused() {
    assert_eq!(photo(fixture("animated.png")).unwrap().pixels, halves(24, 16));
    assert_eq!(photo(fixture("animated.webp")).unwrap_err().kind, ErrorKind::ImageUnsupported);
    assert_eq!(
        inspect_image(fixture("animated.webp"), &limits()).unwrap_err().kind,
        ErrorKind::ImageUnsupported
    );
}

#[test]
fn exif_turns_pngs_and_webps() {
    let samples: Vec<u16> = (0..18).collect();
    let png = Png::new(RGB, 8, 3, 2, samples.clone());
    let stored: Vec<u8> = samples.iter().map(|&v| v as u8).collect();
    let compressed = fdeflate::compress_to_vec(&png.stream());
    for orientation in Orientation::ALL {
        let file = png.file_with(&compressed, &[chunk(b"eXIf", &exif(orientation.exif()))]);
        let info = inspect_image(&file, &limits()).unwrap();
        assert_eq!(
            (info.orientation, info.width, info.height, info.format),
            (orientation, 3, 2, Format::Png)
        );
        let image = photo(&file).unwrap();
        assert_eq!((image.width, image.height), info.oriented_size());
        assert_eq!(image.pixels, orientation.apply_to_pixels::<3>(3, 2, stored.clone()));
    }
    let info = read_header(fixture("lossless_exif6.webp"), &limits()).unwrap();
    assert_eq!((info.orientation, info.oriented_size()), (Orientation::Rotate90, (16, 24)));
    let image = photo(fixture("lossless_exif6.webp")).unwrap();
    assert_eq!((image.width, &image.pixels[..3]), (16, &LEFT[..]));
    assert_eq!(&image.pixels[image.pixels.len() - 3..], RIGHT);
}

/// Parts of a photo, in its corners, along its sides, beyond them and nowhere, are those of the whole.
fn assert_parts(file: &[u8]) {
    let whole = photo(file).unwrap();
    let parts = [(0, 0), (0, 1), (3, 9), (8, 17), (0, 23), (16, 17), (22, 23), (9, 100), (50, 60), (5, 2)];
    for (columns, rows) in parts.iter().flat_map(|x| parts.iter().map(move |y| (x.0..x.1, y.0..y.1))) {
        let needed = PixelRect { columns, rows };
        let part = decode_image_part(file, &limits(), &needed).unwrap();
        assert_eq!((part.width, part.height), (whole.width, whole.height));
        for (i, (pixel, expected)) in part.pixels.chunks(3).zip(whole.pixels.chunks(3)).enumerate() {
            let (x, y) = (i as u32 % whole.width, i as u32 / whole.width);
            let is_needed = needed.columns.contains(&x) && needed.rows.contains(&y);
            assert!(!is_needed || pixel == expected, "{needed:?} {x} {y}");
        }
    }
}

#[test]
fn a_part_is_that_of_the_whole_photo() {
    let samples: Vec<u16> = (0..17 * 23 * 3).map(|i| i * 37 % 256).collect();
    let bytes: Vec<u8> = samples.iter().map(|&sample| sample as u8).collect();
    assert_parts(&filtered(17, 23, &bytes, png::ColorType::Rgb));
    let colours = Png::new(RGB, 8, 17, 23, samples.clone());
    let bits =
        Png::new(GREY, 1, 17, 23, samples.iter().take(17 * 23).map(|sample| sample / 16 % 2).collect());
    for orientation in Orientation::ALL {
        for png in [colours.clone(), colours.clone().interlaced(), bits.clone()] {
            let compressed = fdeflate::compress_to_vec(&png.stream());
            assert_parts(&png.file_with(&compressed, &[chunk(b"eXIf", &exif(orientation.exif()))]));
        }
    }
}

#[test]
fn a_photo_is_not_read_behind_the_last_pixel_that_is_needed() {
    let png = Png::new(RGB, 8, 300, 2000, (0..300 * 2000 * 3_u32).map(|i| (i * 37 % 251) as u16).collect());
    let half = fdeflate::compress_to_vec(&png.stream()[..1000 * 901]);
    let file = png.file_with(&half, &[]);
    let part = |columns, rows| decode_image_part(&file, &limits(), &PixelRect { columns, rows });
    assert!(photo(&file).unwrap_err().detail.contains("ends after 901000 bytes"));
    assert_eq!(part(0..300, 900..1001).unwrap_err().kind, ErrorKind::ImageCorrupt);
    let found = part(0..300, 900..1000).unwrap();
    assert_eq!(found.pixels[..900 * 900], vec![0; 900 * 900]);
    assert_eq!(found.pixels[1000 * 900..], vec![0; 1000 * 900]);
    assert_eq!(u32::from(found.pixels[999 * 900]), 999 * 900 * 37 % 251);
    let found = part(10..20, 900..1000).unwrap();
    assert_eq!(found.pixels[999 * 900 + 3 * 20..999 * 900 + 900], [0; 840]);
    assert_eq!(u32::from(found.pixels[999 * 900 + 3 * 19]), (999 * 900 + 57) * 37 % 251);
}

#[test]
fn rows_that_a_cut_file_still_holds_are_read() {
    let (width, height) = (300, 600);
    let stride = 1 + 3 * width as usize;
    let png = Png::new(RGB, 8, width, height, vec![0; 300 * 600 * 3]);
    let whole = fdeflate::compress_to_vec(&png.stream());
    for cut in (whole.len() / 4..whole.len() - 8).step_by(9) {
        let file = png.file_with(&whole[..cut], &[]);
        let told = photo(&file).unwrap_err().detail;
        let bytes: usize =
            told.split("ends after ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let held = (bytes / stride) as u32;
        let part = |rows| decode_image_part(&file, &limits(), &PixelRect { columns: 0..width, rows });
        assert!(part(held - 1..held).is_ok(), "cut at {cut}, {held} rows");
        assert_eq!(part(held..held + 1).unwrap_err().kind, ErrorKind::ImageCorrupt, "cut at {cut}");
    }
}

#[test]
fn exif_turns_jpegs() {
    for orientation in Orientation::ALL {
        let file = jpeg(32, 16, |e| e.add_exif_metadata(&exif(orientation.exif())).unwrap());
        let info = read_header(&file, &limits()).unwrap();
        assert_eq!((info.orientation, info.format), (orientation, Format::Jpeg));
        let image = photo(&file).unwrap();
        assert_eq!((image.width, image.height), info.oriented_size());
        // Where the stored pixel (2, 2) has gone.
        let at = orientation.affine(32, 16).apply(facemask_core::geometry::Point::new(2.5, 2.5));
        let index = (at.y as usize * image.width as usize + at.x as usize) * 3;
        assert_near(&image.pixels[index..index + 3], LEFT, 6);
    }
}

#[test]
fn a_broken_exif_block_turns_nothing() {
    let png = small_map();
    let compressed = fdeflate::compress_to_vec(&png.stream());
    for block in [&b""[..], b"MM", b"garbage garbage", &exif(9), &exif(6)[..12]] {
        let file = png.file_with(&compressed, &[chunk(b"eXIf", block)]);
        assert_eq!(inspect_image(&file, &limits()).unwrap().orientation, Orientation::Upright);
        let file = jpeg(8, 8, |e| e.add_exif_metadata(block).unwrap());
        assert_eq!(inspect_image(&file, &limits()).unwrap().orientation, Orientation::Upright);
        photo(&file).unwrap();
    }
}

#[test]
fn bytes_behind_the_picture_are_let_pass() {
    let files = [small_map().file(), jpeg(16, 16, |_| {}), fixture("lossy.webp").to_vec()];
    for file in files {
        let image = photo(&file).unwrap();
        let longer = [&file[..], b"a preview the camera put here"].concat();
        assert_eq!(photo(&longer).unwrap(), image);
    }
}

#[test]
fn rare_jpegs_are_refused_with_their_kind() {
    let file = jpeg(8, 8, |_| {});
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    for marker in [0xc3, 0xc5, 0xc9, 0xcf] {
        let mut rare = file.clone();
        rare[frame + 1] = marker;
        let error = read_header(&rare, &limits()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::ImageUnsupported);
        assert!(error.detail.contains(&format!("ff{marker:02x}")), "{error}");
    }
    let mut deep = file;
    deep[frame + 4] = 12;
    assert!(read_header(&deep, &limits()).unwrap_err().detail.contains("12 bits"));
}
