"""The library's two calls: courtesy to arguments, one call into the compiled module, pleasant answers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facemask import _core, arguments
from facemask.arguments import fault
from facemask.contour import Contour
from facemask.face_mask import FaceMask
from facemask.files import LIMITS, decode_image
from facemask.landmarks import landmark_array


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
    curve: str = "smooth",
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
        curve: `smooth`: cubic Bezier curves along the smoothed border in the drawing, and points on them; within half a
            pixel of the map however large the tolerance. `straight`: lines between points of the border itself.
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
    return FaceMask.from_core(_core.trace_face(label_array, points, size, photo, options, LIMITS))


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
        curve: `straight`: lines between points of the border itself. `smooth`: points on cubic Bezier curves along the
            smoothed border, which `Contour.curves` and `.controls` describe; it needs a tolerance above 0.
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
    return {label: Contour.from_core(outline) for label, outline in found.items()}


def _size(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    return int(pixels.shape[1]), int(pixels.shape[0])


def _photo(image: ArrayLike | bytes | None) -> NDArray[np.uint8] | None:
    if image is None:
        return None
    if isinstance(image, bytes | bytearray | memoryview):
        return decode_image(bytes(image))
    return arguments.photo_array(image)
