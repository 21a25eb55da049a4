//! Label ids of every kind of label map file.

use facemask_core::error::ErrorKind;
use facemask_image::{
    MapEncoding, MapFormat, MapHeader, celebamask_hq, decode_label_map, pascal_voc, read_map_header,
};

use super::pngs::{GRAY, GRAY_ALPHA, PALETTE, Png, RGB, RGBA, filtered, small_map};
use super::{fixture, jpeg, limits, map, webp};

/// Decodes the PNG plain and interlaced, expecting the same.
fn ids(png: &Png) -> (Vec<u8>, MapEncoding) {
    let plain = map(&png.file()).unwrap();
    let interlaced = map(&png.clone().interlaced().file()).unwrap();
    assert_eq!(plain, interlaced);
    assert_eq!((plain.width, plain.height), (png.width, png.height));
    (plain.labels, plain.encoding)
}

#[test]
fn grey_samples_are_ids_at_every_depth() {
    for depth in [1, 2, 4, 8] {
        let samples: Vec<u16> = (0..11 * 9).map(|i| i % 200 % (1 << depth)).collect();
        let expected: Vec<u8> = samples.iter().map(|&v| v as u8).collect();
        assert_eq!(
            ids(&Png::new(GRAY, depth, 11, 9, samples)),
            (expected, MapEncoding::Gray),
            "{depth} bits"
        );
    }
    let deep: Vec<u16> = (0..256).collect();
    let expected: Vec<u8> = (0..=255).collect();
    assert_eq!(ids(&Png::new(GRAY, 16, 32, 8, deep)), (expected, MapEncoding::Gray));
}

#[test]
fn a_deep_grey_above_255_is_named() {
    for png in [
        Png::new(GRAY, 16, 3, 2, vec![0, 1, 2, 3, 257, 5]),
        Png::new(RGB, 16, 3, 2, [0, 1, 2, 3, 257, 5].iter().flat_map(|&v| [v; 3]).collect()),
    ] {
        for file in [png.file(), png.clone().interlaced().file()] {
            let error = map(&file).unwrap_err();
            assert_eq!((error.kind, error.field.as_str()), (ErrorKind::MapInvalid, "labels"));
            assert!(error.detail.contains("pixel (1, 1) has the value 257"), "{error}");
        }
    }
}

#[test]
fn palette_indices_are_ids_whatever_their_colours() {
    for depth in [1, 2, 4, 8] {
        let count = 1_usize << depth;
        let samples: Vec<u16> = (0..77).map(|i| i * 3 % 256 % count as u16).collect();
        let expected: Vec<u8> = samples.iter().map(|&v| v as u8).collect();
        // All colors alike, all transparent: only the index can tell the pixels apart.
        let png = Png::new(PALETTE, depth, 11, 7, samples)
            .palette(&vec![[255, 255, 255]; count])
            .transparency(&vec![0; count]);
        assert_eq!(ids(&png), (expected, MapEncoding::Palette), "{depth} bits");
    }
    let binary_like = Png::new(PALETTE, 8, 2, 1, vec![0, 255]);
    assert_eq!(ids(&binary_like), (vec![0, 255], MapEncoding::Palette));
}

/// A palette PNG of one row that uses every color once, in the order of the palette.
fn in_order(colors: &[[u8; 3]]) -> Png {
    let count = colors.len() as u16;
    Png::new(PALETTE, 8, u32::from(count), 1, (0..count).collect()).palette(colors)
}

#[test]
fn a_reordered_palette_is_read_by_its_colours() {
    let ids = [13, 1, 17, 0, 4, 5, 10, 12];
    let table = celebamask_hq().colors;
    let colors = ids.map(|id: u8| table[usize::from(id)]);
    let decoded = map(&in_order(&colors).file()).unwrap();
    assert_eq!((decoded.labels, decoded.encoding), (ids.to_vec(), MapEncoding::Colors));
    assert_eq!(
        decoded.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(),
        ["map_palette_reordered"]
    );
    assert!(decoded.warnings[0].detail.contains("CelebAMask-HQ"));

    let grays = [[3; 3], [0; 3], [10; 3], [17; 3]];
    let decoded = map(&in_order(&grays).interlaced().file()).unwrap();
    assert_eq!((decoded.labels, decoded.encoding), (vec![3, 0, 10, 17], MapEncoding::GrayAsRgb));
    assert_eq!(decoded.warnings[0].code, "map_palette_reordered");
}

#[test]
fn a_given_palette_counts_for_palette_files_too() {
    let colors = [[7; 3], [0; 3], [1, 2, 3]];
    let decoded = decode_label_map(&in_order(&colors).file(), &limits(), Some(&colors[1..])).unwrap_err();
    assert!(decoded.detail.contains("pixel (0, 0) has the colour #070707"), "{decoded}");
    let given = [[1, 2, 3], [0; 3], [7; 3]];
    let decoded = decode_label_map(&in_order(&colors).file(), &limits(), Some(&given)).unwrap();
    assert_eq!((decoded.labels, decoded.encoding), (vec![2, 1, 0], MapEncoding::Colors));
    assert_eq!(decoded.warnings, []);
}

