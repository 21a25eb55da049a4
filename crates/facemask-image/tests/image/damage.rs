//! Files that are truncated, damaged, or contradict their header.

use facemask_core::error::{ErrorKind, Result};
use facemask_image::{celebamask_hq, decode_image, inspect_image};

use super::pngs::{GRAY, PALETTE, Png, RGB, chunk, small_map};
use super::{fixture, fixtures, jpeg, limits, map, photo, webp};

/// Every photo file of the tests, small enough to be cut everywhere.
fn photos() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fixtures()
        .into_iter()
        .filter(|(name, _)| *name != "animated.webp")
        .map(|(name, file)| (name.to_owned(), file.to_vec()))
        .collect();
    files.push(("grey png".into(), small_map().file()));
    files.push(("interlaced png".into(), small_map().interlaced().file()));
    files.push((
        "420 jpeg".into(),
        jpeg(20, 20, |e| e.set_sampling_factor(jpeg_encoder::SamplingFactor::R_4_2_0)),
    ));
    files.push(("progressive jpeg".into(), jpeg(20, 20, |e| e.set_progressive(true))));
    files.push(("webp".into(), webp(5, 4, &[7; 60], image_webp::ColorType::Rgb8)));
    files
}

fn maps() -> Vec<Vec<u8>> {
    let colors = celebamask_hq().colors.concat();
    vec![
        small_map().file(),
        small_map().interlaced().file(),
        Png::new(PALETTE, 4, 9, 3, (0..27).map(|i| i % 16).collect()).file(),
        Png::new(RGB, 8, 19, 1, colors.iter().map(|&v| u16::from(v)).collect()).file(),
        webp(19, 1, &colors, image_webp::ColorType::Rgb8),
    ]
}

#[test]
fn a_photo_cut_anywhere_is_refused_by_both() {
    for (name, file) in photos() {
        photo(&file).unwrap();
        for end in 0..file.len() {
            let inspected = inspect_image(&file[..end], &limits()).unwrap_err();
            let expected = if end == 0 { ErrorKind::ImageUnsupported } else { ErrorKind::ImageCorrupt };
            assert_eq!(
                (inspected.kind, inspected.field.as_str()),
                (expected, "image"),
                "{name} cut at {end}"
            );
            assert_eq!(photo(&file[..end]), Err(inspected), "{name} cut at {end}");
        }
    }
}

#[test]
fn a_map_cut_anywhere_is_refused() {
    for file in maps() {
        map(&file).unwrap();
        for end in 1..file.len() {
            let error = map(&file[..end]).unwrap_err();
            assert_eq!(
                (error.kind, error.field.as_str()),
                (ErrorKind::MapCorrupt, "labels"),
                "cut at {end}: {error}"
            );
        }
    }
}

