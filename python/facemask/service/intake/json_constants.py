"""NaN and Infinity in JSON, which Python's `json.dumps` writes and JSON does not have."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

# Points and options have some thousands of tokens; the path of a value is worth no more time than these take.
_MAX_TOKENS: Final = 100_000
_MAX_PATH: Final = 200
_MAX_BYTES: Final = 2**21  # the landmarks and options of a body, without its pictures
_CONSTANTS: Final = (b"NaN", b"Infinity", b"-Infinity")
# A text that is not closed is one token to the end, so that the time is linear in the bytes.
_TOKEN: Final = re.compile(
    rb'"(?P<text>[^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)|(?P<sign>[{}\[\],:])|(?P<word>[^\s"{}\[\],:]+)', re.DOTALL
)


class _Path:
    """The path of the value that a reader of tokens has come to: the key or the index in each open container."""

    def __init__(self) -> None:
        self._steps: list[str | int] = []

    def add_sign(self, sign: bytes, key: str) -> None:
        """Follow a bracket, comma or colon. `key` is the last text."""
        if sign in b"{[":
            self._steps.append("" if sign == b"{" else 0)
        elif not self._steps:
            return
        elif sign in b"}]":
            self._steps.pop()
        elif sign == b":":
            self._steps[-1] = key
        elif isinstance(index := self._steps[-1], int):
            self._steps[-1] = index + 1

    def __str__(self) -> str:
        """Return the path as problems write it, such as `landmarks[3].x`."""
        text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self._steps)
        return text.removeprefix(".")[:_MAX_PATH]


def find_constant(text: bytes | bytearray | memoryview) -> tuple[str, str] | None:
    """Find the first NaN or Infinity of a JSON text.

    Returns:
        The word and the path of the value, such as `landmarks[3].x`; None where none of the first tokens is one, and
        for more than 2 MiB.

    """
    if len(text) > _MAX_BYTES:
        return None
    path = _Path()
    key = ""
    for token in islice(_TOKEN.finditer(text), _MAX_TOKENS):
        start, end = token.span()
        match token.lastgroup:
            case "sign":
                path.add_sign(token.group(), key)
            case "text":
                key = bytes(text[start + 1 : min(end - 1, start + _MAX_PATH)]).decode(errors="replace")
            case _ if end - start <= len(b"-Infinity") and token.group() in _CONSTANTS:
                return token.group().decode(), str(path)
    return None
