"""Distances between outlines, along whole lines."""

import facemask
import shapely
from shapely.geometry import LinearRing, MultiLineString


def boundary(contour: facemask.Contour) -> MultiLineString:
    """All rings of a contour as lines."""
    return MultiLineString([LinearRing(ring) for ring in contour.rings()])


def directed_hausdorff(a: MultiLineString, b: MultiLineString, step: float = 0.25) -> float:
    """Directed Hausdorff distance from `a` to `b` in pixels, sampled at most `step` apart along `a`."""
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(a, step)))
    shapely.prepare(b)
    tree = shapely.STRtree(list(b.geoms))
    _, distances = tree.query_nearest(points, return_distance=True, all_matches=False)
    return float(distances.max())
