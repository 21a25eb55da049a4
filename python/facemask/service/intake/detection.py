"""The options of face detection in a request."""

from __future__ import annotations

from typing import Any, Final

from facemask.service.core.face_detection import DETECTED_OPTIONS
from facemask.service.core.protocol import CoreModule
from facemask.service.errors import ProblemError
from facemask.validation import short_repr

# Options of the detection alone.
_OPTIONS: Final[tuple[str, ...]] = ("min_size", "tiles")
_REPLACED: Final = (*DETECTED_OPTIONS, "image_size")


def take_detection(
    core: CoreModule, options: dict[str, Any], *, has_image: bool, has_labels: bool, has_landmarks: bool
) -> dict[str, Any] | None:
    """Take the options of face detection out of a request's options.

    Returns:
        `face`, `min_size` and `tiles`, those that are set, or None where no face is to be detected.

    Raises:
        ProblemError: `option_invalid` for options that do not fit one another.
        FacemaskError: `model_missing`, field `detect`; `option_invalid`.

    """
    if not options.pop("detect", False):
        for name in _OPTIONS:
            if name in options:
                raise ProblemError("option_invalid", "applies with detect only", f"options.{name}")
        if "face" in options and not isinstance(options["face"], int):
            detail = f"must be an index from 0 on, got {short_repr(options['face'])}; a point and `all` need detect"
            raise ProblemError("option_invalid", detail, "options.face")
        return None
    if has_landmarks:
        detail = "detects the landmarks, and the request has some; leave out either"
        raise ProblemError("option_invalid", detail, "options.detect")
    for name in _REPLACED:
        if name in options:
            raise ProblemError("option_invalid", "is detected, so it cannot be given with detect", f"options.{name}")
    if not has_image:
        raise ProblemError("validation_failed", "the field is missing; options.detect needs a photo", "image")
    detection: dict[str, Any] = {name: options.pop(name) for name in ("face", *_OPTIONS) if name in options}
    core.check_detection(detection, has_labels=has_labels)
    return detection
