"""Polygons for formats that know one ring and no holes."""

from collections.abc import Sequence

from facemask.arguments import fault, shown
from facemask.formats.traced import Ring, Traced, parts

Points = list[tuple[float, float]]


# Every hole looks at every edge of its part: a second's work. A face needs a hundredth of it, only noise more.
_MAX_LOOKS = 10_000_000


def check(traced: Traced, holes: str) -> None:
    """Refuse what is no way to treat holes, and more holes than can be joined in reasonable time."""
    if holes not in ("bridge", "error"):
        raise fault("option_invalid", "holes", f"must be bridge or error, got {shown(holes)}")
    every = (part for rings in traced.mask_contours.values() for part in parts(rings))
    if holes == "bridge" and sum((len(part) - 1) * sum(map(len, part)) for part in every) > _MAX_LOOKS:
        detail = "there are too many holes to join them to their outer rings; min_area closes small ones"
        raise fault("format_impossible", "format", detail)


def one_ring(part: Sequence[Ring], region: str, form: str, holes: str) -> Points:
    """Make one ring of a polygon: its outer ring, with each hole joined to it, or a refusal.

    The joint is a cut of no width: there and back along a level line from the hole's leftmost point to the next ring on
    its left. Filled by either rule the ring covers what the polygon does. Holes are taken from left to right, so what a
    cut meets is joined already.

    Raises:
        FacemaskError: `format_impossible` when there are holes and `holes` is `error`.

    """
    outer, *inner = ([(float(x), float(y)) for x, y in ring] for ring in part)
    if inner and holes == "error":
        some = f"{len(inner)} {'hole' if len(inner) == 1 else 'holes'}"
        detail = (
            f"region {region} has {some}, and a polygon of {form} is one "
            "ring without; take holes='bridge', which joins them to the outer ring by a cut of no width, or "
            "another format"
        )
        raise fault("format_impossible", "format", detail)
    ring = outer
    for hole in sorted(inner, key=min):
        ring = _joined(ring, hole)
    return ring


def _joined(ring: Points, hole: Points) -> Points:
    start = hole.index(min(hole))
    x, y = hole[start]
    hits = [
        (ax + (y - ay) / (by - ay) * (bx - ax), place)
        for place, ((ax, ay), (bx, by)) in enumerate(zip(ring, [*ring[1:], ring[0]], strict=True))
        if (ay > y) != (by > y)
    ]
    left = [hit for hit in hits if hit[0] <= x]
    if not left:  # A hole that touches its outer ring from inside, moved by rounding: join it to the nearest point.
        place = min(range(len(ring)), key=lambda i: (ring[i][0] - x) ** 2 + (ring[i][1] - y) ** 2)
        cut = ring[place]
    else:
        at, place = max(left)
        cut = (round(at, 2), y)
    return [*ring[: place + 1], cut, *hole[start:], *hole[: start + 1], cut, *ring[place + 1 :]]
