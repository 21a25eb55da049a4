"""Outlines of shapes whose true border is known: ellipses, straight lines, rectangles."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import NamedTuple

import facemask
import numpy as np
import shapely
from numpy.typing import NDArray
from support import ellipse, label_maps, seams
from support.label_maps import LabelMap

from figures import svg_segments
from figures.coverage import tiling
from figures.figure import Figure

Floats = NDArray[np.float64]
_STEP = 0.25  # pixels between samples along an outline
_ANGLES = (0.0, 1.0, 3.0, 7.5, 11.3, 18.4, 22.5, 26.6, 30.0, 37.0, 45.0, 53.1, 61.0, 71.6, 80.0, 88.0, 90.0)
_CORNERS = np.array([(-90.0, -55.0), (90.0, -55.0), (90.0, 55.0), (-90.0, 55.0)])
_WIGGLE = 0.1  # the issue names no number: a tenth of a pixel is not seen


def at_defaults(labels: LabelMap, curve: str) -> facemask.FaceMask:
    """Trace with the defaults of a face; level landmarks and no crop keep the map's own frame."""
    return facemask.trace_face(labels, seams.LEVEL_POINTS, crop="none", label_scheme="custom", curve=curve)


class Walk(NamedTuple):
    """Samples along a ring: points (n, 2), the direction of the edge at each, degrees, and the length it stands for."""

    points: Floats
    directions: Floats
    lengths: Floats

    def rms(self, values: Floats) -> float:
        """Root of the mean square along the ring."""
        return float(np.sqrt(np.average(values**2, weights=self.lengths)))


def along(ring: Floats, step: float = _STEP) -> Walk:
    """Walk along a ring, between its vertices too, in steps of at most `step` pixels; infinity: an edge a step."""
    edges = np.roll(ring, -1, axis=0) - ring
    lengths = np.hypot(*edges.T)
    pieces = np.maximum(np.ceil(lengths / step).astype(int), 1)
    edge = np.repeat(np.arange(len(ring)), pieces)
    place = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    points = ring[edge] + ((place + 0.5) / pieces[edge])[:, None] * edges[edge]
    return Walk(points, np.degrees(np.arctan2(edges[edge, 1], edges[edge, 0])), (lengths / pieces)[edge])


@dataclass(frozen=True)
class Roundness:
    """How well the outline of an ellipse is one: pixels, degrees, per cent, and the segments of the drawing."""

    rms: float
    bias: float
    farthest: float
    roughness: float
    roughness_drawn: float
    area_error: float
    segments: int
    drawn_apart: float


def roundness(true: ellipse.Ellipse, curve: str) -> Roundness:
    """Measure the outline of one ellipse against its formula."""
    mask = at_defaults(true.labels, curve)
    (ring,) = mask.contours["1"].rings()
    (path,) = svg_segments.segments(mask.svg, "1")
    drawn = svg_segments.flattened(path)
    walk = along(ring)
    distances = true.signed_distances(walk.points)
    lines = shapely.LinearRing(ring), shapely.LinearRing(drawn)
    return Roundness(
        rms=walk.rms(distances),
        bias=float(abs(np.average(distances, weights=walk.lengths))),
        farthest=float(np.abs(distances).max()),
        roughness=tangents_off(true, along(ring, np.inf)),
        roughness_drawn=tangents_off(true, along(drawn)),
        area_error=100 * abs(mask.contours["1"].area / true.area - 1),
        segments=len(path),
        drawn_apart=float(shapely.hausdorff_distance(*lines, densify=0.01)),
    )


def tangents_off(true: ellipse.Ellipse, walk: Walk) -> float:
    """RMS of the angle between an outline and the true tangent, degrees."""
    return walk.rms((walk.directions - true.tangent_angles(walk.points) + 180.0) % 360.0 - 180.0)


def ellipses(curve: str) -> Iterator[Figure]:
    """Give the worst of all poses."""
    worst = Roundness(
        *np.array([astuple(roundness(true, curve)) for true in ellipse.random_ellipses()]).max(axis=0).tolist()
    )
    yield Figure("ellipses: RMS distance", worst.rms, 0.11, "px")
    yield Figure("ellipses: bias", worst.bias, 0.03, "px")
    yield Figure("ellipses: farthest", worst.farthest, 0.45, "px")
    yield Figure("ellipses: roughness, edges of the contour", worst.roughness, 1.5, "deg")
    yield Figure("ellipses: roughness, along the SVG's curve", worst.roughness_drawn, 1.5, "deg")
    yield Figure("ellipses: area error", worst.area_error, 0.04, "%")
    yield Figure("ellipses: segments in the SVG path", worst.segments, 24)
    yield Figure("ellipses: contour to the SVG's curve", worst.drawn_apart, 0.5, "px")


def lines_and_corners(curve: str) -> Iterator[Figure]:
    """Straight lines, rectangles, and cells where four regions meet; the worst of each."""
    deviations = np.array([_half_plane(angle, curve) for angle in _ANGLES]).max(axis=0)
    yield Figure("straight lines: farthest from the true line", deviations[0], 0.5, "px")
    yield Figure("straight lines: wiggle about their own", deviations[1], _WIGGLE, "px")
    yield Figure("rectangles: corners from the outline", max(_rectangle(angle, curve) for angle in _ANGLES), 1.0, "px")
    for name, labels in (
        ("checkerboard", label_maps.checkerboard(40, 41)),
        ("checkerboard of blocks", label_maps.checkerboard(60, 61, 6)),
        ("four-label crosses", label_maps.four_label_crosses(60, 9)),
    ):
        rows = []
        for tolerance in (0.0, 0.5):
            contours = facemask.find_contours(labels, curve=curve, tolerance=tolerance, background=True)
            rows.append(tiling(list(contours.values()), labels))
        yield Figure(f"{name}: invalid polygons and edges", np.array(rows)[:, 2:].sum(), 0)


def _half_plane(angle: float, curve: str, side: int = 240) -> tuple[float, float]:
    """Give how far the border of a half-plane is from the true line, and from the line that fits it best."""
    turn = np.radians(angle)
    normal = np.array([-np.sin(turn), np.cos(turn)])
    middle = np.array([side / 2 + 0.21, side / 2 + 0.13])
    y, x = np.mgrid[:side, :side] + 0.5
    labels = (np.stack([x, y], axis=-1) - middle) @ normal > 0
    (ring,) = at_defaults(labels.astype(np.uint8), curve).contours["1"].rings()
    points = along(ring).points
    # Along the picture's edge, and in the last half pixel before it, no pixel says where a border goes.
    points = points[(np.minimum(points, side - points) > 1.0).all(axis=1)]
    away = points - points.mean(axis=0)
    across = np.linalg.svd(away, full_matrices=False)[2][1]
    return float(np.abs((points - middle) @ normal).max()), float(np.abs(away @ across).max())


def _rectangle(angle: float, curve: str, side: int = 260) -> float:
    """Give how far the outline of a turned rectangle stays away from its true corners."""
    turn = np.radians(angle)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    middle = np.array([side / 2, side / 2])
    y, x = np.mgrid[:side, :side] + 0.5
    u, v = np.moveaxis((np.stack([x, y], axis=-1) - middle) @ axes.T, -1, 0)
    labels = ((abs(u) < _CORNERS[2, 0]) & (abs(v) < _CORNERS[2, 1])).astype(np.uint8)
    (ring,) = at_defaults(labels, curve).contours["1"].rings()
    corners = shapely.points(_CORNERS @ axes + middle)
    return float(shapely.distance(corners, shapely.LinearRing(ring)).max())
