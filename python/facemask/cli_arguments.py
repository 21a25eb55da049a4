"""Types of command line arguments. Each raises `argparse.ArgumentTypeError` with the rule."""

import argparse
import re
from collections.abc import Sequence

_NEGATIVE_EXPONENT = re.compile(r"-(\d+\.?\d*|\.\d+)[eE][+-]?\d+", re.ASCII)
_MAX_PROCESSES = 64
_MAX_PORT = 65535


def protect_numbers(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with a blank before negative numbers with an exponent, which argparse takes for options."""
    return [f" {text}" if _NEGATIVE_EXPONENT.fullmatch(text) else text for text in arguments]


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
