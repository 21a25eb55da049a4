//! Small files that demand much time or memory. Each has to be refused at once.

use std::time::{Duration, Instant};

use facemask_core::error::ErrorKind;
use facemask_image::{Limits, inspect_image, read_header, read_map_header};

use super::pngs::{GRAY, PALETTE, Png, RGB, chunk, small_map};
use super::{jpeg, limits, map, photo};

/// Runs within two seconds: far more than a refusal takes in a debug build, far less than the decoding.
fn quickly<T>(run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    assert!(start.elapsed() < Duration::from_secs(2), "took {:?}", start.elapsed());
    result
}

fn header_only(color: u8, depth: u8, width: u32, height: u32) -> Vec<u8> {
    let png = Png { width, height, ..Png::new(color, depth, 0, 0, Vec::new()) };
    png.file_with(&fdeflate::compress_to_vec(&[0; 64]), &[])
}

#[test]
fn sizes_are_refused_by_the_header() {
    for (width, height) in
        [(u32::MAX, u32::MAX), (0x7fff_ffff, 1), (10_000, 5_001), (1, 65_536), (50_000_001, 1)]
    {
        let file = header_only(RGB, 16, width, height);
        for error in [
            read_header(&file, &limits()).unwrap_err(),
            inspect_image(&file, &limits()).unwrap_err(),
            quickly(|| photo(&file)).unwrap_err(),
        ] {
            assert_eq!(error.kind, ErrorKind::ImageTooLarge, "{width} x {height}");
        }
        assert_eq!(read_map_header(&file, &limits()).unwrap_err().kind, ErrorKind::MapTooLarge);
        assert_eq!(quickly(|| map(&file)).unwrap_err().kind, ErrorKind::MapTooLarge);
    }
    for (width, height) in [(0, 5), (5, 0), (0, 0)] {
        let file = header_only(GRAY, 8, width, height);
        assert_eq!(photo(&file).unwrap_err().kind, ErrorKind::ImageCorrupt);
        assert_eq!(map(&file).unwrap_err().kind, ErrorKind::MapCorrupt);
    }
}

#[test]
fn a_photo_may_be_inspected_that_is_too_large_to_decode() {
    let file = jpeg(20, 10, |_| {});
    let narrow = Limits { max_pixels: 200, max_decode_pixels: 199 };
    inspect_image(&file, &narrow).unwrap();
    let error = facemask_image::decode_image(&file, &narrow).unwrap_err();
    assert_eq!(error.kind, ErrorKind::ImageTooLarge);
    assert!(error.detail.contains("20 x 10 = 200 pixels, expected at most 199"), "{error}");
    let narrower = Limits { max_pixels: 199, ..narrow };
    assert_eq!(inspect_image(&file, &narrower).unwrap_err().kind, ErrorKind::ImageTooLarge);
}

#[test]
fn a_header_that_promises_millions_of_pixels_is_found_out() {
    for png in [
        header_only(GRAY, 8, 7000, 7000),
        header_only(RGB, 16, 7000, 7000),
        header_only(PALETTE, 1, 7000, 7000),
    ] {
        assert_eq!(quickly(|| map(&png)).unwrap_err().kind, ErrorKind::MapCorrupt);
    }
    assert_eq!(
        quickly(|| photo(&header_only(RGB, 16, 4000, 4000))).unwrap_err().kind,
        ErrorKind::ImageCorrupt
    );
}

#[test]
fn a_stream_that_never_ends_is_left_at_the_first_byte_too_many() {
    // 60 MB of zeros in about 60 KB, in a map of 35 pixels.
    let zeros = fdeflate::compress_to_vec(&vec![0; 60_000_000]);
    let bomb = small_map().file_with(&zeros, &[]);
    let error = quickly(|| map(&bomb)).unwrap_err();
    assert!(error.detail.contains("more pixel data"), "{error}");
    assert_eq!(quickly(|| photo(&bomb)).unwrap_err().kind, ErrorKind::ImageCorrupt);
}

#[test]
fn metadata_is_never_unpacked() {
    let zeros = fdeflate::compress_to_vec(&vec![0; 20_000_000]);
    let png = small_map();
    let compressed = fdeflate::compress_to_vec(&png.stream());
    let extra = [
        chunk(b"iCCP", &[b"icc\0\0", &zeros[..]].concat()),
        chunk(b"zTXt", &[b"Comment\0\0", &zeros[..]].concat()),
        chunk(b"iTXt", &[b"Comment\0\x01\0\0\0", &zeros[..]].concat()),
        chunk(b"eXIf", &vec![0xff; 3_000_000]),
        // An invalid profile, which no decoder reads.
        chunk(b"iCCP", b"broken"),
    ];
    let file = png.file_with(&compressed, &extra);
    assert_eq!(quickly(|| map(&file)).unwrap().labels, map(&png.file()).unwrap().labels);
    quickly(|| photo(&file)).unwrap();
    // Many small ones.
    let many = vec![chunk(b"tEXt", b"a\0b"); 100_000];
    quickly(|| map(&png.file_with(&compressed, &many))).unwrap();
}

#[test]
fn a_jpeg_of_endless_scans_is_refused() {
    let file = jpeg(16, 16, |e| e.set_progressive(true));
    let starts: Vec<usize> = (0..file.len() - 1).filter(|&i| file[i..i + 2] == [0xff, 0xda]).collect();
    let last = &file[starts[starts.len() - 1]..file.len() - 2];
    let mut bomb = file[..file.len() - 2].to_vec();
    (0..1000).for_each(|_| bomb.extend(last));
    bomb.extend([0xff, 0xd9]);
    let error = quickly(|| photo(&bomb)).unwrap_err();
    assert!(error.detail.contains("more than 100 scans"), "{error}");
}

/// Bit writer, least significant bit first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    fn put(&mut self, value: u32, width: u32) {
        for bit in 0..width {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            self.bytes[self.count / 8] |= ((value >> bit & 1) as u8) << (self.count % 8);
            self.count += 1;
        }
    }

    /// A code of one symbol below 256.
    fn single(&mut self, symbol: u32) {
        self.put(0b101, 3);
        self.put(symbol, 8);
    }
}

/// A lossless WebP of 4 x 4 pixels whose only block has the Huffman group `group`; the codes have one symbol
/// each.
fn webp_with_groups(group: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x2f, 8);
    bits.put(3, 14);
    bits.put(3, 14);
    bits.put(0, 4);
    // No transform, no cache, blocks of 4 x 4 pixels; the picture of the blocks has no cache.
    bits.put(0b000_0100, 7);
    for symbol in [group & 255, group >> 8, 0, 0, 0] {
        bits.single(symbol);
    }
    for _ in 0..=group {
        [9, 8, 7, 255, 0].into_iter().for_each(|symbol| bits.single(symbol));
    }
    let mut content = bits.bytes;
    content.resize(content.len().next_multiple_of(2), 0);
    let size = |n: usize| (n as u32).to_le_bytes();
    [b"RIFF", &size(content.len() + 12)[..], b"WEBPVP8L", &size(content.len()), &content].concat()
}

#[test]
fn a_webp_with_endless_sets_of_codes_is_refused() {
    assert_eq!(photo(&webp_with_groups(4095)).unwrap().pixels, [8, 9, 7].repeat(16));
    let bomb = webp_with_groups(4096);
    let error = quickly(|| photo(&bomb)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::ImageUnsupported);
    assert!(error.detail.contains("asks for 4097 sets of codes"), "{error}");
    assert_eq!(quickly(|| map(&bomb)).unwrap_err().kind, ErrorKind::MapUnsupported);
}
