"""Gap and overlap between neighbours by shapely, invalid rings, and seams by resvg."""

from collections import Counter
from collections.abc import Iterator

import facemask
import numpy as np
import shapely
from shapely.geometry import Polygon
from support import sample, seams
from support.label_maps import LabelMap

from figures import svg_segments
from figures.figure import Figure
from figures.input_maps import KINDS, TOLERANCES, found, polygons

# Shapely's sums of areas are exact to about this.
_ROUNDING = 1e-6


def coverage(curve: str) -> Iterator[Figure]:
    """Check the tiling on every map and at both tolerances; the worst map counts."""
    for kind, of_kind in KINDS.items():
        rows = [
            tiling(list(found(kind, name, curve, tolerance).values()), labels)
            for tolerance in TOLERANCES
            for name, labels in of_kind.items()
        ]
        gap, overlap, edges, invalid = np.array(rows).max(axis=0)
        yield Figure(f"gap between neighbours, {kind}", gap, _ROUNDING, "px2")
        yield Figure(f"overlap of neighbours, {kind}", overlap, _ROUNDING, "px2")
        yield Figure(f"edges that neighbours do not share, {kind}", edges, 0)
        yield Figure(f"invalid polygons, {kind}", invalid, 0)
    yield Figure("invalid rings in mask_contours, copies of the sample", _invalid_on_the_wire(curve), 0)
    yield Figure("segments of the SVG that a neighbour does not have", _lonely_segments(curve), 0)


def tiling(contours: list[facemask.Contour], labels: LabelMap) -> tuple[float, float, int, int]:
    """Give gap, overlap, edges that are not shared, and invalid polygons of contours that should tile a map."""
    parts = np.concatenate([polygons(contour) for contour in contours])
    invalid = int((~shapely.is_valid(parts)).sum())
    if invalid:
        return np.nan, np.nan, len(parts), invalid
    union, total = shapely.union_all(parts).area, shapely.area(parts).sum()
    edges = shapely.coverage_invalid_edges(parts)
    return max(labels.size - union, 0.0), max(total - union, 0.0), int((~shapely.is_empty(edges)).sum()), 0


def _invalid_on_the_wire(curve: str) -> int:
    wrong = 0
    for angle, mirror in sample.make_variants.SET:
        copy = sample.copy(angle, mirror)
        mask = facemask.trace_face(copy.labels, copy.landmarks, curve=curve)
        wrong += sum(not Polygon(ring).is_valid for rings in mask.mask_contours.values() for ring in rings)
        wrong += sum(not part.is_valid for contour in mask.contours.values() for part in polygons(contour))
    return wrong


def _lonely_segments(curve: str) -> int:
    """Count segments inside the picture that are not also drawn the other way, to the last digit of the file."""
    # Background is a region of its own, and the landmarks are level: all that is drawn once is the picture's edge.
    labels = np.where(sample.LABELS == 0, 255, sample.LABELS).astype(np.uint8)
    mask = facemask.trace_face(labels, seams.LEVEL_POINTS, crop="none", label_scheme="custom", curve=curve)
    rings = [ring for key in mask.contours for ring in svg_segments.segments(mask.svg, key)]
    counted = Counter(segment for ring in rings for segment in ring)
    lonely = 0
    for segment, times in counted.items():
        along_edge = any({point[axis] for point in segment} in ({0.0}, {mask.size[axis]}) for axis in (0, 1))
        lonely += not along_edge and counted[segment[::-1]] != times
    return lonely


def hairlines(curve: str) -> Iterator[Figure]:
    """Count pixels that the background shines through, or that are painted twice, drawn once and twice as large."""
    solid, default = 0, 0
    for case in seams.CASES:
        for scale in (1, 2):
            solid += seams.count_seam_pixels(case, scale, curve=curve)
            default += int((seams.fill_opacity(case, "default", scale, curve=curve) != 102).sum())
    yield Figure("seam pixels, style solid", solid, 0)
    yield Figure("seam pixels, style default", default, 0)
