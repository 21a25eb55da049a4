//! Any small label map at any tolerance, curve and least area: the regions, background included, tile the picture.
#![no_main]

use facemask_core::contour::{ContourOptions, CurveKind, find_contours};
use facemask_core::geometry::Affine;
use facemask_core::raster::LabelMap;
use facemask_core::contours_json::contours_json;
use libfuzzer_sys::fuzz_target;

// Bytes: width, tolerance, least area, curve and number of labels, scale; then an id per pixel.
fuzz_target!(|data: &[u8]| {
    let [width, tolerance, min_area, kind, scale, pixels @ ..] = data else { return };
    let width = usize::from(*width).max(1);
    let height = pixels.len() / width;
    if height == 0 || pixels.len() > 1 << 14 {
        return;
    }
    let labels = kind >> 1;
    let ids: Vec<u8> =
        pixels[..width * height].iter().map(|id| if labels < 2 { id & 7 } else { id % labels }).collect();
    let options = ContourOptions {
        tolerance: f64::from(*tolerance) / 32.0,
        curve: if kind & 1 == 0 { CurveKind::Smooth } else { CurveKind::Straight },
        min_area: f64::from(*min_area) / 4.0,
        target_from_labels: Affine::scale(
            f64::from(scale & 15) / 4.0 + 0.25,
            f64::from(scale >> 4) / 4.0 + 0.25,
        ),
        background: true,
        ..ContourOptions::default()
    };
    let Ok(map) = LabelMap::new(width, height, &ids) else { return };
    let Ok(contours) = find_contours(&map, &options) else { return };
    let area: f64 = contours.iter().map(|(_, polygons)| polygons.area()).sum();
    let whole = width as f64 * height as f64;
    assert!((area - whole).abs() <= 1e-6 * whole, "regions of {area} on a picture of {whole}");
    for (_, polygons) in &contours {
        for ring in polygons.rings() {
            assert!(ring.len() >= 3 && ring.iter().all(|p| p.is_finite()));
        }
    }
    assert!(contours_json(&contours).ends_with(b"}"));
});
