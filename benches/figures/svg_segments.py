"""Path data of the SVG as segments with control points."""

import re

import numpy as np
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from numpy.typing import NDArray

# Two points for a line, four for a cubic Bezier; coordinates with two decimals, as in the file.
Segment = tuple[tuple[float, float], ...]


def parse_segments(svg: str, region: str) -> list[list[Segment]]:
    """Parse the path of a region into rings of segments. The closing line is one, unless its length is zero."""
    path = re.search(rf'<path id="region-{region}"[^>]* d="([^"]*)"', svg)
    if path is None:
        raise LookupError(region)
    return parse_path_data(path[1])


def parse_path_data(data: str) -> list[list[Segment]]:
    """Parse path data into its subpaths, each a list of connected segments."""
    pen = RecordingPen()
    parse_path(data, pen)
    rings: list[list[Segment]] = []
    start = at = (0.0, 0.0)
    for command, points in pen.value:
        # Rounding keeps sums of relative steps exact.
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
            raise ValueError(f"unexpected path command {command}")
    return rings


def flatten(ring: list[Segment], pieces: int = 32) -> NDArray[np.float64]:
    """Flatten a ring into points (n, 2), `pieces` for each curve; the first point is not repeated."""
    t = np.arange(pieces)[:, None] / pieces
    points = []
    for segment in ring:
        a, *rest = np.array(segment)
        if len(rest) == 1:
            points.append(a[None])
        else:
            b, c, d = rest
            points.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    return np.concatenate(points)
