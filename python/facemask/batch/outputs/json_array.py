"""JSON arrays of any length, written one element at a time."""

from collections.abc import Iterable
from typing import IO, Any

from facemask.formats.json import encode_json


def write_array(file: IO[bytes], elements: Iterable[Any]) -> int:
    """Write an array, an element a line, and return the number of elements."""
    return write_encoded(file, map(encode_json, elements))


def write_encoded(file: IO[bytes], elements: Iterable[bytes]) -> int:
    """Write an array of elements that are JSON already, as `write_array` does."""
    count = 0
    file.write(b"[")
    for element in elements:
        file.write(b",\n" if count else b"\n")
        file.write(element)
        count += 1
    file.write(b"\n]")
    return count
