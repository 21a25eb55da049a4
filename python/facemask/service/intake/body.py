"""Reads request bodies within bounds of bytes and seconds."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

import anyio
import numpy as np
from litestar import Request

from facemask.service.errors import ProblemError
from facemask.service.settings import LimitSettings

AnyRequest = Request[Any, Any, Any]

# A body may be arbitrarily slow for this long; after that `LIMIT_BODY_RATE` applies from the first byte on.
GRACE_SECONDS = 5.0
_MAX_DIGITS = 18  # of a Content-Length
_INITIAL_BYTES = 8 * 2**20  # of the buffer: nearly every body is smaller
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


class BodyBuffer:
    """A body in one block of memory that doubles when it is full.

    A buffer that grew with every chunk would be copied again and again. Untouched pages take no memory, so a declared
    length that never arrives costs nothing.
    """

    def __init__(self, declared_length: int) -> None:
        self._block = _allocate(min(declared_length, _INITIAL_BYTES))
        self.length = 0

    def add(self, chunk: bytes) -> None:
        """Append a chunk."""
        end = self.length + len(chunk)
        if end > len(self._block):
            larger = _allocate(max(end, 2 * len(self._block)))
            larger[: self.length] = self._block[: self.length]
            self._block = larger
        self._block[self.length : end] = chunk
        self.length = end

    def content(self) -> memoryview:
        """Return the bytes that have arrived, without a copy."""
        return self._block[: self.length]


class BodyChunks:
    """A body as the chunks that arrived, joined to `bytes` in one copy: the multipart parser takes nothing else.

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


def _allocate(size: int) -> memoryview:
    """Return uninitialized bytes.

    Filling a bytearray with zeros would touch every page.
    """
    return np.empty(size, np.uint8).data


def declared_length(request: AnyRequest, limit: int) -> int:
    """Return Content-Length, or `limit` for a chunked body.

    Raises `body_too_large` and `bad_request`.
    """
    header = request.headers.get("content-length")
    if header is None:
        return limit
    if not (header.isascii() and header.isdecimal()):
        raise ProblemError("bad_request", "Content-Length is not a number")
    if len(header) > _MAX_DIGITS or int(header) > limit:
        raise _too_large(limit)
    return int(header)


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
