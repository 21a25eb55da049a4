"""trace_photo: a face from a photo alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from facemask.decoding import read_photo
from facemask.detection.detected_face import DetectedFace
from facemask.detection.search import MIN_FACE_AGREEMENT, MIN_FACE_PRESENCE, search_faces
from facemask.face_mask import FaceMask
from facemask.options.choices import Tiles
from facemask.options.face import ALL_FACES, LANDMARK_OPTIONS
from facemask.trace import trace_face
from facemask.types.inputs import Photo
from facemask.types.options import PhotoOptions
from facemask.validation import check_index, check_numbers, make_error, short_repr

# The largest face is meant where it is so many times as large as the next.
_CLEARLY_LARGER: Final = 1.5
# So many boxes make an error message long enough.
_MAX_BOXES: Final = 8
# Squares along the photo's longer side: the smallest that are ever searched, and those of a photo that shows no face.
_LAST_LEVEL: Final = 8
_LAST_LEVEL_WITHOUT_FACE: Final = 4


@dataclass(frozen=True, slots=True)
class PhotoFaces:
    """The faces in a photo, and those that are to be traced.

    Attributes:
        faces: all faces, the largest first.
        chosen: indices in `faces`; None in place of one where `trace_face` chooses: by the label map, or the largest,
            with a warning.

    """

    faces: list[DetectedFace]
    chosen: list[int | None]

    @property
    def landmarks(self) -> list[NDArray[np.float64]]:
        """The points of each face, float64 (478, 2) in pixels of the photo."""
        return [face.points for face in self.faces]


@overload
def trace_photo(
    image: Photo,
    *,
    face: Literal["all"],
    min_size: float | None = None,
    tiles: Tiles = "auto",
    **options: Unpack[PhotoOptions],
) -> list[FaceMask]: ...
@overload
def trace_photo(
    image: Photo,
    *,
    face: int | Sequence[float] | NDArray[Any] | None = None,
    min_size: float | None = None,
    tiles: Tiles = "auto",
    **options: Unpack[PhotoOptions],
) -> FaceMask: ...
def trace_photo(
    image: Photo,
    *,
    face: int | Sequence[float] | NDArray[Any] | Literal["all"] | None = None,
    min_size: float | None = None,
    tiles: Tiles = "auto",
    **options: Unpack[PhotoOptions],
) -> FaceMask | list[FaceMask]:
    """Detect a face in a photo, rotate it upright, crop it and trace the outlines of its regions.

    The regions come from the detected landmarks, as of `trace_face` without labels; `labels=` gives a label map, and
    `parser=` the network that makes one.
    Needs the extra `detect`, and the model that `facemask models fetch` brings.

    Args:
        image: photo, uint8 (height, width, 3), red first, or the bytes of its file, whose EXIF orientation is applied.
        face: which of several faces: its index in the list of `detect_faces`, a point (x, y) in its box, in pixels
            of the photo, or `all`. Default: the only face; the one that fits `labels`; or the largest, if it is at
            least 1.5 times as large as the next.
        min_size: as of `detect_faces`.
        tiles: as of `detect_faces`.
        options: every other option of `trace_face` except landmarks. `with_landmarks` is on by default.

    Returns:
        The traced face, or with `face="all"` a list of them, the largest first. Coordinates are pixels of the frame
        that `frame` names.

    Raises:
        FacemaskError: `no_face`, `face_uncertain` and `face_ambiguous` (field `image`) say what was seen. Others as of
            `trace_face` and `detect_faces`.

    Examples:
        >>> mask = facemask.trace_photo(photo, crop="head")
        >>> mask.labels_from, "nose" in mask.contours
        ('landmarks', True)

    """
    for name in ("landmarks", "landmark_scheme", "landmark_units", "image_size"):
        if name in options:
            raise make_error("option_invalid", name, "is detected here; trace_face takes it")
    photo = read_photo(image)
    has_labels = options.get("labels") is not None
    found = find_faces(photo, face=face, min_size=min_size, tiles=tiles, has_labels=has_labels)
    landmarks = found.landmarks
    given: dict[str, Any] = {"with_landmarks": True, **LANDMARK_OPTIONS, **options}
    masks = [trace_face(landmarks=landmarks, face=i, image=photo, **given) for i in found.chosen]
    return masks if isinstance(face, str) else masks[0]


def find_faces(
    photo: NDArray[np.uint8], *, face: object, min_size: float | None, tiles: int | str, has_labels: bool
) -> PhotoFaces:
    """Find the faces in a photo and choose those to trace, with the arguments and errors of `trace_photo`."""
    check_face_choice(face, has_labels=has_labels)
    faces, uncertain = search_faces(photo, max_faces=None, min_size=min_size, tiles=tiles)
    if not faces:
        raise _no_face(photo, uncertain, _missed_faces(min_size, tiles))
    if isinstance(face, str):
        return PhotoFaces(faces, [*range(len(faces))])
    return PhotoFaces(faces, [_choose(faces, face, has_labels=has_labels)])


def check_face_choice(face: object, *, has_labels: bool) -> None:
    """Check the form of `face`, as of `trace_photo`.

    Raises:
        FacemaskError: `option_invalid`, field `face`.

    """
    if isinstance(face, str) and (face != ALL_FACES or has_labels):
        rule = "a label map shows one face: an index or a point" if has_labels else "must be an index, a point or 'all'"
        raise make_error("option_invalid", "face", f"{rule}, got {short_repr(face)}")
    if isinstance(face, list | tuple | np.ndarray):
        check_numbers("face", face, 2)
    elif not isinstance(face, str) and (check_index("face", face) or 0) < 0:
        raise make_error("option_invalid", "face", f"must be an index from 0 on, got {face}")


def _choose(faces: list[DetectedFace], face: object, *, has_labels: bool) -> int | None:
    if face is None:
        sides = [max(detected.box[2:]) for detected in faces]
        if not has_labels and len(faces) > 1 and sides[0] < _CLEARLY_LARGER * sides[1]:
            detail = f"shows {len(faces)} faces; choose one with face, an index or a point: {_list_boxes(faces)}"
            raise make_error("face_ambiguous", "image", detail)
        return None if len(faces) > 1 else 0
    if isinstance(face, list | tuple | np.ndarray):
        x, y = check_numbers("face", face, 2) or (0.0, 0.0)
        for index, detected in enumerate(faces):
            left, top, width, height = detected.box
            if left <= x <= left + width and top <= y <= top + height:
                return index
        detail = f"no face is at ({x:g}, {y:g}); the photo has {_list_boxes(faces)}"
        raise make_error("option_invalid", "face", detail)
    index = check_index("face", face) or 0
    if not 0 <= index < len(faces):
        detail = f"must be from 0 to {len(faces) - 1}, got {index}; the photo has {_list_boxes(faces)}"
        raise make_error("option_invalid", "face", detail)
    return index


def _list_boxes(faces: list[DetectedFace]) -> str:
    boxes = [f"{index}: {_describe_box(face)}" for index, face in enumerate(faces[:_MAX_BOXES])]
    more = len(faces) - len(boxes)
    return "; ".join(boxes) + (f"; and {more} smaller" if more else "")


def _describe_box(face: DetectedFace) -> str:
    left, top, width, height = (round(number) for number in face.box)
    return f"{width} x {height} pixels at ({left}, {top})"


def _missed_faces(min_size: float | None, tiles: int | str) -> str:
    """Return which faces a search with these options does not find."""
    if min_size is not None:
        return f"; min_size leaves out faces below {min_size:g} pixels"
    level = _LAST_LEVEL_WITHOUT_FACE if tiles == "auto" else int(tiles)
    return f"; a face smaller than about 1/{7 * level} of the photo needs tiles=8" if level < _LAST_LEVEL else ""


def _no_face(photo: NDArray[np.uint8], uncertain: list[DetectedFace], missed: str) -> Exception:
    size = f"{photo.shape[1]} x {photo.shape[0]} pixels"
    if not uncertain:
        return make_error("no_face", "image", f"shows no face, at no tilt ({size}){missed}")
    best = max(uncertain, key=lambda face: (face.presence >= MIN_FACE_PRESENCE, face.score))
    if best.presence < MIN_FACE_PRESENCE:
        place = f"what most resembles one, {_describe_box(best)}, has a presence of {best.presence:.2f}"
        return make_error("no_face", "image", f"shows no face ({size}): {place}, below {MIN_FACE_PRESENCE}")
    detail = (
        f"may show a face, {_describe_box(best)}, but two meshes of it differ by {1 - best.agreement:.2f} eye distances"
        f" (up to {1 - MIN_FACE_AGREEMENT:.2f} is certain), as in profiles, drawings and animals;"
        " give landmarks or a label map"
    )
    return make_error("face_uncertain", "image", detail)