#[test]
fn ids_under_transparent_pixels_of_a_webp_are_missed() {
    let decode = |pixels: &[[u8; 4]]| {
        map(&webp(pixels.len() as u32, 1, pixels.as_flattened(), image_webp::ColorType::Rgba8))
    };
    let codes = |pixels: &[[u8; 4]]| -> Vec<&str> {
        decode(pixels).unwrap().warnings.iter().map(|warning| warning.code).collect()
    };
    let (background, hidden, nose) = ([0, 0, 0, 255], [0; 4], [6, 6, 6, 255]);
    assert_eq!(codes(&[hidden, nose]), [""; 0], "a background that is transparent");
    assert_eq!(codes(&[hidden, nose, background]), ["map_hidden_pixels"]);
    assert_eq!(codes(&[hidden, nose, background, [6, 6, 6, 0]]), [""; 0], "the encoder kept the ids");
    let error = decode(&[hidden; 3]).unwrap_err();
    assert_eq!((error.kind, error.field.as_str()), (ErrorKind::MapInvalid, "labels"));
    assert!(error.detail.contains("PNG"), "{error}");
}

#[test]
fn an_index_beyond_the_palette_is_refused() {
    let png = Png::new(PALETTE, 8, 3, 1, vec![0, 1, 2]).palette(&[[0; 3], [9; 3]]);
    let error = map(&png.file()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::MapInvalid);
    assert!(error.detail.contains("pixel (2, 0) has the palette index 2"), "{error}");
}

#[test]
fn equal_channels_are_ids_and_alpha_is_ignored() {
    let values: Vec<u16> = (0..63).map(|i| i * 4).collect();
    let expected: Vec<u8> = values.iter().map(|&v| v as u8).collect();
    for depth in [8, 16] {
        let rgb = values.iter().flat_map(|&v| [v; 3]).collect();
        let rgba = values.iter().enumerate().flat_map(|(i, &v)| [v, v, v, i as u16]).collect();
        let grey_alpha = values.iter().enumerate().flat_map(|(i, &v)| [v, i as u16]).collect();
        assert_eq!(ids(&Png::new(RGB, depth, 9, 7, rgb)), (expected.clone(), MapEncoding::GrayAsRgb));
        assert_eq!(ids(&Png::new(RGBA, depth, 9, 7, rgba)), (expected.clone(), MapEncoding::GrayAsRgb));
        assert_eq!(
            ids(&Png::new(GRAY_ALPHA, depth, 9, 7, grey_alpha)),
            (expected.clone(), MapEncoding::Gray)
        );
    }
}

#[test]
fn colours_of_known_palettes_are_ids() {
    for palette in [celebamask_hq().colors, pascal_voc().colors] {
        let samples: Vec<u16> = palette.iter().flatten().map(|&v| u16::from(v)).collect();
        let deep = samples.iter().map(|v| v * 257).collect();
        let expected: Vec<u8> = (0..palette.len()).map(|id| id as u8).collect();
        let width = palette.len() as u32;
        assert_eq!(ids(&Png::new(RGB, 8, width, 1, samples)), (expected.clone(), MapEncoding::Colors));
        assert_eq!(ids(&Png::new(RGB, 16, width, 1, deep)), (expected, MapEncoding::Colors));
    }
}

#[test]
fn a_given_palette_rules_over_everything_for_rgb_and_nothing_else() {
    let palette = [[9, 9, 9], [1, 2, 3], [255, 255, 255], [0, 0, 0]];
    let grays = Png::new(RGB, 8, 3, 1, vec![0, 0, 0, 255, 255, 255, 9, 9, 9]);
    let decoded = decode_label_map(&grays.file(), &limits(), Some(&palette)).unwrap();
    assert_eq!((decoded.labels, decoded.encoding), (vec![3, 2, 0], MapEncoding::Colors));
    let gray = Png::new(GRAY, 8, 3, 1, vec![0, 2, 9]);
    let decoded = decode_label_map(&gray.file(), &limits(), Some(&palette)).unwrap();
    assert_eq!((decoded.labels, decoded.encoding), (vec![0, 2, 9], MapEncoding::Gray));

    let unknown = Png::new(RGB, 8, 2, 1, vec![0, 0, 0, 4, 5, 6]);
    let error = decode_label_map(&unknown.file(), &limits(), Some(&palette)).unwrap_err();
    assert!(error.detail.contains("pixel (1, 0) has the colour #040506"), "{error}");
    for palette in [&[][..], &[[0; 3]; 257]] {
        let error = decode_label_map(&grays.file(), &limits(), Some(palette)).unwrap_err();
        assert_eq!((error.kind, error.field.as_str()), (ErrorKind::OptionInvalid, "palette"));
    }
}

