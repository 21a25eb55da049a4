"""Face detection as the service uses it. Nothing of it is imported before the first photo."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from facemask import _core
from facemask.options.face import LANDMARK_OPTIONS
from facemask.validation import make_error

if TYPE_CHECKING:
    from facemask.photo_trace import PhotoFaces

_RUNTIME: Final = "ai_edge_litert"
# Values that the detected points have, so no request may state them.
DETECTED_OPTIONS: Final[Mapping[str, Any]] = LANDMARK_OPTIONS | {"landmarks_frame": "oriented"}


def check_detection(options: Mapping[str, Any], *, has_labels: bool) -> None:
    """Check what is cheap to check before a photo waits for its turn: the options, and whether there is a model.

    Raises:
        FacemaskError: `option_invalid`; `model_missing`, field `detect`.

    """
    from facemask.detection.search import check_search_options  # noqa: PLC0415
    from facemask.photo_trace import check_face_choice  # noqa: PLC0415

    check_search_options(max_faces=None, min_size=options.get("min_size"), tiles=options.get("tiles", "auto"))
    check_face_choice(options.get("face"), has_labels=has_labels)
    with _name_option():
        _check_installation()


def _check_installation() -> None:
    """Raise `model_missing` where the networks' runtime or file is missing."""
    from facemask.models.catalog import FACE  # noqa: PLC0415
    from facemask.models.store import missing_model, missing_package, model_path  # noqa: PLC0415

    if importlib.util.find_spec(_RUNTIME) is None:
        raise missing_package("ai-edge-litert")
    if not model_path(FACE).is_file():
        raise missing_model(FACE)


def detects_faces() -> bool:
    """Return whether face detection is installed."""
    try:
        _check_installation()
    except _core.FacemaskError:
        return False
    return True


def detect_faces_in(image: bytes, limits: _core.Limits, *, has_labels: bool, options: Mapping[str, Any]) -> PhotoFaces:
    """Detect the faces in the file of a photo.

    Args:
        image: the file.
        limits: bounds of the photo's pixels.
        has_labels: whether a label map chooses among several faces.
        options: `face`, `min_size` and `tiles`, as of `trace_photo`.

    Raises:
        FacemaskError: as of `trace_photo`; field `detect` where the networks cannot be used.

    """
    from facemask.photo_trace import find_faces  # noqa: PLC0415

    photo = _core.decode_image(image, limits)
    with _name_option():
        return find_faces(
            photo,
            face=options.get("face"),
            min_size=options.get("min_size"),
            tiles=options.get("tiles", "auto"),
            has_labels=has_labels,
        )


@contextmanager
def _name_option() -> Iterator[None]:
    """Name the option as the field of errors that name none."""
    try:
        yield
    except _core.FacemaskError as error:
        raise make_error(error.code, error.field or "detect", error.detail) from None
