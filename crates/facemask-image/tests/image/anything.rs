//! Arbitrary bytes: every public function returns, none panics.

use facemask_image::{Limits, RgbImage};
use facemask_image::{base64, decode_image, decode_label_map, inspect_image, read_header, read_map_header};
use proptest::prelude::*;

use super::pngs::{PALETTE, Png, RGB, small_map};
use super::{fixtures, halves, jpeg, webp};

/// Limits for a debug build, whatever size a changed header has.
const SMALL: Limits = Limits { max_pixels: 250_000, max_decode_pixels: 250_000 };

fn try_everything(data: &[u8]) {
    let header = read_header(data, &SMALL);
    let inspected = inspect_image(data, &SMALL);
    let decoded = decode_image(data, &SMALL);
    // Each stage accepts no more than the one before it.
    if let Ok(image) = &decoded {
        assert_eq!(inspected.as_ref().unwrap().oriented_size(), (image.width, image.height));
        assert_eq!(image.pixels.len(), image.width as usize * image.height as usize * 3);
    }
    if let Ok(info) = &inspected {
        assert_eq!(header.as_ref().unwrap(), info);
    }
    let map_header = read_map_header(data, &SMALL);
    for palette in [None, Some(&[[0, 0, 0], [200, 40, 60]][..])] {
        if let Ok(map) = decode_label_map(data, &SMALL, palette) {
            assert_eq!(map_header.as_ref().unwrap().width, map.width);
            assert_eq!(map.labels.len(), map.width as usize * map.height as usize);
        }
    }
    let _ = base64::decode(data, "image");
}

fn seeds() -> Vec<Vec<u8>> {
    let mut files: Vec<Vec<u8>> = fixtures().into_iter().map(|(_, file)| file.to_vec()).collect();
    files.push(small_map().file());
    files.push(small_map().interlaced().file());
    files.push(Png::new(PALETTE, 2, 9, 9, (0..81).map(|i| i % 4).collect()).interlaced().file());
    files.push(Png::new(RGB, 16, 3, 3, (0..27).collect()).file());
    files.push(jpeg(17, 9, |e| e.set_restart_interval(1)));
    files.push(jpeg(17, 9, |e| e.set_progressive(true)));
    files.push(webp(24, 16, &halves(24, 16), image_webp::ColorType::Rgb8));
    files.extend(map_files());
    files
}

/// Small label maps in formats that hold no photo.
fn map_files() -> Vec<Vec<u8>> {
    let pixels: Vec<u8> = (0..12).collect();
    let header = b"{'descr': '|u1', 'fortran_order': True, 'shape': (3, 4), }";
    let npy = [b"\x93NUMPY\x01\0", &[header.len() as u8, 0][..], header, &pixels].concat();
    let mut tiff = std::io::Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut tiff).unwrap();
    encoder.write_image::<tiff::encoder::colortype::Gray8>(4, 3, &pixels).unwrap();
    let mut gif = Vec::new();
    let palette: Vec<u8> = (0..16).flat_map(|value| [value; 3]).collect();
    let mut encoder = gif::Encoder::new(&mut gif, 4, 3, &palette).unwrap();
    encoder.write_frame(&gif::Frame::from_indexed_pixels(4, 3, pixels.clone(), None)).unwrap();
    drop(encoder);
    let bmp = [
        &b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x18\0"[..],
        &[0; 24],
        &[1, 1, 1, 2, 2, 2, 0, 0].repeat(2),
    ]
    .concat();
    let coco = br#"[{"category_id": 1, "segmentation": {"size": [3, 4], "counts": "13041"}},
        {"category_id": 2, "segmentation": [[0, 0, 2, 0, 2, 2]]}]"#;
    let labelme =
        br#"{"imageHeight": 3, "imageWidth": 4, "shapes": [{"label": "a", "points": [[0, 0], [2, 2]],
        "shape_type": "rectangle"}]}"#;
    vec![npy, zip(&npy_of(&pixels)), tiff.into_inner(), gif, bmp, coco.to_vec(), labelme.to_vec()]
}

fn npy_of(pixels: &[u8]) -> Vec<u8> {
    let header = b"{'descr': '<u1', 'fortran_order': False, 'shape': (1, 3, 4), }";
    [b"\x93NUMPY\x02\0", &[header.len() as u8, 0, 0, 0][..], header, pixels].concat()
}

/// A zip archive of one stored file.
fn zip(content: &[u8]) -> Vec<u8> {
    let name = b"labels.npy";
    let length = (content.len() as u32).to_le_bytes();
    let crc = crc32fast::hash(content).to_le_bytes();
    let common = [&[0; 4][..], &[0; 4], &crc, &length, &length, &[name.len() as u8, 0, 0, 0]].concat();
    let local = [b"PK\x03\x04\x14\0", &common[..], name, content].concat();
    let directory = [b"PK\x01\x02\x14\0\x14\0", &common[..], &[0; 14][..], name].concat();
    let sizes = [directory.len() as u32, local.len() as u32].map(u32::to_le_bytes).concat();
    [&local[..], &directory, b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &sizes, &[0; 2]].concat()
}

#[test]
fn every_seed_that_is_a_map_alone_is_read() {
    for file in map_files() {
        let map = decode_label_map(&file, &SMALL, None);
        assert!(map.is_ok(), "{map:?} {:?}", String::from_utf8_lossy(&file));
    }
}

/// Repairs the CRC of every chunk, so that changes get past the first check.
fn repair(file: &mut [u8]) {
    let mut at = 8;
    while let Some(length) =
        file.get(at..at + 4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize)
    {
        let end = at.saturating_add(8).saturating_add(length);
        if end.saturating_add(4) > file.len() {
            return;
        }
        let crc = crc32fast::hash(&file[at + 4..end]).to_be_bytes();
        file[end..end + 4].copy_from_slice(&crc);
        at = end + 4;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes(data in prop::collection::vec(any::<u8>(), 0..400)) {
        try_everything(&data);
    }

    #[test]
    fn arbitrary_bytes_behind_a_signature(kind in 0..3_usize, data in prop::collection::vec(any::<u8>(), 0..400)) {
        let front: &[u8] = [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"RIFF\xff\0\0\0WEBPVP8L"][kind];
        try_everything(&[front, &data].concat());
    }

    #[test]
    fn valid_files_with_changes(
        seed: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        repaired: bool,
    ) {
        let seeds = seeds();
        let mut file = seed.get(&seeds).clone();
        for (at, value) in changes {
            let at = at.index(file.len());
            file[at] = value;
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        if repaired && file.starts_with(b"\x89PNG") {
            repair(&mut file);
        }
        try_everything(&file);
    }

    #[test]
    fn pixels_survive_a_lossless_file(width in 1..20_u32, height in 1..20_u32, seed: u32) {
        let bytes: Vec<u8> = (0..width * height * 3).map(|i| (i.wrapping_mul(seed | 1) >> 13) as u8).collect();
        let image = RgbImage { width, height, pixels: bytes.clone() };
        let png = Png::new(RGB, 8, width, height, bytes.iter().map(|&v| u16::from(v)).collect());
        for file in [png.file(), png.interlaced().file(), webp(width, height, &bytes, image_webp::ColorType::Rgb8)] {
            prop_assert_eq!(&decode_image(&file, &SMALL).unwrap(), &image);
        }
    }
}
