"""Path data of the SVG as segments, each with its control points: what designers get."""

import re

import numpy as np
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from numpy.typing import NDArray

# Two points for a line, four for a cubic Bezier; coordinates as in the file, two decimals.
Segment = tuple[tuple[float, float], ...]


def segments(svg: str, region: str) -> list[list[Segment]]:
    """Read the rings of a region's path as segments; what closes a ring is one, unless it has no length."""
    path = re.search(rf'<path id="region-{region}"[^>]* d="([^"]*)"', svg)
    if path is None:
        raise LookupError(region)
    pen = RecordingPen()
    parse_path(path[1], pen)
    rings: list[list[Segment]] = []
    start = at = (0.0, 0.0)
    for command, points in pen.value:
        # Relative steps of two decimals are added up exactly.
        ends = [(round(x, 2), round(y, 2)) for x, y in points]
        if command == "moveTo":
            start = at = ends[-1]
            rings.append([])
        elif command == "closePath":
            if at != start:
                rings[-1].append((at, start))
            at = start
        elif command in ("lineTo", "curveTo"):
            if len(ends) > 1 or ends[-1] != at:
                rings[-1].append((at, *ends))
            at = ends[-1]
        elif command != "endPath":
            raise ValueError(f"{command} is not expected")
    return rings


def flattened(ring: list[Segment], pieces: int = 32) -> NDArray[np.float64]:
    """Walk along a ring: points (n, 2), `pieces` for each curve, the first not repeated."""
    t = np.arange(pieces)[:, None] / pieces
    found = []
    for segment in ring:
        a, *rest = np.array(segment)
        if len(rest) == 1:
            found.append(a[None])
        else:
            b, c, d = rest
            found.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    return np.concatenate(found)
