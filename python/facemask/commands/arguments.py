"""Types of command line arguments, which raise `argparse.ArgumentTypeError` with the rule; the arguments of crops."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from facemask.validation import make_error

# The path that names standard input or output; `./-` is a file of that name.
STANDARD_STREAM: Final = "-"
_NEGATIVE_EXPONENT = re.compile(r"-(\d+\.?\d*|\.\d+)[eE][+-]?\d+", re.ASCII)
_MAX_PROCESSES = 64
_MAX_PORT = 65535

# Formats of `facemask._core.encode_image` by suffix.
PICTURE_FORMATS: Final = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png"}


def protect_numbers(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with a blank before negative numbers with an exponent, which argparse takes for options."""
    return [f" {text}" if _NEGATIVE_EXPONENT.fullmatch(text) else text for text in arguments]


def parse_path(text: str) -> Path | str:
    """Parse the path of a file or `-`, which pathlib would take `./-` for."""
    if not text:
        raise argparse.ArgumentTypeError("is empty; name a file")
    return STANDARD_STREAM if text == STANDARD_STREAM else Path(text)


def parse_count(text: str) -> int:
    return _whole_number(text, 1, _MAX_PROCESSES)


def parse_port(text: str) -> int:
    return _whole_number(text, 0, _MAX_PORT)


def _whole_number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"must be a number from {least} to {most}, got {text!r}")
    return int(text)


def parse_pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise argparse.ArgumentTypeError(f"must be KEY=VALUE, got {text!r}")
    return key, value


def merge_pairs(name: str, pairs: Sequence[tuple[str, str]] | None) -> dict[str, str]:
    """Return the pairs of an option that may be repeated.

    Raises:
        FacemaskError: `option_invalid` for a key that is given twice.

    """
    merged: dict[str, str] = {}
    for key, value in pairs or ():
        if key in merged:
            raise make_error("option_invalid", name, f"the key {key!r} is given twice; keep one of them")
        merged[key] = value
    return merged


def parse_picture(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in PICTURE_FORMATS:
        raise argparse.ArgumentTypeError(f"must end with {', '.join(PICTURE_FORMATS)}, got {text!r}")
    return path


def parse_margin(text: str) -> list[float]:
    """Parse one margin, or those on the left, top, right and bottom, as the compiled module takes them."""
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        rule = "must be one number, or left,top,right,bottom such as 0.2,0.4,0.2,0.15"
        raise argparse.ArgumentTypeError(f"{rule}, got {text!r}") from None


def parse_size(text: str) -> list[int]:
    """Parse the side of a square, or WIDTHxHEIGHT."""
    sides = text.lower().split("x")
    if len(sides) > 2 or not all(side.isascii() and side.isdecimal() and len(side) <= 9 for side in sides):
        raise argparse.ArgumentTypeError(f"must be a side such as 512, or WIDTHxHEIGHT such as 512x640, got {text!r}")
    return [int(side) for side in sides]


def add_crop_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of the upright crop, its margins and its size."""
    parser.add_argument("--crop-image", type=parse_picture, metavar="OUT.jpg", help="write the upright crop (or .png)")
    parser.add_argument("--crop-margin", type=parse_margin, metavar="L,T,R,B", help="shares of the face or head")
    parser.add_argument("--crop-size", type=parse_size, metavar="WxH", help="scale the crop to so many pixels")
