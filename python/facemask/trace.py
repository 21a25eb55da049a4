"""The two main functions: trace a face, find the contours of a label map.

Each validates its arguments, calls the compiled module once, and wraps the result.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facemask import _core
from facemask.contour import Contour
from facemask.decoding import LIMITS, decode_image
from facemask.face_mask import FaceMask
from facemask.landmarks import read_landmarks
from facemask.validation import (
    check_bool,
    check_image_size,
    check_index,
    check_label_array,
    check_number,
    check_photo_array,
    check_region_texts,
    check_text,
    make_error,
)


def trace_face(
    labels: ArrayLike,
    landmarks: Any = None,
    *,
    image_size: tuple[int, int] | None = None,
    regions: str = "labels",
    landmark_scheme: str = "auto",
    landmark_units: str = "auto",
    face: int | None = None,
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
    """Rotate a face upright, crop it and trace the outlines of its regions.

    Args:
        labels: label map, uint8 (height, width), or another integer type with values from 0 to 255. Its frame is that
            of the photo, at any scale.
        landmarks: points in the image frame, in any form of docs/inputs.md: a list of points, an array, the result of
            a detector, or its JSON. Without landmarks, roll and crop are estimated from the label map.
        image_size: (width, height) of the photo in pixels. Default: the size of `image`, else of `labels`.
        regions: `labels` for one region per label id above 0, or `zones` for anatomical zones (forehead, cheeks, chin
            ...), which are cut out of the skin by outlines through the landmarks. Zones need a known label scheme.
        landmark_scheme: `auto`, or a name of `facemask schemes`.
        landmark_units: `auto`, `pixel`, or `normalized` (ratios of width and height).
        face: index of the face to trace where `landmarks` hold several, from 0. Default: the face that fits the label
            map best, else the largest; a warning tells which.
        label_scheme: `auto`, `custom` (names from `label_names` only), or a name of `facemask schemes`.
        label_names: region names by label or zone id. They override those of the scheme.
        crop: `face`, `head` or `none`.
        tolerance: maximum Hausdorff distance between an outline and the traced border, in pixels of the photo. 0 keeps
            every vertex.
        curve: `smooth` for cubic Bezier curves along the smoothed border, which stay within half a pixel of the label
            map at any tolerance; `straight` for line segments between points of the border.
        min_area: parts below this area, in square pixels of the photo, are merged into the neighbor with the longest
            shared border.
        style: `default`, `outline`, `solid` or `numbered`.
        colors: colors (`#rrggbb` or CSS names) by region id or name.
        image: photo, uint8 (height, width, 3), red first, or the bytes of its file. Required by `embed_image` only.
        embed_image: `crop` to place the upright, cropped photo under the regions, or `none`.

    Returns:
        The traced face. Coordinates are pixels of the crop frame.

    Raises:
        FacemaskError: a ValueError with the attributes `code`, `field` and `detail`.

    """
    values: dict[str, Any] = {
        "regions": check_text("regions", regions),
        "landmark_scheme": check_text("landmark_scheme", landmark_scheme),
        "landmark_units": check_text("landmark_units", landmark_units),
        "face": check_index("face", face),
        "label_scheme": check_text("label_scheme", label_scheme),
        "label_names": check_region_texts("label_names", label_names),
        "crop": check_text("crop", crop),
        "tolerance": check_number("tolerance", tolerance),
        "curve": check_text("curve", curve),
        "min_area": check_number("min_area", min_area),
        "style": check_text("style", style),
        "colors": check_region_texts("colors", colors),
        "embed_image": check_text("embed_image", embed_image),
    }
    options = _core.Options(**values)
    label_array = check_label_array(labels)
    photo = _photo(image)
    if embed_image != "none" and photo is None:
        raise make_error("option_invalid", "image", "is needed to embed it, got None")
    size = _size(label_array if photo is None else photo)
    if image_size is not None:
        given_size = check_image_size(image_size)
        if photo is not None and given_size != size:
            raise make_error("option_invalid", "image_size", f"is {given_size}, but the image given measures {size}")
        size = given_size
    faces = read_landmarks(landmarks)
    if (units := faces.resolve_units(landmark_units)) != landmark_units:
        options = _core.Options(**values | {"landmark_units": units})
    return FaceMask.from_core(_core.trace_face(label_array, faces.core_argument(), size, photo, options, LIMITS))


def find_contours(
    labels: ArrayLike,
    *,
    tolerance: float = 0.0,
    curve: str = "straight",
    min_area: float = 0.0,
    background: bool = False,
) -> dict[int, Contour]:
    """Find the contours of all labels above 0 of any label map. No face is needed.

    Args:
        labels: label map, uint8 (height, width), or another integer type with values from 0 to 255.
        tolerance: maximum Hausdorff distance between an outline and the traced border, in pixels. 0 keeps every vertex:
            rasterized by pixel centers, such outlines reproduce the map exactly.
        curve: `straight` for line segments between points of the border; `smooth` for points on cubic Bezier curves
            along the smoothed border, given by `Contour.curves` and `Contour.controls`. Needs a tolerance above 0.
        min_area: parts of fewer pixels are merged into the neighbor with the longest shared border.
        background: whether label 0 also gets a contour. Then the contours tile the picture.

    Returns:
        Contours by label id. Coordinates are pixels of the map: pixel (c, r) covers `[c, c+1] x [r, r+1]`.

    Raises:
        FacemaskError: a ValueError with the attributes `code`, `field` and `detail`.

    """
    outlines = _core.find_contours(
        check_label_array(labels),
        tolerance=check_number("tolerance", tolerance),
        curve=check_text("curve", curve),
        min_area=check_number("min_area", min_area),
        background=check_bool("background", background),
    )
    return {label: Contour.from_core(outline) for label, outline in outlines.items()}


def _size(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    return int(pixels.shape[1]), int(pixels.shape[0])


def _photo(image: ArrayLike | bytes | None) -> NDArray[np.uint8] | None:
    if image is None:
        return None
    if isinstance(image, bytes | bytearray | memoryview):
        return decode_image(bytes(image))
    return check_photo_array(image)
