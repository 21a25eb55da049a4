"""Keyhole polygons: a polygon with holes as a single ring, for formats that know no holes.

A bridge of zero width joins each hole to the rings around it, there and back, so that the filled area is the same.
"""

from collections.abc import Sequence

from facemask.formats.protocol import Ring, TracedFace, group_rings
from facemask.validation import make_error, short_repr

Points = list[tuple[float, float]]


# Each hole is tested against every edge of its polygon. The limit is a second's work, a hundred times that of a face;
# only noise exceeds it.
_MAX_EDGE_TESTS = 10_000_000


def check_holes(face: TracedFace, holes: str, *, is_used: bool = True) -> None:
    """Check the option `holes`, and, where it is used, that the holes can be bridged in reasonable time.

    Raises:
        FacemaskError: `option_invalid` for another value than `bridge` or `error`, `format_impossible` for too many
            holes.

    """
    if not isinstance(holes, str) or holes not in ("bridge", "error"):
        raise make_error("option_invalid", "holes", f"must be bridge or error, got {short_repr(holes)}")
    if not is_used or holes == "error":
        return  # without a look at the rings, which a face may not have as lists yet
    polygons = (polygon for rings in face.mask_contours.values() for polygon in group_rings(rings))
    if sum((len(p) - 1) * sum(map(len, p)) for p in polygons) > _MAX_EDGE_TESTS:
        detail = "there are too many holes to join them to their outer rings; min_area closes small ones"
        raise make_error("format_impossible", "format", detail)


def to_single_ring(polygon: Sequence[Ring], region: str, form: str, holes: str) -> Points:
    """Convert a polygon to one ring by bridging its holes.

    A bridge is a horizontal segment from the leftmost point of a hole to the next ring on its left. Holes are bridged
    from left to right, so that the ring a bridge meets is already joined. Both fill rules give the area of the polygon.

    Args:
        polygon: an outer ring followed by its holes.
        region: name of the region, for errors.
        form: name of the format, for errors.
        holes: `bridge`, or `error` to raise an error for a polygon with holes.

    Raises:
        FacemaskError: `format_impossible` for a polygon with holes if `holes` is `error`.

    """
    outer, *inner = ([(float(x), float(y)) for x, y in ring] for ring in polygon)
    if inner and holes == "error":
        some = f"{len(inner)} {'hole' if len(inner) == 1 else 'holes'}"
        detail = (
            f"region {region} has {some}, and a polygon of {form} is one "
            "ring without; take holes='bridge', which joins them to the outer ring by a cut of no width, or "
            "another format"
        )
        raise make_error("format_impossible", "format", detail)
    ring = outer
    for hole in sorted(inner, key=min):
        ring = _bridge_hole(ring, hole)
    return ring


def _bridge_hole(ring: Points, hole: Points) -> Points:
    start = hole.index(min(hole))
    x, y = hole[start]
    crossings = [
        (ax + (y - ay) / (by - ay) * (bx - ax), edge)
        for edge, ((ax, ay), (bx, by)) in enumerate(zip(ring, [*ring[1:], ring[0]], strict=True))
        if (ay > y) != (by > y)
    ]
    left = [crossing for crossing in crossings if crossing[0] <= x]
    cut = [*hole[start:], *hole[: start + 1]]
    if not left:  # rounding moved a hole that touches its outer ring: bridge to the nearest vertex
        near = min(range(len(ring)), key=lambda i: (ring[i][0] - x) ** 2 + (ring[i][1] - y) ** 2)
        return [*ring[: near + 1], *cut, *ring[near:]]
    at, edge = max(left)
    # Rounded, the end of the bridge is no longer on the edge. So the bridge goes on along the edge to the vertex
    # nearer to it, and back: all edges of the ring remain as they are, and what is passed twice has no area.
    end = (round(at, 2), y)
    vertices = edge, (edge + 1) % len(ring)
    near = min(vertices, key=lambda i: (ring[i][0] - end[0]) ** 2 + (ring[i][1] - y) ** 2)
    bridge = [] if end == ring[near] else [end]
    return [*ring[: near + 1], *bridge, *cut, *bridge, *ring[near:]]
