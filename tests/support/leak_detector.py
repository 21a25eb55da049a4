"""A detector of faces in what the service emits while the tests run: log lines, error responses, metrics, spans and the
output of its processes. `conftest.py` fails the test during which one appears.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from facemask.service.telemetry.logs import formatter
from facemask.service.telemetry.settings import LogFormat

from support.paths import LANDMARKS_FILE, MAP_FILE, PHOTO_FILE

PICTURES = [file.read_bytes() for file in (PHOTO_FILE, MAP_FILE)]
POINTS: list[dict[str, float]] = json.loads(LANDMARKS_FILE.read_text(encoding="utf-8"))
_FRAGMENT = 16
# Longer than any legitimate word: ids and digests are shorter, and paths contain slashes and dots.
_LONG = re.compile(r"[A-Za-z0-9+]{100,}")
_TEXT = re.compile(r"[A-Za-z0-9+/_-]{31,}")
_PAIR = re.compile(r"(?=(?<![\d.])(\d+\.\d+)\D{1,12}(\d+\.\d+)(?![\d.]))")

leaks: list[str] = []


def base64_fragments(data: bytes) -> Iterator[str]:
    """Fragments of a file in base64, in both alphabets and at each of the three alignments. The first 120 characters
    are left out: they encode the header of the file format, which is public.
    """
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(data[shift:]).decode()
            yield from (text[at : at + _FRAGMENT] for at in range(120, len(text) - _FRAGMENT, _FRAGMENT))


@functools.cache
def _fragments() -> frozenset[str]:
    return frozenset(fragment for data in PICTURES for fragment in base64_fragments(data))


@functools.cache
def _coordinates() -> frozenset[tuple[str, str]]:
    return frozenset((repr(point["x"]), repr(point["y"])) for point in POINTS)


def inspect(text: str) -> None:
    """Record every part of a text that reveals an input. A lone coordinate does not count: a duration may equal it."""
    leaks.extend(_excerpt(text, run, "the sample's bytes") for run in _TEXT.findall(text) if _has_fragment(run))
    if found := _LONG.search(text):
        leaks.append(_excerpt(text, found[0], "what may be somebody's bytes"))
    leaks.extend(_excerpt(text, pair[0], "a landmark") for pair in _PAIR.findall(text) if pair in _coordinates())


def assert_no_leaks() -> None:
    """Raise `AssertionError` if a leak was recorded since the last call."""
    found = leaks.copy()
    leaks.clear()
    assert not found, "\n".join(found)


def _has_fragment(run: str) -> bool:
    return any(run[at : at + _FRAGMENT] in _fragments() for at in range(len(run) - _FRAGMENT + 1))


def _excerpt(text: str, found: str, what: str) -> str:
    at = text.index(found)
    return f"{what}: {text[max(0, at - 100) : at + 100]!r}"


class LogInspector(logging.Handler):
    """A handler that inspects every log line as an operator would read it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(formatter(LogFormat.JSON, io.StringIO(), debug=False))

    def emit(self, record: logging.LogRecord) -> None:
        """Part of `logging.Handler`."""
        inspect(self.format(record))


def inspecting_errors(send: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
    """Wrap `httpx.Client.send` so that the bodies of error responses are inspected."""

    @functools.wraps(send)
    def inspecting_send(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        response = send(client, request, **options)
        if response.status_code >= 400 and not options.get("stream"):
            inspect(response.text)
        return response

    return inspecting_send