#[test]
fn a_jpeg_cut_in_its_pixels_and_closed_again_is_refused() {
    for set in [
        |_: &mut jpeg_encoder::Encoder<&mut Vec<u8>>| {},
        |e: &mut jpeg_encoder::Encoder<&mut Vec<u8>>| {
            e.set_restart_interval(3);
        },
    ] {
        let noise: Vec<u8> =
            (0..48_u32 * 48 * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
        set(&mut encoder);
        encoder.encode(&noise, 48, 48, jpeg_encoder::ColorType::Rgb).unwrap();
        let start = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 16;
        for end in (start..file.len() - 40).step_by(7) {
            let closed = [&file[..end], &[0xff, 0xd9]].concat();
            assert!(photo(&closed).is_err(), "closed at {end} of {}", file.len());
        }
    }
}

#[test]
fn any_changed_byte_of_a_png_map_is_refused_or_harmless() {
    for file in maps().into_iter().filter(|file| file.starts_with(b"\x89PNG")) {
        let good = map(&file).unwrap();
        for at in 0..file.len() {
            for change in [0x01, 0x20, 0x80, 0xff] {
                let mut bad = file.clone();
                bad[at] ^= change;
                match map(&bad) {
                    Err(error) => assert_eq!(error.field, "labels"),
                    Ok(decoded) => assert_eq!(decoded, good, "byte {at} ^ {change:02x}"),
                }
            }
        }
    }
}

#[test]
fn a_wrong_crc_is_named() {
    let mut file = small_map().file();
    let at = file.windows(4).position(|name| name == b"IDAT").unwrap();
    file[at + 5] ^= 1;
    for error in [map(&file).unwrap_err(), inspect_image(&file, &limits()).unwrap_err()] {
        assert!(error.detail.contains("chunk IDAT") && error.detail.contains("CRC"), "{error}");
    }
    // The same in a chunk that no decoder reads.
    let mut extra = chunk(b"tEXt", b"Comment\0hello");
    extra[12] ^= 1;
    let compressed = fdeflate::compress_to_vec(&small_map().stream());
    assert!(map(&small_map().file_with(&compressed, &[extra])).unwrap_err().detail.contains("tEXt"));
}

#[test]
fn a_cut_png_says_where() {
    let file = small_map().file();
    let error = inspect_image(&file[..file.len() - 20], &limits()).unwrap_err();
    assert!(error.detail.contains("ends in the middle of chunk IDAT at byte"), "{error}");
    let error = inspect_image(&file[..file.len() - 12], &limits()).unwrap_err();
    assert!(error.detail.contains("without an IEND chunk"), "{error}");
}

#[test]
fn a_progressive_jpeg_cut_in_its_last_scan_and_closed_again_is_refused() {
    // The first is by jpeg-encoder, the second by libjpeg with successive approximation.
    for file in [jpeg(64, 64, |e| e.set_progressive(true)), fixture("progressive_noise.jpg").to_vec()] {
        let scans: Vec<usize> = (0..file.len() - 1).filter(|&i| file[i..i + 2] == [0xff, 0xda]).collect();
        for pair in
            scans.windows(2).map(|pair| (pair[0], pair[1])).chain([(scans[scans.len() - 1], file.len() - 2)])
        {
            let start = pair.0 + 2 + usize::from(file[pair.0 + 3]);
            // Up to the tables of the next scan, or the end.
            let stop = (start..pair.1).find(|&i| file[i] == 0xff && file[i + 1] != 0).unwrap_or(pair.1);
            for end in start + 1..stop {
                let closed = [&file[..end], &[0xff, 0xd9]].concat();
                assert!(photo(&closed).is_err(), "closed at {end} of {}", file.len());
            }
        }
    }
}

/// The map with this stream instead of its own; CRCs are right.
fn with_stream(png: &Png, stream: &[u8]) -> Result<facemask_image::LabelImage> {
    map(&png.file_with(&fdeflate::compress_to_vec(stream), &[]))
}

#[test]
fn a_png_that_holds_less_or_more_than_it_says_is_refused() {
    for png in [small_map(), small_map().interlaced(), Png::new(GRAY, 1, 9, 4, vec![1; 36])] {
        let stream = png.stream();
        with_stream(&png, &stream).unwrap();
        for length in 0..stream.len() {
            let error = with_stream(&png, &stream[..length]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::MapCorrupt);
            assert!(error.detail.contains(&format!("after {length} bytes")), "{error}");
        }
        for more in [1, 8, 100_000] {
            let error = with_stream(&png, &[&stream[..], &vec![0; more]].concat()).unwrap_err();
            assert!(error.detail.contains("more pixel data"), "{error}");
        }
    }
}

#[test]
fn a_png_with_a_tampered_stream_is_refused() {
    let png = small_map();
    let compressed = fdeflate::compress_to_vec(&png.stream());
    let file = |bytes: &[u8]| map(&png.file_with(bytes, &[]));
    assert!(file(&compressed).is_ok());
    for end in 0..compressed.len() {
        assert!(file(&compressed[..end]).is_err(), "stream cut at {end}");
    }
    let mut wrong_sum = compressed.clone();
    *wrong_sum.last_mut().unwrap() ^= 1;
    assert!(file(&wrong_sum).is_err());
    let error = file(&[&compressed[..], b"more"].concat()).unwrap_err();
    assert!(error.detail.contains("after the end of the pixels"), "{error}");
    // A filter that does not exist.
    let mut stream = png.stream();
    stream[8] = 5;
    assert_eq!(with_stream(&png, &stream).unwrap_err().kind, ErrorKind::MapCorrupt);
}

#[test]
fn a_png_with_chunks_out_of_order_is_refused() {
    let png = Png::new(PALETTE, 8, 2, 1, vec![0, 1]);
    let head = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &png.header())].concat();
    let palette = chunk(b"PLTE", &[0, 0, 0, 1, 1, 1]);
    let compressed = fdeflate::compress_to_vec(&png.stream());
    let (front, back) = compressed.split_at(4);
    let (data, front, back) = (chunk(b"IDAT", &compressed), chunk(b"IDAT", front), chunk(b"IDAT", back));
    let (end, text) = (chunk(b"IEND", b""), chunk(b"tEXt", b"a\0b"));
    let detail = |parts: &[&Vec<u8>]| {
        let file: Vec<u8> = std::iter::once(&head).chain(parts.iter().copied()).flatten().copied().collect();
        map(&file).map(|image| image.labels).map_err(|error| error.detail)
    };
    assert_eq!(detail(&[&palette, &text, &front, &back, &end]), Ok(vec![0, 1]));
    for (parts, expected) in [
        (&[&data, &end][..], "no PLTE"),
        (&[&palette, &end], "no IDAT"),
        (&[&palette, &data], "without an IEND"),
        (&[&data, &palette, &end], "comes after the pixels"),
        (&[&palette, &palette, &data, &end], "second palette"),
        (&[&palette, &front, &text, &back, &end], "parted from the other IDAT"),
        (&[&palette, &chunk(b"IHDR", &png.header()), &data, &end], "second header"),
        (&[&palette, &chunk(b"QQQQ", b""), &data, &end], "critical chunk QQQQ"),
        (&[&palette, &chunk(b"a1aa", b""), &data, &end], "expected four letters"),
        (&[&chunk(b"PLTE", &[0; 4]), &data, &end], "holds 4 bytes"),
        (&[&palette, &data, &chunk(b"IEND", b"x")], "expected none"),
    ] {
        let got = detail(parts).unwrap_err();
        assert!(got.contains(expected), "{got} does not say {expected}");
    }
}

