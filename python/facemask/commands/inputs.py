"""Input files of the command line: `-` for standard input, folders of parts, palettes."""

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facemask.label_maps.files import find_parts, paint_parts
from facemask.validation import make_error, short_repr

STANDARD_INPUT = Path("-")


def check_single_stdin(paths: Sequence[Path | None]) -> None:
    """Check that at most one argument is `-`: standard input is read once.

    Raises:
        FacemaskError: `option_invalid`, field `-`.

    """
    if paths.count(STANDARD_INPUT) > 1:
        raise make_error("option_invalid", "-", "standard input is one file, so only one argument can be -")


def read_input(path: Path) -> bytes:
    """Read a file, or standard input for `-`."""
    return sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()


def read_map(path: Path, photo: Path) -> bytes:
    """Read the file of a label map, or paint a folder of CelebAMask-HQ into one.

    Args:
        path: file, `-`, folder of parts, or folder and prefix, such as `mask-anno/0/00000`.
        photo: the photo's file, whose number tells which parts of a folder are its own.

    """
    parts = None if path == STANDARD_INPUT else find_parts(path, photo)
    if parts is None:
        return read_input(path)
    file = io.BytesIO()
    np.save(file, paint_parts(parts))
    return file.getvalue()


def parse_palette(text: str) -> list[list[int]]:
    """Parse a palette, by label id: colors `#rrggbb` with commas between them, or a file of those or of JSON lists.

    Raises:
        FacemaskError: `option_invalid`, field `palette`.
        OSError: the file cannot be read.

    """
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
