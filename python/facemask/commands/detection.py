"""`facemask trace PHOTO` without other files: the face is detected in the photo."""

import argparse
from typing import Any

from facemask.commands.inputs import FaceInputs
from facemask.validation import check_index, make_error


def parse_face(text: str) -> int | list[float]:
    """Parse the index of a face, or a point X,Y in it."""
    try:
        return [float(number) for number in text.split(",")] if "," in text else int(text)
    except ValueError:
        rule = "must be an index from 0 on, or a point X,Y in the photo"
        raise argparse.ArgumentTypeError(f"{rule}, got {text!r}") from None


def add_detection_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that apply where nothing but a photo is given, and `--face`."""
    parser.add_argument(
        "--face",
        type=parse_face,
        metavar="N|X,Y",
        help="which of several faces: from 0, or of a photo alone a point in it (default: that of the map)",
    )
    parser.add_argument("--min-size", type=float, metavar="PX", help="photo alone: the smallest face's longer side")
    parser.add_argument("--tiles", type=int, choices=(1, 2, 4, 8), help="photo alone: squares of this share too")


def check_given_face(parsed: argparse.Namespace) -> int | None:
    """Return `--face` as the option of a trace; None where the face is detected.

    Raises:
        FacemaskError: `option_invalid`, for options of a photo alone beside other files.

    """
    if parsed.map is None:
        return None
    for name in ("min_size", "tiles"):
        if getattr(parsed, name) is not None:
            raise make_error("option_invalid", name, "applies to a photo alone, not to one with a map or landmarks")
    return check_index("face", parsed.face)


def detect_face(photo: bytes, parsed: argparse.Namespace) -> tuple[FaceInputs, dict[str, Any]]:
    """Detect the face in a photo. Returns it as input of a trace, and the options that describe it.

    Raises:
        FacemaskError: as of `trace_photo`.

    """
    # Detection is for a photo alone; a photo with other files needs neither it nor NumPy.
    from facemask.decoding import decode_image  # noqa: PLC0415
    from facemask.landmarks import read_landmarks  # noqa: PLC0415
    from facemask.photo_trace import LANDMARK_OPTIONS, detect_landmarks  # noqa: PLC0415

    landmarks, index = detect_landmarks(
        decode_image(photo),
        face=parsed.face,
        min_size=parsed.min_size,
        tiles="auto" if parsed.tiles is None else parsed.tiles,
        has_labels=False,
    )
    # The photo was turned by its EXIF orientation before.
    options = LANDMARK_OPTIONS | {"face": index, "landmarks_frame": "oriented"}
    faces = read_landmarks(landmarks)
    return FaceInputs(None, faces.core_argument(), faces.units, []), options
