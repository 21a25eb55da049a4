"""The result of a trace: a wrapper of the compiled module's class, with export methods."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final, Literal, Self, cast

import numpy as np
from numpy.typing import NDArray

from facemask import _core
from facemask.contour import Contour
from facemask.contour_dict import ContourDict
from facemask.decoding import LIMITS
from facemask.formats.annotation.keypoints import name_landmarks
from facemask.formats.exports import ExportMixin
from facemask.formats.svg_ids import prefix_ids
from facemask.options.choices import Frame
from facemask.plotting import PlotMixin
from facemask.trace_snapshot import TraceSnapshot
from facemask.types.results import FaceData, MapEnlargement, Region, RegionPair, Schemes, TraceWarning
from facemask.validation import make_error

# In the order of the HTTP response.
_FIELDS: Final = tuple(name for name in FaceData.__annotations__ if name in FaceData.__required_keys__)


class FaceMask(ExportMixin, PlotMixin):
    """A traced face. Coordinates are pixels of the frame that `frame` names, x right, y down.

    Examples:
        >>> mask = facemask.trace_face(labels, landmarks)
        >>> mask
        FaceMask(388 x 502, 10 regions, roll 3.16 degrees)
        >>> mask.contours["nose"].points.shape[1], mask.svg[:4]
        (2, '<svg')

    """

    __slots__ = ("_confidence", "_core", "_draw_on_photo", "_json", "_photo", "_with_landmarks")

    def __init__(
        self,
        core: _core.FaceMask | TraceSnapshot,
        confidence: Mapping[int, float] | None = None,
        *,
        photo: NDArray[np.uint8] | None = None,
        draw_on_photo: Callable[[], str] | None = None,
        with_landmarks: bool = False,
    ) -> None:
        """Wrap a result of the compiled module.

        Args:
            core: the result.
            confidence: confidence of regions by id.
            photo: pixels of the image frame, for `crop_image`.
            draw_on_photo: returns the SVG with the photo below the regions.
            with_landmarks: whether `to_dict` has the landmarks.

        """
        self._core: Final = core
        self._with_landmarks: Final = with_landmarks
        self._confidence: Final = confidence
        self._photo: Final = photo
        self._draw_on_photo: Final = draw_on_photo
        self._json: dict[str, Any] = {}

    def _parse_json(self, name: str) -> Any:
        """Parse a JSON attribute of the compiled result, once."""
        if name not in self._json:
            self._json[name] = json.loads(getattr(self._core, name))
        return self._json[name]

    @property
    def svg(self) -> str:
        """SVG document with one `<path id="region-KEY">` per region."""
        return self._core.svg

    def _repr_svg_(self) -> str:
        """Return the SVG for display in a notebook: on the photo, where `trace_face` got one.

        Several drawings share a page, so the ids differ by drawing.
        """
        svg = self._core.svg
        if self._draw_on_photo is not None:
            with suppress(_core.FacemaskError):  # such as a photo of more pixels than may be embedded
                svg = self._draw_on_photo()
        return prefix_ids(svg)

    @property
    def photo(self) -> NDArray[np.uint8] | None:
        """The photo that `trace_face` got as `image`, uint8 (height, width, 3), red first, or None."""
        return self._photo

    def crop_image(self) -> NDArray[np.uint8]:
        """Return the upright crop of the photo.

        `crop_from_image` leads to its pixels from those of the photo. It is resampled bilinearly, as the embedded one;
        where the photo does not reach it is white.

        Returns:
            Pixels of the crop frame, uint8 (height, width, 3), red first, whatever `frame` is.

        Raises:
            FacemaskError: `option_invalid` (field `image`) where `trace_face` got no photo; `image_too_large` for a
                crop of more than 24,000,000 pixels.

        Examples:
            >>> facemask.trace_face(labels, landmarks, image=photo).crop_image().shape
            (502, 388, 3)

        """
        if self._photo is None or isinstance(self._core, TraceSnapshot):
            detail = "the crop is cut out of the photo, so trace_face needs it: trace_face(..., image=photo)"
            raise make_error("option_invalid", "image", detail)
        return self._core.cut_photo(self._photo, LIMITS)

    @property
    def contours(self) -> ContourDict[str]:
        """Contour of each region, by region id as text. `[]`, `in` and `get` also accept the number and the name."""
        contours = {key: Contour(*arrays) for key, arrays in self._core.contours.items()}
        return ContourDict(contours, {str(region["id"]): region["name"] for region in self.regions})

    def run_length_masks(self) -> dict[int, tuple[str, int, list[int]]] | None:
        """Return COCO's run lengths as text, number of pixels and box of each region with a pixel, by id.

        None for an unpickled face, of which the exports compute them from `mask_contours`.

        """
        if isinstance(self._core, TraceSnapshot):
            return None
        return {region: (text, area, box) for region, text, area, box in self._core.run_length_masks()}

    @property
    def mask_contours(self) -> dict[str, list[list[list[float]]]]:
        """Contours as plain lists: region id as text to rings of points [x, y], two decimals."""
        return self._parse_json("mask_contours_json")  # type: ignore[no-any-return]

    @property
    def regions(self) -> list[Region]:
        """Measures of each region: id, name, area, perimeter, bbox, centroid, label_point, parts, holes.

        Lengths are in pixels, areas in square pixels. With labels that are class scores, `confidence` is the mean
        probability of the region's class over its pixels in the label map.
        """
        if "regions" not in self._json:
            regions = json.loads(self._core.regions_json)
            for region in regions if self._confidence else ():
                region["confidence"] = (self._confidence or {}).get(region["id"])
            self._json["regions"] = regions
        return self._json["regions"]  # type: ignore[no-any-return]

    @property
    def colors(self) -> dict[str, str]:
        """Color of each region in the drawing, `#rrggbb`, by region id as text."""
        return self._core.colors

    @property
    def symmetry(self) -> list[RegionPair]:
        """Left-right symmetry: {"pair", "area_ratio", "iou"} per pair of regions.

        One of the pair is reflected about the midline of the face. The uncropped regions are compared.
        """
        return self._parse_json("symmetry_json")  # type: ignore[no-any-return]

    @property
    def connectivity(self) -> int:
        """Pixel connectivity of the parts of a region, always 4: pixels are connected by sides, not by corners."""
        return self._core.connectivity

    @property
    def frame(self) -> Frame:
        """Frame of all coordinates: `crop`, the upright, cropped picture, or `image`, the photo as it is."""
        return self._core.frame

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the frame in pixels: of the crop, or of the photo."""
        return self._core.size

    @property
    def crop_from_image(self) -> tuple[float, float, float, float, float, float]:
        """Affine (a, b, c, d, e, f) from the image frame to the crop frame: x' = ax + by + c, y' = dx + ey + f.

        It is the same with either frame of the result.
        """
        return self._core.crop_from_image

    @property
    def roll_degrees(self) -> float:
        """Roll of the face in degrees, in (-180, 180], clockwise on screen. The picture was rotated by its negative."""
        return self._core.roll_degrees

    @property
    def roll_from(self) -> Literal["landmarks", "labels"]:
        """Source of the roll: `landmarks` or `labels`."""
        return self._core.roll_from

    @property
    def labels_from(self) -> Literal["map", "parser", "landmarks"]:
        """Source of the labels: `map`, `parser`, or `landmarks` where `trace_face` got neither.

        From landmarks, regions of which a part is a guess have `guessed`, and a warning names them.
        """
        return self._core.labels_from

    @property
    def roll_confidence(self) -> float:
        """Confidence of the roll, 0 to 1: 1 from landmarks; from labels it depends on the features of the map."""
        return self._core.roll_confidence

    @property
    def mirrored(self) -> bool:
        """Whether the picture is mirrored, or the names of left and right are exchanged."""
        return self._core.mirrored

    @property
    def schemes(self) -> Schemes:
        """Landmark scheme and label scheme, each with its confidence (0 to 1)."""
        return self._parse_json("schemes_json")  # type: ignore[no-any-return]

    @property
    def native_resolution(self) -> MapEnlargement | None:
        """How the label map had been enlarged, where it was traced at its own resolution; else None.

        `size` is [width, height] of the small map, `factor` that of both axes. `anchor` names what kept its place:
        `center`, `corner` or `ends`. `shift` is the mean distance of the enlarged pixels from the places that the
        factor gives them, in pixels of the enlarged map; the outlines lie at the latter.
        """
        return self._parse_json("native_resolution_json")  # type: ignore[no-any-return]

    @property
    def landmarks(self) -> NDArray[np.float64] | None:
        """Landmarks of the traced face in the frame of the result, float64 (n, 2); those outside it too.

        None where the label map gave roll and crop. With the option `with_landmarks`, and by `trace_photo`, they are
        in `to_dict` too. No other result holds them.
        """
        return self._core.landmarks

    @property
    def landmark_names(self) -> list[str] | None:
        """Name of each landmark: its smallest part and its number there (`eye_r_3`), or its index (`point_17`)."""
        landmarks = self.landmarks
        return None if landmarks is None else name_landmarks(self.schemes["landmarks"], len(landmarks))

    @property
    def warnings(self) -> list[TraceWarning]:
        """Warnings of the trace, each {"code", "detail"}."""
        return self._core.warnings

    def without_photo(self) -> Self:
        """Return the same face without its photo, which may be large."""
        return type(self)(self._core, self._confidence, with_landmarks=self._with_landmarks)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle all but the photo, which would outweigh the rest: `photo` is None then. The fields stay equal."""
        snapshot = TraceSnapshot.from_core(self._core)
        return partial(type(self), with_landmarks=self._with_landmarks), (snapshot, self._confidence)

    def __copy__(self) -> Self:
        """Return a face with the same photo."""
        return self._with_photo(self._photo)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a face with a photo of its own. The compiled result never changes, so both have it."""
        return self._with_photo(None if self._photo is None else self._photo.copy())

    def _with_photo(self, photo: NDArray[np.uint8] | None) -> Self:
        draw, shown = self._draw_on_photo, self._with_landmarks
        return type(self)(self._core, self._confidence, photo=photo, draw_on_photo=draw, with_landmarks=shown)

    def to_dict(self) -> FaceData:
        """Return all fields as plain data, like the HTTP response, but with the SVG as text.

        Examples:
            >>> mask.to_dict()["size"]
            [388, 502]

        """
        values = {name: getattr(self, name) for name in _FIELDS}
        if self.labels_from != "map":
            values["labels_from"] = self.labels_from
        if self._with_landmarks and (landmarks := self.landmarks) is not None:
            values["landmarks"] = landmarks.round(2).tolist()
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return cast("FaceData", plain)

    def __repr__(self) -> str:
        """Return size, number of regions and roll."""
        width, height = self.size
        return f"FaceMask({width} x {height}, {len(self.regions)} regions, roll {self.roll_degrees:.2f} degrees)"
