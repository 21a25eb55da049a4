"""Accuracy of outlines of shapes with a known border: ellipses, straight lines, rectangles."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import NamedTuple

import facemask
import numpy as np
import shapely
from bounds import BoundedValue
from numpy.typing import NDArray
from support import ellipse, label_maps, seams
from support.label_maps import LabelMap

from figures import svg_segments
from figures.coverage import tiling

Floats = NDArray[np.float64]
_STEP = 0.25  # pixels between samples along an outline
_ANGLES = (0.0, 1.0, 3.0, 7.5, 11.3, 18.4, 22.5, 26.6, 30.0, 37.0, 45.0, 53.1, 61.0, 71.6, 80.0, 88.0, 90.0)
_CORNERS = np.array([(-90.0, -55.0), (90.0, -55.0), (90.0, 55.0), (-90.0, 55.0)])
_MAX_WIGGLE = 0.1  # pixels; too little to be visible


def trace_with_defaults(labels: LabelMap, curve: str) -> facemask.FaceMask:
    """Trace with the defaults of a face, in the frame of the map: with level landmarks and without crop."""
    return facemask.trace_face(labels, seams.LEVEL_POINTS, crop="none", label_scheme="custom", curve=curve)


class RingSamples(NamedTuple):
    """Samples along a ring: points (n, 2), edge directions in degrees, and the length that each represents."""

    points: Floats
    directions: Floats
    lengths: Floats

    def rms(self, values: Floats) -> float:
        """Root mean square along the ring."""
        return float(np.sqrt(np.average(values**2, weights=self.lengths)))


def sample_ring(ring: Floats, step: float = _STEP) -> RingSamples:
    """Sample a ring at steps of at most `step` pixels; with an infinite step, one sample per edge."""
    edges = np.roll(ring, -1, axis=0) - ring
    lengths = np.hypot(*edges.T)
    pieces = np.maximum(np.ceil(lengths / step).astype(int), 1)
    edge = np.repeat(np.arange(len(ring)), pieces)
    index = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    points = ring[edge] + ((index + 0.5) / pieces[edge])[:, None] * edges[edge]
    return RingSamples(points, np.degrees(np.arctan2(edges[edge, 1], edges[edge, 0])), (lengths / pieces)[edge])


@dataclass(frozen=True)
class EllipseFit:
    """Errors of the outline of an ellipse, in pixels, degrees and per cent, and its number of segments."""

    rms: float
    bias: float
    max_distance: float
    roughness: float
    svg_roughness: float
    area_error: float
    segments: int
    svg_distance: float


def measure_ellipse(true: ellipse.Ellipse, curve: str) -> EllipseFit:
    """Measure the outline of one ellipse against its formula."""
    mask = trace_with_defaults(true.labels, curve)
    (ring,) = mask.contours["1"].rings()
    (path,) = svg_segments.parse_segments(mask.svg, "1")
    flattened = svg_segments.flatten(path)
    samples = sample_ring(ring)
    distances = true.signed_distances(samples.points)
    lines = shapely.LinearRing(ring), shapely.LinearRing(flattened)
    return EllipseFit(
        rms=samples.rms(distances),
        bias=float(abs(np.average(distances, weights=samples.lengths))),
        max_distance=float(np.abs(distances).max()),
        roughness=tangent_error(true, sample_ring(ring, np.inf)),
        svg_roughness=tangent_error(true, sample_ring(flattened)),
        area_error=100 * abs(mask.contours["1"].area / true.area - 1),
        segments=len(path),
        svg_distance=float(shapely.hausdorff_distance(*lines, densify=0.01)),
    )


def tangent_error(true: ellipse.Ellipse, samples: RingSamples) -> float:
    """RMS angle between an outline and the true tangent, degrees."""
    return samples.rms((samples.directions - true.tangent_angles(samples.points) + 180.0) % 360.0 - 180.0)


def ellipses(curve: str) -> Iterator[BoundedValue]:
    """Worst values over all ellipses."""
    worst = EllipseFit(
        *np.array([astuple(measure_ellipse(true, curve)) for true in ellipse.random_ellipses()]).max(axis=0).tolist()
    )
    yield BoundedValue("ellipses: RMS distance", worst.rms, 0.11, "px")
    yield BoundedValue("ellipses: bias", worst.bias, 0.03, "px")
    yield BoundedValue("ellipses: farthest", worst.max_distance, 0.45, "px")
    yield BoundedValue("ellipses: roughness, edges of the contour", worst.roughness, 1.5, "deg")
    yield BoundedValue("ellipses: roughness, along the SVG's curve", worst.svg_roughness, 1.5, "deg")
    yield BoundedValue("ellipses: area error", worst.area_error, 0.04, "%")
    yield BoundedValue("ellipses: segments in the SVG path", worst.segments, 24)
    yield BoundedValue("ellipses: contour to the SVG's curve", worst.svg_distance, 0.5, "px")


def lines_and_corners(curve: str) -> Iterator[BoundedValue]:
    """Worst values over straight lines, rectangles, and cells where four regions meet."""
    deviations = np.array([_half_plane(angle, curve) for angle in _ANGLES]).max(axis=0)
    yield BoundedValue("straight lines: farthest from the true line", deviations[0], 0.5, "px")
    yield BoundedValue("straight lines: wiggle about their own", deviations[1], _MAX_WIGGLE, "px")
    yield BoundedValue(
        "rectangles: corners from the outline", max(_rectangle(angle, curve) for angle in _ANGLES), 1.0, "px"
    )
    for name, labels in (
        ("checkerboard", label_maps.checkerboard(40, 41)),
        ("checkerboard of blocks", label_maps.checkerboard(60, 61, 6)),
        ("four-label crosses", label_maps.four_label_crosses(60, 9)),
    ):
        rows = []
        for tolerance in (0.0, 0.5):
            contours = facemask.find_contours(labels, curve=curve, tolerance=tolerance, background=True)
            rows.append(tiling(list(contours.values()), labels))
        yield BoundedValue(f"{name}: invalid polygons and edges", np.array(rows)[:, 2:].sum(), 0)


def _half_plane(angle: float, curve: str, side: int = 240) -> tuple[float, float]:
    """Distances of a half-plane's border from the true line and from its own regression line."""
    turn = np.radians(angle)
    normal = np.array([-np.sin(turn), np.cos(turn)])
    middle = np.array([side / 2 + 0.21, side / 2 + 0.13])
    y, x = np.mgrid[:side, :side] + 0.5
    labels = (np.stack([x, y], axis=-1) - middle) @ normal > 0
    (ring,) = trace_with_defaults(labels.astype(np.uint8), curve).contours["1"].rings()
    points = sample_ring(ring).points
    # At the edge of the map and half a pixel before it, no pixel determines the border.
    points = points[(np.minimum(points, side - points) > 1.0).all(axis=1)]
    centered = points - points.mean(axis=0)
    across = np.linalg.svd(centered, full_matrices=False)[2][1]
    return float(np.abs((points - middle) @ normal).max()), float(np.abs(centered @ across).max())


def _rectangle(angle: float, curve: str, side: int = 260) -> float:
    """Distance of the outline of a rotated rectangle from its true corners."""
    turn = np.radians(angle)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    middle = np.array([side / 2, side / 2])
    y, x = np.mgrid[:side, :side] + 0.5
    u, v = np.moveaxis((np.stack([x, y], axis=-1) - middle) @ axes.T, -1, 0)
    labels = ((abs(u) < _CORNERS[2, 0]) & (abs(v) < _CORNERS[2, 1])).astype(np.uint8)
    (ring,) = trace_with_defaults(labels, curve).contours["1"].rings()
    corners = shapely.points(_CORNERS @ axes + middle)
    return float(shapely.distance(corners, shapely.LinearRing(ring)).max())
