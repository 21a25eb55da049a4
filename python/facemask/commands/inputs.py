"""Files of the command line: `-` for standard input and output, folders of parts, palettes."""

import io
import json
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from facemask import FacemaskError
from facemask.commands.arguments import STANDARD_STREAM
from facemask.decoding import FacemaskWarning, is_label_map
from facemask.landmark_file import read_file_landmarks
from facemask.validation import make_error, short_repr


def check_paths(inputs: Sequence[Path | str | None], outputs: Sequence[Path | str | None]) -> None:
    """Check that no output takes the place of another one or of an input, and that each stream holds one file.

    Raises:
        FacemaskError: `option_invalid`; field `-` for streams, `output` for files.

    """
    taken = {path.resolve() for path in inputs if isinstance(path, Path)}
    for path in outputs:
        # Devices such as /dev/null hold any number of outputs.
        if isinstance(path, Path) and (path.is_file() or not path.exists()):
            if path.resolve() in taken:
                detail = f"{path} is an input, or another output, so it would be overwritten; name another file"
                raise make_error("option_invalid", "output", detail)
            taken.add(path.resolve())
    for paths, stream, what in ((inputs, "input", "argument"), (outputs, "output", "output")):
        if paths.count(STANDARD_STREAM) > 1:
            raise make_error("option_invalid", "-", f"standard {stream} is one file, so only one {what} can be -")


def read_input(path: Path | str) -> bytes:
    """Read a file, or standard input for `-`.

    Raises:
        FacemaskError: `option_invalid`, field `-`, where standard input is closed.
        OSError: the file cannot be read.

    """
    if isinstance(path, Path):
        return path.read_bytes()
    return _open_stream(sys.stdin, "input").buffer.read()  # type: ignore[attr-defined, no-any-return]


def write_output(path: Path | str, data: bytes) -> None:
    """Write a file, or standard output for `-`. Raises as `read_input`."""
    if isinstance(path, Path):
        path.write_bytes(data)
        return
    stream = _open_stream(sys.stdout, "output")
    stream.flush()
    stream.buffer.write(data)  # type: ignore[attr-defined]
    stream.buffer.flush()  # type: ignore[attr-defined]


def _open_stream(stream: IO[str] | None, name: str) -> IO[str]:
    if stream is None:  # `<&-` or `>&-` of a shell
        raise make_error("option_invalid", "-", f"standard {name} is closed; name a file in place of -")
    return stream


def read_map(path: Path | str, photo: Path | str) -> tuple[bytes, list[str]]:
    """Read the file of a label map, or paint a folder of CelebAMask-HQ into one.

    Args:
        path: file, `-`, folder of parts, or folder and prefix, such as `mask-anno/0/00000`.
        photo: the photo's file, whose number tells which parts of a folder are its own.

    Returns:
        The file, and the warnings about a folder.

    """
    if not isinstance(path, Path) or path.is_file():
        return read_input(path), []
    # A folder of parts becomes an array; a map in a file stays in the compiled module.
    import numpy as np  # noqa: PLC0415

    from facemask.label_maps.files import find_parts, paint_parts  # noqa: PLC0415

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FacemaskWarning)
        parts = find_parts(path, photo)
        if parts is None:
            return read_input(path), []
        file = io.BytesIO()
        np.save(file, paint_parts(parts))
    return file.getvalue(), [str(warning.message) for warning in caught]


class FaceInputs(NamedTuple):
    """What the command line says about the face in a photo.

    Attributes:
        label_map: content of the label map's file, or None without one.
        landmarks: the landmarks of each face, as the compiled module takes them.
        units: their units, or `auto`.
        map_warnings: warnings about a folder of parts.

    """

    label_map: bytes | None
    landmarks: Any
    units: str
    map_warnings: list[str]

    def resolve_units(self, option: str) -> str:
        """Return the value of the option `landmark_units`: `auto` becomes what the file tells."""
        return self.units if option == "auto" else option


def read_face_inputs(
    map_path: Path | str, landmarks_path: Path | str | None, photo_path: Path | str, photo: bytes
) -> FaceInputs:
    """Read label map and landmarks. One file alone may be either: its content tells.

    Args:
        map_path: label map, as of `read_map`; or landmarks, where there is no other file.
        landmarks_path: landmarks.
        photo_path: the photo's file.
        photo: its content.

    Raises:
        FacemaskError: `landmarks_invalid`; and as `read_map`.

    """
    landmarks, units = None, "auto"
    if landmarks_path is not None:
        landmarks, units = read_file_landmarks(read_input(landmarks_path), str(landmarks_path))
    label_map, map_warnings = read_map(map_path, photo_path)
    if landmarks_path is None and not is_label_map(label_map, photo):
        with suppress(FacemaskError):  # such a file is neither, and the trace says why it is no map
            return FaceInputs(None, *read_file_landmarks(label_map, str(map_path)), [])
    return FaceInputs(label_map, landmarks, units, map_warnings)


def parse_palette(text: str) -> list[list[int]]:
    """Parse a palette, by label id: colors `#rrggbb` with commas between them, or a file of those or of JSON lists.

    Raises:
        FacemaskError: `option_invalid`, field `palette`.
        OSError: the file cannot be read.

    """
    if not text.strip():
        raise make_error("option_invalid", "palette", "is empty; name a file, or colours such as #000000,#cc0000")
    if not text.lstrip().startswith(("#", "[")):
        # A file for an editor may begin with a byte order mark.
        text = Path(text).read_text(encoding="utf-8-sig", errors="replace")
    if text.lstrip().startswith("["):
        return _parse_json(text)
    colors = text.replace(",", " ").split()
    return [_parse_color(color) for color in colors]


def _parse_json(text: str) -> list[list[int]]:
    rule = "must be colours such as #ff0000,#00ff00, or a file of them or of JSON lists [red, green, blue]"
    try:
        colors = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise make_error("option_invalid", "palette", f"{rule}, got JSON that is malformed: {error}") from None
    try:
        return [_parse_color(color) if isinstance(color, str) else [*map(_check_channel, color)] for color in colors]
    except TypeError:
        raise make_error("option_invalid", "palette", f"{rule}, got other JSON") from None


def _check_channel(channel: object) -> int:
    """Return a channel of a color. A fraction would lose what it says, and so would 0 to 1 in place of 0 to 255."""
    if type(channel) is not int:
        detail = (
            f"channels are whole numbers from 0 to 255, got {short_repr(channel)}; multiply those from 0 to 1 by 255"
        )
        raise make_error("option_invalid", "palette", detail)
    return channel


def _parse_color(text: str) -> list[int]:
    digits = text.removeprefix("#")
    if len(digits) != 6 or set(digits.lower()) - set("0123456789abcdef"):
        raise make_error("option_invalid", "palette", f"colours have the form #rrggbb, got {text[:20]!r}")
    return list(bytes.fromhex(digits))
