"""The input of every export format: what a traced face has to provide."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from facemask.options.choices import Frame

Ring = Sequence[Sequence[float]]


class TracedFace(Protocol):
    """A traced face, such as `facemask.FaceMask` or a result stored by a service.

    Coordinates are pixels of the frame that `frame` names, `crop` or `image`, x right and y down, with two decimals.
    `mask_contours` maps region ids as text to rings of points [x, y]; the holes of an outer ring follow it. `size` is
    (width, height) of that frame. `colors` has the color of each
    region by its id as text, or fewer. `crop_from_image` has the six numbers of the affine from `image` to `crop`.
    """

    __slots__ = ()

    @property
    def svg(self) -> str: ...
    @property
    def mask_contours(self) -> Mapping[str, Sequence[Ring]]: ...
    @property
    def regions(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def colors(self) -> Mapping[str, str]: ...
    @property
    def frame(self) -> Frame: ...
    @property
    def size(self) -> Sequence[int]: ...
    @property
    def crop_from_image(self) -> Sequence[float]: ...


@runtime_checkable
class RunLengthFace(Protocol):
    """A traced face that has run lengths, as of `FaceMask.run_length_masks`, ten times as fast as from lists."""

    def run_length_masks(self) -> dict[int, tuple[str, int, list[int]]] | None: ...


def group_rings(rings: Sequence[Ring]) -> list[list[Ring]]:
    """Group the rings of a region into polygons: each an outer ring followed by its holes."""
    polygons: list[list[Ring]] = []
    for ring in rings:
        if not polygons or signed_area(ring) > 0.0:
            polygons.append([])
        polygons[-1].append(ring)
    return polygons


def signed_area(ring: Ring) -> float:
    """Return the area of a ring, positive if it runs clockwise on screen (shoelace formula)."""
    # Relative to the first point, so that large coordinates cost no precision.
    x0, y0 = ring[0]
    following = [*ring[1:], ring[0]]
    twice = sum(
        (ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, ay), (bx, by) in zip(ring, following, strict=True)
    )
    return twice / 2.0


def polygons_of(face: TracedFace, region: Mapping[str, Any]) -> list[list[Ring]]:
    """Return the polygons of a region of `face.regions`."""
    return group_rings(face.mask_contours[str(region["id"])])


def frame_name(face: TracedFace) -> Frame:
    """Return the frame of a face's coordinates: `crop`, or `image` for the photo's own pixels."""
    return "image" if getattr(face, "frame", "crop") == "image" else "crop"


def frame_title(face: TracedFace) -> str:
    """Return the picture that a face's coordinates are pixels of, in words."""
    return "the photo" if frame_name(face) == "image" else "the upright crop"
