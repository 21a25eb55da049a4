"""Gaps and overlaps between neighbors by shapely, invalid rings, and seams by resvg."""

from collections import Counter
from collections.abc import Iterator

import facemask
import numpy as np
import shapely
from bounds import BoundedValue
from shapely.geometry import Polygon
from support import sample, seams
from support.label_maps import LabelMap

from figures import svg_segments
from figures.input_maps import KINDS, TOLERANCES, to_polygons, trace_map

# Approximate error of shapely's sums of areas.
_ROUNDING = 1e-6


def coverage(curve: str) -> Iterator[BoundedValue]:
    """Check the tiling of every map at both tolerances; the worst map counts."""
    for kind, of_kind in KINDS.items():
        rows = [
            tiling(list(trace_map(kind, name, curve, tolerance).values()), labels)
            for tolerance in TOLERANCES
            for name, labels in of_kind.items()
        ]
        gap, overlap, edges, invalid = np.array(rows).max(axis=0)
        yield BoundedValue(f"gap between neighbours, {kind}", gap, _ROUNDING, "px2")
        yield BoundedValue(f"overlap of neighbours, {kind}", overlap, _ROUNDING, "px2")
        yield BoundedValue(f"edges that neighbours do not share, {kind}", edges, 0)
        yield BoundedValue(f"invalid polygons, {kind}", invalid, 0)
    yield BoundedValue("invalid rings in mask_contours, copies of the sample", _count_invalid_rings(curve), 0)
    yield BoundedValue("segments of the SVG that a neighbour does not have", _count_unshared_segments(curve), 0)


def tiling(contours: list[facemask.Contour], labels: LabelMap) -> tuple[float, float, int, int]:
    """Gap area, overlap area, unshared edges and invalid polygons of contours that should tile a map."""
    parts = np.concatenate([to_polygons(contour) for contour in contours])
    invalid = int((~shapely.is_valid(parts)).sum())
    if invalid:
        return np.nan, np.nan, len(parts), invalid
    union, total = shapely.union_all(parts).area, shapely.area(parts).sum()
    edges = shapely.coverage_invalid_edges(parts)
    return max(labels.size - union, 0.0), max(total - union, 0.0), int((~shapely.is_empty(edges)).sum()), 0


def _count_invalid_rings(curve: str) -> int:
    invalid = 0
    for angle, mirror in sample.make_variants.SET:
        copy = sample.copy(angle, mirror)
        mask = facemask.trace_face(copy.labels, copy.landmarks, curve=curve)
        invalid += sum(not Polygon(ring).is_valid for rings in mask.mask_contours.values() for ring in rings)
        invalid += sum(not part.is_valid for contour in mask.contours.values() for part in to_polygons(contour))
    return invalid


def _count_unshared_segments(curve: str) -> int:
    """Count inner segments of the SVG that no neighbor draws in the other direction with the same digits."""
    # The background is a region too, and the landmarks are level: only the edge of the map is drawn once.
    labels = np.where(sample.LABELS == 0, 255, sample.LABELS).astype(np.uint8)
    mask = facemask.trace_face(labels, seams.LEVEL_POINTS, crop="none", label_scheme="custom", curve=curve)
    rings = [ring for key in mask.contours for ring in svg_segments.parse_segments(mask.svg, key)]
    counted = Counter(segment for ring in rings for segment in ring)
    unshared = 0
    for segment, times in counted.items():
        along_edge = any({point[axis] for point in segment} in ({0.0}, {mask.size[axis]}) for axis in (0, 1))
        unshared += not along_edge and counted[segment[::-1]] != times
    return unshared


def hairlines(curve: str) -> Iterator[BoundedValue]:
    """Count pixels that show the background or two layers of paint, at one and two times the size."""
    solid, default = 0, 0
    for case in seams.CASES:
        for scale in (1, 2):
            solid += seams.count_seam_pixels(case, scale, curve=curve)
            default += int((seams.fill_opacity(case, "default", scale, curve=curve) != 102).sum())
    yield BoundedValue("seam pixels, style solid", solid, 0)
    yield BoundedValue("seam pixels, style default", default, 0)
