"""What the service tells while the tests run: log lines, error answers, metrics, spans, and what its processes print.
Nobody's face may be in it. `conftest.py` fails the test in which it was.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from facemask.service.telemetry.logs import formatter
from facemask.service.telemetry.settings import LogFormat

FOLDER = Path(__file__).parents[1] / "samples" / "astronaut"
PICTURES = [(FOLDER / name).read_bytes() for name in ("image.jpg", "segmentation.png")]
POINTS: list[dict[str, float]] = json.loads((FOLDER / "landmarks.json").read_text(encoding="utf-8"))
_PIECE = 16
# What nobody says of his own accord: ids and digests are shorter, and paths have slashes and dots.
_LONG = re.compile(r"[A-Za-z0-9+]{100,}")
_TEXT = re.compile(r"[A-Za-z0-9+/_-]{31,}")
_PAIR = re.compile(r"(?=(?<![\d.])(\d+\.\d+)\D{1,12}(\d+\.\d+)(?![\d.]))")

leaks: list[str] = []


def pieces(data: bytes) -> Iterator[str]:
    """A file in base64, of both alphabets and at every shift. Its first bytes are its format's, and not a secret."""
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(data[shift:]).decode()
            yield from (text[at : at + _PIECE] for at in range(120, len(text) - _PIECE, _PIECE))


@functools.cache
def _secrets() -> frozenset[str]:
    return frozenset(piece for data in PICTURES for piece in pieces(data))


@functools.cache
def _pairs() -> frozenset[tuple[str, str]]:
    return frozenset((repr(point["x"]), repr(point["y"])) for point in POINTS)


def told(text: str) -> None:
    """Notes what of an input is in a text. A lone coordinate is not looked for: a duration may be the same."""
    leaks.extend(_shown(text, run, "the sample's bytes") for run in _TEXT.findall(text) if _is_secret(run))
    if found := _LONG.search(text):
        leaks.append(_shown(text, found[0], "what may be somebody's bytes"))
    leaks.extend(_shown(text, pair[0], "a landmark") for pair in _PAIR.findall(text) if pair in _pairs())


def expect_nothing() -> None:
    """Fails when a face was told since the last call."""
    heard = leaks.copy()
    leaks.clear()
    assert not heard, "\n".join(heard)


def _is_secret(run: str) -> bool:
    return any(run[at : at + _PIECE] in _secrets() for at in range(len(run) - _PIECE + 1))


def _shown(text: str, found: str, what: str) -> str:
    at = text.index(found)
    return f"{what}: {text[max(0, at - 100) : at + 100]!r}"


class Ear(logging.Handler):
    """Hears every log line as an operator would read it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(formatter(LogFormat.JSON, io.StringIO(), debug=False))

    def emit(self, record: logging.LogRecord) -> None:
        """Part of `logging.Handler`."""
        told(self.format(record))


def hearing(send: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
    """`httpx.Client.send` that hears what errors say."""

    @functools.wraps(send)
    def heard(client: httpx.Client, request: httpx.Request, **named: Any) -> httpx.Response:
        response = send(client, request, **named)
        if response.status_code >= 400 and not named.get("stream"):
            told(response.text)
        return response

    return heard