#[test]
fn an_unknown_colour_and_a_photo_are_refused() {
    let unknown = Png::new(RGB, 8, 2, 2, vec![0, 0, 0, 204, 0, 0, 204, 0, 1, 0, 0, 0]);
    for file in [unknown.file(), unknown.clone().interlaced().file()] {
        let error = map(&file).unwrap_err();
        assert_eq!(error.kind, ErrorKind::MapInvalid);
        assert!(error.detail.contains("pixel (0, 1) has the colour #cc0001"), "{error}");
    }
    let photo = Png::new(RGB, 8, 300, 1, (0..300).flat_map(|i| [i % 256, i / 256, 77]).collect());
    let error = map(&photo.file()).unwrap_err();
    assert!(error.detail.contains("more than 256 colours"), "{error}");
}

#[test]
fn black_and_white_is_one_region() {
    assert_eq!(ids(&Png::new(GRAY, 8, 3, 1, vec![0, 255, 0])), (vec![0, 1, 0], MapEncoding::Binary));
    assert_eq!(ids(&Png::new(GRAY, 8, 2, 1, vec![255, 255])), (vec![1, 1], MapEncoding::Binary));
    assert_eq!(ids(&Png::new(GRAY, 8, 2, 1, vec![0, 0])), (vec![0, 0], MapEncoding::Gray));
    let rgb = Png::new(RGB, 8, 2, 1, vec![255, 255, 255, 0, 0, 0]);
    assert_eq!(ids(&rgb), (vec![1, 0], MapEncoding::Binary));
    // White is 65535 with 16 bits: 255 is an id there.
    let deep = Png::new(RGB, 16, 2, 1, vec![255, 255, 255, 0, 0, 0]);
    assert_eq!(ids(&deep), (vec![255, 0], MapEncoding::GrayAsRgb));
    assert_eq!(ids(&Png::new(GRAY, 16, 2, 1, vec![255, 0])), (vec![255, 0], MapEncoding::Gray));
}

#[test]
fn filtered_rows_are_undone() {
    // Smooth and noisy stretches, so that the encoder picks several filters.
    let bytes: Vec<u8> = (0..64_u32 * 48).map(|i| ((i % 64) / 3 + (i / 64) * (i % 7) / 5) as u8).collect();
    assert_eq!(map(&filtered(64, 48, &bytes, png::ColorType::Grayscale)).unwrap().labels, bytes);
}

#[test]
fn every_small_size_can_be_interlaced() {
    for (width, height) in (1..=9).flat_map(|w| (1..=9).map(move |h| (w, h))) {
        let samples = (0..width * height).map(|i| (i % 250) as u16).collect();
        ids(&Png::new(GRAY, 8, width, height, samples));
    }
}

#[test]
fn lossless_webp_is_read_and_lossy_files_are_not() {
    let grays: Vec<u8> = (0..12).flat_map(|i| [i; 3]).collect();
    let file = webp(4, 3, &grays, image_webp::ColorType::Rgb8);
    assert_eq!(
        read_map_header(&file, &limits()).unwrap(),
        MapHeader { format: MapFormat::WebP, width: 4, height: 3 }
    );
    let decoded = map(&file).unwrap();
    assert_eq!((decoded.labels, decoded.encoding), ((0..12).collect(), MapEncoding::GrayAsRgb));

    let colors: Vec<u8> = celebamask_hq().colors.iter().flat_map(|c| [c[0], c[1], c[2], 128]).collect();
    let decoded = map(&webp(19, 1, &colors, image_webp::ColorType::Rgba8)).unwrap();
    assert_eq!((decoded.labels, decoded.encoding), ((0..19).collect(), MapEncoding::Colors));

    let lossy = [jpeg(8, 8, |_| {}), fixture("lossy.webp").to_vec(), fixture("lossy_alpha.webp").to_vec()];
    for file in lossy {
        assert_eq!(map(&file).unwrap_err().kind, ErrorKind::MapNotLossless);
        assert_eq!(read_map_header(&file, &limits()).unwrap_err().kind, ErrorKind::MapNotLossless);
    }
    assert_eq!(map(fixture("animated.webp")).unwrap_err().kind, ErrorKind::MapUnsupported);
}

#[test]
fn the_header_says_what_the_map_is() {
    assert_eq!(
        read_map_header(&small_map().file(), &limits()).unwrap(),
        MapHeader { format: MapFormat::Png, width: 7, height: 5 }
    );
    let error = map(b"%PDF-1.7").unwrap_err();
    assert_eq!(error.kind, ErrorKind::MapUnsupported);
    assert!(error.detail.contains("is a PDF document, expected a PNG"), "{error}");
    assert_eq!(map(b"GIF89a").unwrap_err().kind, ErrorKind::MapCorrupt);
    assert!(map(b"").unwrap_err().detail.contains("is empty"));
}

#[test]
fn every_encoding_has_its_own_name() {
    use MapEncoding::{Binary, Colors, Gray, GrayAsRgb, Masks, Palette};
    let names = [Gray, Palette, GrayAsRgb, Colors, Binary, Masks].map(MapEncoding::name);
    assert_eq!(names, ["grey", "palette", "grey_as_rgb", "colours", "binary", "masks"]);
}
