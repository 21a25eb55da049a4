"""Drawings and facial zones over the turned and mirrored copies of the sample."""

from collections.abc import Iterator

import facemask
import numpy as np
import shapely
from support import label_maps, sample, sample_zones

from figures import svg_segments
from figures.figure import Figure

TURNS = (0.0, 33.0, 77.0, 123.4, 180.0, 250.0)


def zones(curve: str) -> Iterator[Figure]:
    """Compare the areas on each copy with those on the sample, and look what zones cover; the worst copy counts."""
    expected = sample_zones.regions_by_name(sample_zones.trace_zones(curve=curve))
    apart, overlap, outside = 0.0, 0.0, 0
    for angle, mirror in sample_zones.VARIANTS:
        mask = sample_zones.trace_zones(angle, mirror, curve=curve)
        areas = sample_zones.regions_by_name(mask)
        for name, region in expected.items():
            apart = max(apart, abs(areas[sample_zones.zone_name_in_copy(name, mirror)]["area"] / region["area"] - 1))
        shapes = {
            name: sample_zones.to_multipolygon(mask, mask.contours[str(region["id"])]) for name, region in areas.items()
        }
        union = shapely.union_all(list(shapes.values())).area
        overlap = max(overlap, sum(shape.area for shape in shapes.values()) - union)
        labels = sample.copy(angle, mirror).labels
        for name, shape in shapes.items():
            covered = labels[sample_zones.rasterize(shape, labels.shape)]
            outside += int((~np.isin(covered, list(sample_zones.ALLOWED_LABELS[name]))).sum())
    yield Figure("zones: areas on copies of the sample", 100 * apart, 1.5, "%")
    yield Figure("zones: overlap", overlap, 1e-3, "px2")
    yield Figure("zones: pixels of labels they may not use", outside, 0)


def drawings(curve: str) -> Iterator[Figure]:
    """Rasterise what is said in hundredths by the pixel centres of the map, for photos as large as it and half."""
    for size, scale, most in (("", 1.0, 20), (" in half the size", 0.5, 150)):
        for name, share in _wrong(curve, scale).items():
            yield Figure(f"wrong pixels, {name} of copies of the sample{size}", 1e6 * share, most, "ppm")


def _wrong(curve: str, scale: float) -> dict[str, float]:
    """Count pixels on the wrong side, as a share of all, in SVG and JSON; one that changes sides is wrong for both."""
    ways = {
        "SVG": lambda mask, key: [svg_segments.flattened(ring, 64) for ring in svg_segments.segments(mask.svg, key)],
        "JSON": lambda mask, key: [np.array(ring) for ring in mask.mask_contours[key]],
    }
    wrong, pixels = dict.fromkeys(ways, 0), 0
    for angle in TURNS:
        copy = sample.copy(angle)
        size = (np.array(copy.labels.shape[::-1]) * scale).round()
        of_map = size / copy.labels.shape[::-1]
        # Half a pixel of the map, however large the photo is: only rounding may put a pixel on the wrong side.
        options = {"curve": curve, "tolerance": 0.5 * scale, "image_size": (int(size[0]), int(size[1]))}
        mask = facemask.trace_face(copy.labels, copy.landmarks * of_map, **options)
        a, b, c, d, e, f = mask.crop_from_image
        y, x = np.indices(copy.labels.shape) + 0.5
        x, y = x * of_map[0], y * of_map[1]
        across, down = a * x + b * y + c, d * x + e * y + f
        seen = (across > 0) & (across < mask.size[0]) & (down > 0) & (down < mask.size[1])
        pixels += int(seen.sum())
        for key in mask.mask_contours:
            for name, read in ways.items():
                rings = [sample_zones.to_image_frame(mask, ring) / of_map for ring in read(mask, key)]
                offsets = np.cumsum([0, *map(len, rings)]).astype(np.uint32)
                inside = label_maps.fill_even_odd(facemask.Contour(np.concatenate(rings), offsets), copy.labels.shape)
                wrong[name] += int((seen & (inside != (copy.labels == int(key)))).sum())
    return {name: count / pixels for name, count in wrong.items()}
