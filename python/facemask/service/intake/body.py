"""Reading a request's body: bounded in bytes and seconds, given up when the client leaves."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import anyio
import numpy as np
from litestar import Request

from facemask.service.errors import ProblemError
from facemask.service.settings import LimitSettings

AnyRequest = Request[Any, Any, Any]

# A body may begin as slowly as it likes for so long; then `LIMIT_BODY_RATE` counts, from the first byte on.
GRACE_SECONDS = 5.0
_MAX_DIGITS = 18  # of a length that is worth parsing
_ROOM = 8 * 2**20  # of a body at first: nearly every body is smaller


class BodyDigest:
    """The digest of a body that arrives in chunks.

    A multipart boundary is left out: clients draw a new one for every attempt, and the same form sent again
    has to count as the same body.
    """

    def __init__(self, boundary: bytes) -> None:
        self._hash = blake2b(digest_size=32)
        self._boundary = boundary
        self._tail = b""

    def update(self, chunk: bytes) -> None:
        """Adds a chunk; a boundary may be cut anywhere between two of them."""
        if not self._boundary:
            self._hash.update(chunk)
            return
        text = (self._tail + chunk).replace(self._boundary, b"")
        keep = min(len(text), len(self._boundary) - 1)
        self._hash.update(text[: len(text) - keep])
        self._tail = text[len(text) - keep :]

    def digest(self) -> bytes:
        """32 bytes."""
        self._hash.update(self._tail)
        self._tail = b""
        return self._hash.digest()


class Body:
    """A body that arrives in chunks, laid down where it stays: a buffer that grew with every chunk would be copied
    again and again. Untouched pages of the room take no memory, so an announced length that never comes costs nothing.
    """

    def __init__(self, announced: int) -> None:
        self._room = _room(min(announced, _ROOM))
        self.length = 0

    def add(self, chunk: bytes) -> None:
        """Lays a chunk behind the others."""
        end = self.length + len(chunk)
        if end > len(self._room):
            larger = _room(max(end, 2 * len(self._room)))
            larger[: self.length] = self._room[: self.length]
            self._room = larger
        self._room[self.length : end] = chunk
        self.length = end

    def take(self) -> memoryview:
        """The whole body, without the room that was not needed."""
        return self._room[: self.length]


def _room(size: int) -> memoryview:
    """Bytes that are anything: to fill a bytearray with zeros touches every page of it."""
    return np.empty(size, np.uint8).data


def announced_length(request: AnyRequest, limit: int) -> int:
    """Content-Length, or `limit` when the body comes in chunks. Raises `body_too_large` and `bad_request`."""
    header = request.headers.get("content-length")
    if header is None:
        return limit
    if not (header.isascii() and header.isdecimal()):
        raise ProblemError("bad_request", "Content-Length is not a number")
    if len(header) > _MAX_DIGITS or int(header) > limit:
        raise _too_large(limit)
    return int(header)


async def read_body(request: AnyRequest, limits: LimitSettings, sink: Callable[[bytes], None]) -> None:
    """Gives the chunks of the body to `sink`. Raises `body_too_large`, `body_timeout`, `body_incomplete`, and what
    `sink` raises.
    """
    received = 0
    begun = anyio.current_time()

    def bounded(chunk: bytes) -> None:
        nonlocal received
        received += len(chunk)
        if received > limits.body_bytes:
            raise _too_large(limits.body_bytes)
        sink(chunk)

    complete, deadline = False, _deadline(begun, 0, limits)
    while True:
        with anyio.CancelScope(deadline=deadline) as time:
            complete = await _drain(request, bounded)
        # What has come meanwhile counts: whoever was quick at first may pause.
        deadline = _deadline(begun, received, limits)
        if not time.cancelled_caught or deadline <= anyio.current_time():
            break
    if time.cancelled_caught:
        detail = f"the body has to arrive within {limits.body_seconds:g} seconds"
        if limits.body_rate:
            detail += f" and, after {GRACE_SECONDS:g} seconds, at {limits.body_rate:g} bytes a second or more"
        raise ProblemError("body_timeout", detail, headers=_HANG_UP)
    if not complete:
        raise ProblemError("body_incomplete", "the connection ended before the body did")


def _deadline(begun: float, received: int, limits: LimitSettings) -> float:
    """When a body is overdue of which so many bytes have come."""
    slowest = GRACE_SECONDS + received / limits.body_rate if limits.body_rate else limits.body_seconds
    return begun + min(limits.body_seconds, slowest)


async def _drain(request: AnyRequest, sink: Callable[[bytes], None]) -> bool:
    """Gives all chunks to `sink`; False when the client left before the last one."""
    while True:
        message: Any = await request.receive()
        if message["type"] == "http.disconnect":
            return False
        sink(message.get("body", b""))
        if not message.get("more_body", False):
            return True


# The rest of an overdue body is not worth waiting for.
_HANG_UP = {"Connection": "close"}


def _too_large(limit: int) -> ProblemError:
    return ProblemError("body_too_large", f"the body may have at most {limit} bytes")