#[test]
fn a_png_header_that_cannot_be_is_refused() {
    for (at, value) in [(8, 3), (8, 0), (9, 1), (9, 5), (9, 7), (10, 1), (11, 1), (12, 2)] {
        let png = small_map();
        let mut header = png.header();
        header[at] = value;
        let file = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header)].concat();
        assert_eq!(map(&file).unwrap_err().kind, ErrorKind::MapCorrupt, "IHDR byte {at} = {value}");
    }
}

#[test]
fn a_file_is_what_its_bytes_say() {
    // A name cannot be seen here, so a JPEG called .png is simply a JPEG; a JPEG behind a PNG signature is
    // not.
    let mut disguised = b"\x89PNG\r\n\x1a\n".to_vec();
    disguised.extend(jpeg(8, 8, |_| {}));
    assert_eq!(photo(&disguised).unwrap_err().kind, ErrorKind::ImageCorrupt);
    for (file, name) in [
        (&b"GIF89a......"[..], "GIF"),
        (b"\0\0\0\x20ftypheic", "HEIC"),
        (b"<svg xmlns=", "SVG"),
        (b"{\"a\": 1}", "JSON"),
        (b"\x93NUMPY", "NumPy"),
        (b"hello, world", "text"),
        (b"\x00hello, world", "no known file format"),
    ] {
        let error = decode_image(file, &limits()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::ImageUnsupported);
        assert!(error.detail.contains(name), "{error}");
    }
}

#[test]
fn a_webp_whose_canvas_and_picture_differ_is_refused() {
    let mut file = fixture("lossy_alpha.webp").to_vec();
    assert_eq!(&file[12..16], b"VP8X");
    file[24] += 1;
    let error = inspect_image(&file, &limits()).unwrap_err();
    assert!(error.detail.contains("canvas is 25 x 16 pixels but its picture is 24 x 16"), "{error}");
}

