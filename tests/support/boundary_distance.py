"""How far one outline is from another, along whole lines."""

import facemask
import shapely
from shapely.geometry import LinearRing, MultiLineString


def border(contour: facemask.Contour) -> MultiLineString:
    return MultiLineString([LinearRing(ring) for ring in contour.rings()])


def farthest(a: MultiLineString, b: MultiLineString, step: float = 0.25) -> float:
    """The largest distance from a to b: at points at most `step` apart along a."""
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(a, step)))
    shapely.prepare(b)
    tree = shapely.STRtree(list(b.geoms))
    _, distances = tree.query_nearest(points, return_distance=True, all_matches=False)
    return float(distances.max())
