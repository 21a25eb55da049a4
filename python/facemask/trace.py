"""The library: courtesy to arguments, one call into the compiled module, answers that are pleasant to hold."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facemask import _core, arguments
from facemask.arguments import fault
from facemask.formats.exports import Exports
from facemask.landmarks import landmark_array

_LIMITS: Final = _core.Limits()
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


class Contour:
    """The outline of one region: polygons with holes, as flat arrays.

    Attributes:
        points: float64 (n, 2), x and y of the points of all rings, in the frame of the answer that holds it.
        offsets: uint32 (rings + 1,); ring k is `points[offsets[k]:offsets[k + 1]]`.

    A ring is closed (the first point is not repeated). Outer rings run clockwise on screen, holes counterclockwise;
    an outer ring is followed by its holes.

    """

    __slots__ = ("offsets", "points")

    def __init__(self, points: NDArray[np.float64], offsets: NDArray[np.uint32]) -> None:
        self.points: Final = points
        self.offsets: Final = offsets

    def rings(self) -> list[NDArray[np.float64]]:
        """Return the rings as (m, 2) views of `points`."""
        return [self.points[a:b] for a, b in zip(self.offsets[:-1], self.offsets[1:], strict=True)]

    def polygons(self) -> list[list[NDArray[np.float64]]]:
        """Return the parts, each an outer ring followed by its holes, as (m, 2) views of `points`."""
        parts: list[list[NDArray[np.float64]]] = []
        for ring in self.rings():
            if _signed_area(ring) > 0.0 or not parts:
                parts.append([])
            parts[-1].append(ring)
        return parts

    def path_data(self) -> str:
        """Return all rings as the `d` of an SVG path, two decimals; fill it by the rule `evenodd`."""
        return _core.path_data(self.points, self.offsets)

    @property
    def area(self) -> float:
        """Area inside: outer rings less their holes, square pixels."""
        return sum(_signed_area(ring) for ring in self.rings())

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"Contour({len(self.offsets) - 1} rings, {len(self.points)} points)"


def _signed_area(ring: NDArray[np.float64]) -> float:
    x, y = (ring - ring[0]).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2.0


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


def trace_face(
    labels: ArrayLike,
    landmarks: Any = None,
    *,
    image_size: tuple[int, int] | None = None,
    regions: str = "labels",
    landmark_scheme: str = "auto",
    landmark_units: str = "auto",
    label_scheme: str = "auto",
    label_names: Mapping[str | int, str] | None = None,
    crop: str = "face",
    tolerance: float = 0.5,
    curve: str = "straight",
    min_area: float = 0.0,
    style: str = "default",
    colors: Mapping[str | int, str] | None = None,
    image: ArrayLike | bytes | None = None,
    embed_image: str = "none",
) -> FaceMask:
    """Set a face upright, crop it and outline its regions.

    Args:
        labels: the label map, (height, width) of uint8, or of another integer type with values from 0 to 255.
        landmarks: points in the photo, in any shape that `facemask.landmarks.landmark_array` takes. Without them roll
            and crop come from the label map.
        image_size: (width, height) of the photo in pixels; default the image's, else the map's own.
        regions: `labels`, one region per id above 0, or `zones`: forehead, cheeks, chin and so on, cut out of the skin
            by outlines through the landmarks. Zones need a map of a known label scheme.
        landmark_scheme: `auto` or a name from `facemask schemes`.
        landmark_units: `auto`, `pixel`, or `normalized` (ratios of width and height).
        label_scheme: `auto`, `custom` (names from `label_names` only) or a name from `facemask schemes`.
        label_names: region names by id (of the label, or of the zone), before those of the scheme.
        crop: `face`, `head` or `none`.
        tolerance: pixels of the photo; no outline is further than this from the traced border, nor the border from it.
            0 keeps every vertex.
        curve: `straight`.
        min_area: parts of less than this many square pixels of the photo go to the neighbour with the longest border.
        style: `default`, `outline`, `solid` or `numbered`.
        colors: colours (`#rrggbb` or a CSS name) by region id or name.
        image: the photo, uint8 (height, width, 3) or the bytes of its file; needed for `embed_image` only.
        embed_image: `none`, or `crop` to put the upright, cropped photo under the regions.

    Raises:
        FacemaskError: a ValueError with `.code`, `.field` and `.detail`.

    """
    options = _core.Options(
        regions=arguments.text("regions", regions),
        landmark_scheme=arguments.text("landmark_scheme", landmark_scheme),
        landmark_units=arguments.text("landmark_units", landmark_units),
        label_scheme=arguments.text("label_scheme", label_scheme),
        label_names=arguments.table("label_names", label_names),
        crop=arguments.text("crop", crop),
        tolerance=arguments.number("tolerance", tolerance),
        curve=arguments.text("curve", curve),
        min_area=arguments.number("min_area", min_area),
        style=arguments.text("style", style),
        colors=arguments.table("colors", colors),
        embed_image=arguments.text("embed_image", embed_image),
    )
    label_array = arguments.label_array(labels)
    photo = _photo(image)
    if embed_image != "none" and photo is None:
        raise fault("option_invalid", "image", "is needed to embed it, got None")
    size = _size(label_array if photo is None else photo)
    if image_size is not None:
        asked = arguments.image_size(image_size)
        if photo is not None and asked != size:
            raise fault("option_invalid", "image_size", f"is {asked}, but the image given measures {size}")
        size = asked
    points = landmark_array(landmarks)
    return FaceMask.from_core(_core.trace_face(label_array, points, size, photo, options, _LIMITS))


def find_contours(
    labels: ArrayLike,
    *,
    tolerance: float = 0.0,
    curve: str = "straight",
    min_area: float = 0.0,
    background: bool = False,
) -> dict[int, Contour]:
    """Outline every label above 0 of any label map, in the map's own frame. No face needed.

    Args:
        labels: (height, width) of uint8, or of another integer type with values from 0 to 255.
        tolerance: pixels; no outline is further than this from the traced border, nor the border from it. 0 keeps every
            vertex: rasterised back by pixel centres the outlines give the map, pixel for pixel.
        curve: `straight`.
        min_area: parts of fewer pixels than this go to the neighbour with the longest shared border.
        background: whether label 0 gets a contour too; then the contours tile the picture.

    Raises:
        FacemaskError: a ValueError with `.code`, `.field` and `.detail`.

    """
    found = _core.find_contours(
        arguments.label_array(labels),
        tolerance=arguments.number("tolerance", tolerance),
        curve=arguments.text("curve", curve),
        min_area=arguments.number("min_area", min_area),
        background=arguments.flag("background", background),
    )
    return {label: Contour(*arrays) for label, arrays in found.items()}


def decode_label_map(data: bytes, *, palette: Sequence[Sequence[int]] | None = None) -> NDArray[np.uint8]:
    """Read the ids of a label map from its PNG or lossless WebP file: uint8 (height, width).

    Args:
        data: the file.
        palette: colours (red, green, blue) by id, for a map that holds colours instead of ids.

    Raises:
        FacemaskError: `map_unsupported`, `map_corrupt`, `map_too_large`, `map_not_lossless` or `map_invalid`.

    """
    data = arguments.file_bytes("map_unsupported", "labels", data)
    return _core.decode_label_map(data, None if palette is None else arguments.palette(palette), _LIMITS)


def decode_image(data: bytes) -> NDArray[np.uint8]:
    """Read a photo from its PNG, JPEG or WebP file: uint8 (height, width, 3), red first, EXIF orientation applied.

    Raises:
        FacemaskError: `image_unsupported`, `image_corrupt` or `image_too_large`.

    """
    return _core.decode_image(arguments.file_bytes("image_unsupported", "image", data), _LIMITS)


def _size(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    return int(pixels.shape[1]), int(pixels.shape[0])


def _photo(image: ArrayLike | bytes | None) -> NDArray[np.uint8] | None:
    if image is None:
        return None
    if isinstance(image, bytes | bytearray | memoryview):
        return decode_image(bytes(image))
    return arguments.photo_array(image)
