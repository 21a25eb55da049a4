"""Reads request bodies within bounds of bytes and seconds."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

import anyio
from litestar import Request

from facemask.service.errors import ProblemError
from facemask.service.settings import LimitSettings

AnyRequest = Request[Any, Any, Any]

# A body may be arbitrarily slow for this long; after that `LIMIT_BODY_RATE` applies from the first byte on.
GRACE_SECONDS = 5.0
_MAX_DIGITS = 18  # of a Content-Length
# The rest of an overdue body is not read.
_CLOSE = {"Connection": "close"}


class BodyDigest:
    """The digest of a body that arrives in chunks, without its multipart boundary.

    Clients draw a new boundary for every attempt, but the same form sent again has to count as the same body.
    """

    def __init__(self, boundary: bytes) -> None:
        self._hash = blake2b(digest_size=32)
        self._boundary = boundary
        self._tail = b""

    def update(self, chunk: bytes) -> None:
        """Add a chunk; a boundary may be split between two of them."""
        if not self._boundary:
            self._hash.update(chunk)
            return
        text = (self._tail + chunk).replace(self._boundary, b"")
        tail_length = min(len(text), len(self._boundary) - 1)
        self._hash.update(text[: len(text) - tail_length])
        self._tail = text[len(text) - tail_length :]

    def digest(self) -> bytes:
        """Return 32 bytes."""
        self._hash.update(self._tail)
        self._tail = b""
        return self._hash.digest()


class BodyChunks:
    """A body as the chunks that arrived, joined to `bytes` in one copy.

    A buffer that grew with every chunk would be copied again and again, and a declared length may never arrive.

    Small chunks are collected first, so that a client which sends single bytes does not make an object of each.
    """

    _MIN_CHUNK: Final = 2**14

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._small = bytearray()

    def add(self, chunk: bytes) -> None:
        """Append a chunk."""
        if self._small or len(chunk) < self._MIN_CHUNK:
            self._small += chunk
            if len(self._small) < self._MIN_CHUNK:
                return
            chunk, self._small = bytes(self._small), bytearray()
        self._chunks.append(chunk)

    def content(self) -> bytes:
        """Return the bytes that have arrived, and forget them."""
        chunks: list[bytes | bytearray] = [*self._chunks, self._small]
        self._chunks, self._small = [], bytearray()
        return b"".join(chunks)


def check_declared_length(request: AnyRequest, limit: int) -> None:
    """Check Content-Length, which a chunked body has not.

    Raises `body_too_large` and `bad_request`.
    """
    header = request.headers.get("content-length")
    if header is None:
        return
    if not (header.isascii() and header.isdecimal()):
        raise ProblemError("bad_request", "Content-Length is not a number")
    if len(header) > _MAX_DIGITS or int(header) > limit:
        raise _too_large(limit)


async def read_body(request: AnyRequest, limits: LimitSettings, sink: Callable[[bytes], None]) -> None:
    """Pass the body's chunks to `sink`.

    Raises `body_too_large`, `body_timeout`, `body_incomplete`, and what `sink` raises.
    """
    received = 0
    started = anyio.current_time()

    def bounded(chunk: bytes) -> None:
        nonlocal received
        received += len(chunk)
        if received > limits.body_bytes:
            raise _too_large(limits.body_bytes)
        sink(chunk)

    is_complete, deadline = False, _deadline(started, 0, limits)
    while True:
        with anyio.CancelScope(deadline=deadline) as scope:
            is_complete = await _drain(request, bounded)
        # Bytes that arrived in the meantime extend the deadline: a fast body may pause.
        deadline = _deadline(started, received, limits)
        if not scope.cancelled_caught or deadline <= anyio.current_time():
            break
    if scope.cancelled_caught:
        detail = f"the body has to arrive within {limits.body_seconds:g} seconds"
        if limits.body_rate:
            detail += f" and, after {GRACE_SECONDS:g} seconds, at {limits.body_rate:g} bytes a second or more"
        raise ProblemError("body_timeout", detail, headers=_CLOSE)
    if not is_complete:
        raise ProblemError("body_incomplete", "the connection ended before the body did")


def _deadline(started: float, received: int, limits: LimitSettings) -> float:
    """Return when a body with so many received bytes is overdue."""
    slowest = GRACE_SECONDS + received / limits.body_rate if limits.body_rate else limits.body_seconds
    return started + min(limits.body_seconds, slowest)


async def _drain(request: AnyRequest, sink: Callable[[bytes], None]) -> bool:
    """Pass all chunks to `sink`.

    Returns False when the client disconnects before the last one.
    """
    while True:
        message: Any = await request.receive()
        if message["type"] == "http.disconnect":
            return False
        sink(message.get("body", b""))
        if not message.get("more_body", False):
            return True


def _too_large(limit: int) -> ProblemError:
    return ProblemError("body_too_large", f"the body may have at most {limit} bytes")
