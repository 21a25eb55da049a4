"""detect_faces: the faces in a photo."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facemask import _core
from facemask.decoding import read_photo
from facemask.detection.detected_face import DetectedFace
from facemask.options.choices import Tiles
from facemask.types.inputs import Photo
from facemask.validation import check_index, check_number, make_error

# So that no photo decides alone over the time; pictures of crowds have fewer faces that are large enough.
MAX_FACES: Final = 128
MIN_FACE_PRESENCE: Final = _core.MIN_FACE_PRESENCE
MIN_FACE_AGREEMENT: Final = _core.MIN_FACE_AGREEMENT


def detect_faces(
    image: Photo, *, max_faces: int | None = None, min_size: float | None = None, tiles: Tiles = "auto"
) -> list[DetectedFace]:
    """Detect the faces in a photo, at every tilt.

    The detector is BlazeFace, the points are those of MediaPipe's face mesh (docs/design.md#face-detection).
    Needs the extra `detect`, and the model that `facemask models fetch` brings.

    Args:
        image: photo, uint8 (height, width, 3), red first, or the bytes of its file, whose EXIF orientation is applied.
        max_faces: the most faces that are returned, from 1 to 128. Default: 128.
        min_size: the longer side of the smallest wanted face's box, in pixels of the photo. Smaller ones are left out,
            and `tiles="auto"` runs the detector on parts of the photo in which such a face is large enough for it.
        tiles: the parts of the photo that the detector is run on: 1 for the whole photo; 2, 4 or 8 for squares of that
            share of its longer side as well, which overlap by half. `auto`: as `min_size` needs; without it, the whole
            photo; squares of a half and a quarter while no face is found; smaller squares, down to an eighth, while
            the smallest face is below a fifth of those before.

    Returns:
        The faces, the largest first; no face is no error.

    Raises:
        FacemaskError: `image_unsupported`, `image_corrupt` or `image_too_large` (field `image`); `option_invalid`;
            `model_missing` or `model_invalid`.

    Examples:
        >>> (face,) = facemask.detect_faces(photo)
        >>> face.points.shape, round(face.roll_degrees)
        ((478, 2), 3)

    """
    faces, _ = search_faces(read_photo(image), max_faces=max_faces, min_size=min_size, tiles=tiles)
    return faces


def search_faces(
    photo: NDArray[np.uint8], *, max_faces: int | None, min_size: float | None, tiles: int | str
) -> tuple[list[DetectedFace], list[DetectedFace]]:
    """Return the faces in a photo, and where there is none, the places that resemble one, as `detect_faces`."""
    checked = check_search_options(max_faces=max_faces, min_size=min_size, tiles=tiles)
    from facemask.detection.networks import face_networks  # noqa: PLC0415 - loads the runtime of the networks

    with face_networks() as networks:
        found = _core.detect_faces(photo, networks.detect, networks.mesh, **checked)
    faces: list[DetectedFace] = []
    uncertain: list[DetectedFace] = []
    for points, (left, top, width, height), score, presence, agreement, roll, is_certain in found:
        box = (left, top, width, height)
        face = DetectedFace(points, box, score, presence, agreement, 0.0 if roll is None else roll)
        (faces if is_certain else uncertain).append(face)
    return faces, uncertain


def check_search_options(*, max_faces: int | None, min_size: object, tiles: object) -> dict[str, Any]:
    """Return the options of a search as the compiled module takes them.

    Raises:
        FacemaskError: `option_invalid`.

    """
    most = MAX_FACES if max_faces is None else check_index("max_faces", max_faces)
    if most is None or not 1 <= most <= MAX_FACES:
        raise make_error("option_invalid", "max_faces", f"must be from 1 to {MAX_FACES}, got {most}")
    smallest = None if min_size is None else check_number("min_size", min_size)
    if smallest is not None and not 0 < smallest < float("inf"):
        raise make_error("option_invalid", "min_size", f"must be a number of pixels above 0, got {smallest:g}")
    count = 0 if tiles == "auto" else check_index("tiles", tiles)
    if count not in (0, 1, 2, 4, 8) or tiles == 0:
        raise make_error("option_invalid", "tiles", f"must be 'auto', 1, 2, 4 or 8, got {tiles!r}")
    return {"max_faces": most, "min_size": smallest, "tiles": count}
