"""`facemask trace PHOTO` without other files: the face is detected in the photo."""

import argparse
from pathlib import Path
from typing import Any

from facemask.commands.arguments import STANDARD_STREAM
from facemask.commands.inputs import FaceInputs
from facemask.options.face import ALL_FACES
from facemask.validation import check_index, make_error


def parse_face(text: str) -> int | list[float] | str:
    """Parse the index of a face, a point X,Y in it, or `all`."""
    if text == ALL_FACES:
        return text
    try:
        return [float(number) for number in text.split(",")] if "," in text else int(text)
    except ValueError:
        rule = "must be an index from 0 on, a point X,Y in the photo, or all"
        raise argparse.ArgumentTypeError(f"{rule}, got {text!r}") from None


def add_detection_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that apply where nothing but a photo is given, and `--face`."""
    parser.add_argument(
        "--face",
        type=parse_face,
        metavar="N|X,Y|all",
        help="which of several faces: from 0; of a photo alone also a point in it, or all (default: that of the map)",
    )
    add_search_arguments(parser)


def add_search_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the search for faces in a photo alone."""
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
    if parsed.face == ALL_FACES:
        raise make_error("option_invalid", "face", "all applies to a photo alone; beside other files choose an index")
    return check_index("face", parsed.face)


def detect_faces_to_trace(photo: bytes, parsed: argparse.Namespace) -> tuple[FaceInputs, list[dict[str, Any]]]:
    """Detect the face in a photo, or with `--face all` every face.

    Returns:
        The faces as input of a trace, and for each face to trace the options that describe it.

    Raises:
        FacemaskError: as of `trace_photo`.

    """
    # Detection is for a photo alone; a photo with other files needs neither it nor NumPy.
    from facemask.decoding import decode_image  # noqa: PLC0415
    from facemask.landmarks import read_landmarks  # noqa: PLC0415
    from facemask.options.face import LANDMARK_OPTIONS  # noqa: PLC0415
    from facemask.photo_trace import find_faces  # noqa: PLC0415

    found = find_faces(
        decode_image(photo),
        face=parsed.face,
        min_size=parsed.min_size,
        tiles="auto" if parsed.tiles is None else parsed.tiles,
        has_labels=False,
    )
    # The photo was turned by its EXIF orientation before.
    options = LANDMARK_OPTIONS | {"landmarks_frame": "oriented"}
    faces = read_landmarks(found.landmarks)
    inputs = FaceInputs(None, faces.core_argument(), faces.units, [])
    return inputs, [options | {"face": i} for i in found.chosen]


def check_numbered_outputs(parsed: argparse.Namespace) -> None:
    """Check that each face of `--face all` has files of its own.

    Raises:
        FacemaskError: `option_invalid`, where a result would go to standard output.

    """
    outputs = [parsed.output, parsed.contours, parsed.crop_image]
    if parsed.face == ALL_FACES and STANDARD_STREAM in outputs:
        raise make_error("option_invalid", "face", "all makes several files, so name one with -o: OUT-1.svg, OUT-2.svg")


def number_outputs(parsed: argparse.Namespace, number: int) -> argparse.Namespace:
    """Return the arguments for one of several faces: `face.svg` becomes `face-1.svg`."""
    outputs = {name: getattr(parsed, name) for name in ("output", "contours", "crop_image")}
    numbered = {
        name: path.with_stem(f"{path.stem}-{number}") for name, path in outputs.items() if isinstance(path, Path)
    }
    return argparse.Namespace(**vars(parsed) | numbered)
