"""The answer about a face: the compiled module's, pleasant to hold."""

import json
from typing import Any, Final, Self

from facemask import _core
from facemask.contour import Contour
from facemask.formats.exports import Exports

_ANSWER: Final = (
    "svg",
    "mask_contours",
    "regions",
    "symmetry",
    "connectivity",
    "size",
    "crop_from_image",
    "roll_degrees",
    "roll_from",
    "mirrored",
    "schemes",
    "warnings",
)


class FaceMask(Exports):
    """A traced face. Coordinates are in the crop frame: pixels of the upright, cropped picture, x right and y down."""

    __slots__ = ("_core", "_json")

    def __init__(self, core: _core.FaceMask) -> None:
        self._core: Final = core
        self._json: dict[str, Any] = {}

    @classmethod
    def from_core(cls, core: _core.FaceMask) -> Self:
        """Wrap the compiled module's answer."""
        return cls(core)

    def _table(self, name: str) -> Any:
        """Parse a table of the compiled answer once."""
        if name not in self._json:
            self._json[name] = json.loads(getattr(self._core, name))
        return self._json[name]

    @property
    def svg(self) -> str:
        """The document: one `<path id="region-KEY">` per region."""
        return self._core.svg

    def _repr_svg_(self) -> str:
        """Show the drawing in a notebook."""
        return self._core.svg

    @property
    def contours(self) -> dict[str, Contour]:
        """The outline of each region, by region key."""
        return {key: Contour(*arrays) for key, arrays in self._core.contours.items()}

    @property
    def mask_contours(self) -> dict[str, list[list[list[float]]]]:
        """The wire form of the contours: region key -> rings -> points [x, y], two decimals."""
        return self._table("mask_contours_json")  # type: ignore[no-any-return]

    @property
    def regions(self) -> list[dict[str, Any]]:
        """Of each region: id, name, area, perimeter, bbox, centroid, label_point, parts, holes (lengths in pixels)."""
        return self._table("regions_json")  # type: ignore[no-any-return]

    @property
    def symmetry(self) -> list[dict[str, Any]]:
        """Of each pair of sides: {"pair", "area_ratio", "iou"}, compared over the midline of the face, uncut."""
        return self._table("symmetry_json")  # type: ignore[no-any-return]

    @property
    def connectivity(self) -> int:
        """4: pixels of a region belong together by their sides, not by their corners."""
        return self._core.connectivity

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the crop box, pixels."""
        return self._core.size

    @property
    def crop_from_image(self) -> tuple[float, float, float, float, float, float]:
        """The affine (a, b, c, d, e, f) from the image frame: x' = a x + b y + c, y' = d x + e y + f."""
        return self._core.crop_from_image

    @property
    def roll_degrees(self) -> float:
        """The face's roll in (-180, 180], positive clockwise on screen; the picture was turned by its negative."""
        return self._core.roll_degrees

    @property
    def roll_from(self) -> str:
        """What the roll was read from: `landmarks` or `labels`."""
        return self._core.roll_from

    @property
    def mirrored(self) -> bool:
        """Whether the picture, or the naming of its sides, is mirrored."""
        return self._core.mirrored

    @property
    def schemes(self) -> dict[str, Any]:
        """Which landmark and label schemes were used, and how sure the choice is (0 to 1)."""
        return self._table("schemes_json")  # type: ignore[no-any-return]

    @property
    def warnings(self) -> list[dict[str, str]]:
        """What was odd: a list of {"code", "detail"}."""
        return self._core.warnings

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, as the HTTP answer has it, with the SVG as text."""
        values = {name: getattr(self, name) for name in _ANSWER}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def __repr__(self) -> str:
        """Say what was found."""
        width, height = self.size
        return f"FaceMask({width} x {height}, {len(self.regions)} regions, roll {self.roll_degrees:.2f} degrees)"
