"""Types of command line arguments. Each raises `argparse.ArgumentTypeError` with the rule."""

import argparse
from pathlib import Path
from typing import Final

_MAX_PROCESSES = 64
_MAX_PORT = 65535

# Formats of `facemask._core.encode_image` by suffix.
PICTURE_FORMATS: Final = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png"}


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


def parse_picture(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in PICTURE_FORMATS:
        raise argparse.ArgumentTypeError(f"must end with {', '.join(PICTURE_FORMATS)}, got {text!r}")
    return path