#[test]
fn a_webp_with_two_pictures_is_refused() {
    let file = webp(5, 4, &[7; 60], image_webp::ColorType::Rgb8);
    let mut twice = [&file[..], &file[12..]].concat();
    let size = twice.len() as u32 - 8;
    twice[4..8].copy_from_slice(&size.to_le_bytes());
    let error = inspect_image(&twice, &limits()).unwrap_err();
    assert!(error.detail.contains("holds 2 pictures"), "{error}");
    assert_eq!(map(&twice).unwrap_err().kind, ErrorKind::MapCorrupt);
}

#[test]
fn a_jpeg_that_lacks_a_part_is_refused() {
    let detail = |file: &[u8]| inspect_image(file, &limits()).unwrap_err().detail;
    let file = jpeg(16, 16, |_| {});
    let scan = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    let end = [0xff, 0xd9];
    assert!(detail(&[&file[..scan], &end].concat()).contains("no scan"));
    assert!(detail(&[&file[..2], &file[scan..]].concat()).contains("no frame header"));
    assert!(detail(&[&file[..scan + 14], &end].concat()).contains("no coded pixels"));
    let one_component = [&file[..scan], &[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0x34], &end].concat();
    let message = detail(&one_component);
    assert!(message.contains("before its colour component"), "{message}");
    let second = [&file[..scan], &file[frame..]].concat();
    assert!(detail(&second).contains("second frame header"));
    let restart = [&file[..scan + 16], &[0xff, 0xd0], &file[scan + 16..]].concat();
    assert!(detail(&restart).contains("restart marker"));
    let empty = [&file[..frame + 5], &[0, 0], &file[frame + 7..]].concat();
    assert!(detail(&empty).contains("16 x 0 pixels"));
}

/// The WebP with its last chunk `cut` bytes shorter and every size made to fit.
fn shortened(file: &[u8], cut: usize) -> Vec<u8> {
    let mut at = 12;
    let size =
        |at: usize| u32::from_le_bytes([file[at + 4], file[at + 5], file[at + 6], file[at + 7]]) as usize;
    while at + 8 + size(at).next_multiple_of(2) < file.len() {
        at += 8 + size(at).next_multiple_of(2);
    }
    let left = size(at) - cut;
    let mut out = file[..at + 8 + left].to_vec();
    out.resize(out.len().next_multiple_of(2), 0);
    out[at + 4..at + 8].copy_from_slice(&(left as u32).to_le_bytes());
    let riff = out.len() as u32 - 8;
    out[4..8].copy_from_slice(&riff.to_le_bytes());
    out
}

#[test]
fn a_webp_cut_in_its_pixels_with_sizes_made_to_fit_is_refused() {
    let noise: Vec<u8> = (0..32_u32 * 32 * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let lossless = webp(32, 32, &noise, image_webp::ColorType::Rgb8);
    assert!(photo(&shortened(&lossless, 0)).is_ok());
    for cut in 8..lossless.len() - 40 {
        assert!(photo(&shortened(&lossless, cut)).is_err(), "{cut} bytes short");
    }
    let lossy = fixture("noise.webp");
    assert!(photo(&shortened(lossy, 0)).is_ok());
    for cut in 8..lossy.len() - 40 {
        assert!(photo(&shortened(lossy, cut)).is_err(), "{cut} bytes short");
    }
}

/// Found by fuzzing: the only code of an alphabet of 40 distances names symbol 127.
#[test]
fn a_webp_whose_code_names_a_symbol_that_is_not_there_is_refused() {
    let text = "UklGRrYAAABXRUJQVlA4WAoAAAAQAAAAFwAADwAAQUxQSD0AAAABf0CkbUPHtvv3ew3ZFbiRdUARNlRQQQUVVFBBBR \
        VUUEEFFVRQQQV/myGi/xkYmZhZWNnYOTi5uHl4+fgJAFZQOCBSAAAA8AMAnQEqGAAQAD6miEIUoiEhGAQAIAMEoAuy \
        6AUADz/17/3AADNgAAD+8/PYWUrH+LfhfX+9Xi3xfVjiT//z0deCw3p//84ihAE32Vs0uwAAAA==";
    let file = facemask_image::base64::decode(text.as_bytes(), "image").unwrap();
    let error = photo(&file).unwrap_err();
    assert_eq!(error.kind, ErrorKind::ImageCorrupt);
    assert!(error.detail.contains("codes that cannot be"), "not found out, but caught as a panic: {error}");
}
