"""What a format is made from."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Ring = Sequence[Sequence[float]]


class Traced(Protocol):
    """A traced face: `facemask.FaceMask`, or what a service has kept of one. Coordinates are in the crop frame."""

    __slots__ = ()

    @property
    def svg(self) -> str: ...
    @property
    def mask_contours(self) -> Mapping[str, Sequence[Ring]]: ...
    @property
    def regions(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def size(self) -> Sequence[int]: ...
    @property
    def crop_from_image(self) -> Sequence[float]: ...


def parts(rings: Sequence[Ring]) -> list[list[Ring]]:
    """Group rings into polygons: each an outer ring followed by its holes."""
    found: list[list[Ring]] = []
    for ring in rings:
        if not found or signed_area(ring) > 0.0:
            found.append([])
        found[-1].append(ring)
    return found


def signed_area(ring: Ring) -> float:
    """Area inside a ring, positive for one that runs clockwise on screen."""
    x0, y0 = ring[0]
    following = [*ring[1:], ring[0]]
    twice = sum(
        (ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, ay), (bx, by) in zip(ring, following, strict=True)
    )
    return twice / 2.0
