"""The option `face`: which of several faces."""

from typing import Any, Final

# Every face, each with a result of its own.
ALL_FACES: Final = "all"
# What the detected points are, as options of `trace_face`.
LANDMARK_OPTIONS: Final[dict[str, Any]] = {"landmark_scheme": "mediapipe-478", "landmark_units": "pixel"}
