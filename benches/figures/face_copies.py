"""Drawings and facial zones on rotated and mirrored copies of the sample."""

from collections.abc import Iterator

import facemask
import numpy as np
import shapely
from bounds import BoundedValue
from support import label_maps, sample, sample_zones

from figures import svg_segments

ANGLES = (0.0, 33.0, 77.0, 123.4, 180.0, 250.0)


def zones(curve: str) -> Iterator[BoundedValue]:
    """Compare the areas of zones on each copy with the sample, and check the covered labels; the worst copy counts."""
    expected = sample_zones.regions_by_name(sample_zones.trace_zones(curve=curve))
    deviation, overlap, outside = 0.0, 0.0, 0
    for angle, mirror in sample_zones.VARIANTS:
        mask = sample_zones.trace_zones(angle, mirror, curve=curve)
        areas = sample_zones.regions_by_name(mask)
        for name, region in expected.items():
            deviation = max(
                deviation, abs(areas[sample_zones.zone_name_in_copy(name, mirror)]["area"] / region["area"] - 1)
            )
        shapes = {
            name: sample_zones.to_multipolygon(mask, mask.contours[str(region["id"])]) for name, region in areas.items()
        }
        union = shapely.union_all(list(shapes.values())).area
        overlap = max(overlap, sum(shape.area for shape in shapes.values()) - union)
        labels = sample.copy(angle, mirror).labels
        for name, shape in shapes.items():
            covered = labels[sample_zones.rasterize(shape, labels.shape)]
            outside += int((~np.isin(covered, list(sample_zones.ALLOWED_LABELS[name]))).sum())
    yield BoundedValue("zones: areas on copies of the sample", 100 * deviation, 1.5, "%")
    yield BoundedValue("zones: overlap", overlap, 1e-3, "px2")
    yield BoundedValue("zones: pixels of labels they may not use", outside, 0)


def drawings(curve: str) -> Iterator[BoundedValue]:
    """Rasterize the rounded coordinates by pixel centers, for photos of the map's size and of half of it."""
    for size, scale, most in (("", 1.0, 20), (" in half the size", 0.5, 150)):
        for name, share in _wrong_share(curve, scale).items():
            yield BoundedValue(f"wrong pixels, {name} of copies of the sample{size}", 1e6 * share, most, "ppm")


def _wrong_share(curve: str, scale: float) -> dict[str, float]:
    """Share of wrong pixels in SVG and JSON; a pixel in the wrong region counts for both regions."""
    readers = {
        "SVG": lambda mask, key: [
            svg_segments.flatten(ring, 64) for ring in svg_segments.parse_segments(mask.svg, key)
        ],
        "JSON": lambda mask, key: [np.array(ring) for ring in mask.mask_contours[key]],
    }
    wrong, pixels = dict.fromkeys(readers, 0), 0
    for angle in ANGLES:
        copy = sample.copy(angle)
        size = (np.array(copy.labels.shape[::-1]) * scale).round()
        scale_xy = size / copy.labels.shape[::-1]
        # Half a pixel of the map at any size of the photo, so that only rounding can cause wrong pixels.
        options = {"curve": curve, "tolerance": 0.5 * scale, "image_size": (int(size[0]), int(size[1]))}
        mask = facemask.trace_face(copy.labels, copy.landmarks * scale_xy, **options)
        a, b, c, d, e, f = mask.crop_from_image
        y, x = np.indices(copy.labels.shape) + 0.5
        x, y = x * scale_xy[0], y * scale_xy[1]
        across, down = a * x + b * y + c, d * x + e * y + f
        visible = (across > 0) & (across < mask.size[0]) & (down > 0) & (down < mask.size[1])
        pixels += int(visible.sum())
        for key in mask.mask_contours:
            for name, read in readers.items():
                rings = [sample_zones.to_image_frame(mask, ring) / scale_xy for ring in read(mask, key)]
                offsets = np.cumsum([0, *map(len, rings)]).astype(np.uint32)
                inside = label_maps.fill_even_odd(facemask.Contour(np.concatenate(rings), offsets), copy.labels.shape)
                wrong[name] += int((visible & (inside != (copy.labels == int(key)))).sum())
    return {name: count / pixels for name, count in wrong.items()}
