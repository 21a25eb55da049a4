"""Transport and body for uvicorn's `RequestResponseCycle`, and checks of heads."""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import sys
import termios
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from facemask.service.errors import ProblemError

# Bytes of a body that may wait for the application before reading from the connection pauses.
_MAX_WAITING: Final = 2**20


def head_problem(line: bytes, hosts: list[bytes], codings: list[bytes], lengths: list[bytes]) -> ProblemError | None:
    """Return what RFC 9112 forbids in a request's head and httptools accepts, or None."""
    *target, version = line.split(b" ")
    if len(target) > 2 or b"#" in line:
        detail = "a request line is a method, a target without fragment, and a version, a blank between each"
        return ProblemError("bad_request", detail)
    if version not in {b"HTTP/1.0", b"HTTP/1.1"}:
        return ProblemError("http_version_unsupported", "this server speaks HTTP/1.1 and HTTP/1.0")
    if len(hosts) > 1 or (not hosts and version == b"HTTP/1.1"):
        return ProblemError("bad_request", "a request needs one Host header")
    if codings and (codings != [b"chunked"] or lengths or version == b"HTTP/1.0"):
        return ProblemError("bad_request", "the only transfer coding here is chunked, without Content-Length")
    return None


class ResponseTransport:
    """The transport that uvicorn's `RequestResponseCycle` writes to.

    It sends the head of a response together with the bytes that follow, and leaves `close` to the protocol.
    """

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport = transport
        self._head = b""
        self._close = weakref.WeakMethod(close)  # the protocol refers to this transport

    def close(self) -> None:
        """Let the protocol decide how the connection ends."""
        if close := self._close():
            close()

    def write(self, data: bytes) -> None:
        """Send, or buffer the head of a response until there is more to send."""
        if not self._head and data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 100"):
            self._head = data
        else:
            self.flush(data)

    def flush(self, data: bytes = b"") -> None:
        """Send the buffered head, and `data`."""
        head, self._head = self._head, b""
        if (head or data) and not self._transport.is_closing():
            self._transport.writelines([head, data])

    def reset(self) -> None:
        """Send RST.

        After FIN the system would keep sending unread bytes for an unlimited time.
        """
        with suppress(OSError, AttributeError):  # closed already
            own = self._transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def unread_bytes(self) -> int:
        """Return the bytes of responses that the client's system has not acknowledged.

        They are buffered in this process and in the operating system.
        """
        with suppress(OSError, AttributeError):
            own = self._transport.get_extra_info("socket")
            in_system = fcntl.ioctl(own.fileno(), termios.TIOCOUTQ, bytes(4))
            return self._transport.get_write_buffer_size() + int.from_bytes(in_system, sys.byteorder)
        return 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the client's address.

        Other facts cost system calls, and nothing uses them.
        """
        if name != "peername":
            return default
        peer = self._transport.get_extra_info("peername")
        return tuple(peer[:2]) if peer else default

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class RequestBodyStream:
    """A request's body in pieces, passed on without copies.

    uvicorn copies each piece twice, and reads no further before the application has been scheduled for it.
    """

    def __init__(self, cycle: RequestResponseCycle) -> None:
        # The cycle refers to this stream; a strong reference back would need the garbage collector.
        self._cycle: RequestResponseCycle = weakref.proxy(cycle)
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._is_consumed = False
        cycle.receive = self.receive  # type: ignore[method-assign, assignment]

    def add(self, piece: bytes) -> None:
        """Buffer a piece until the application receives it."""
        if not self._cycle.response_complete:
            self._pieces.append(piece)
            self._waiting += len(piece)
            if self._waiting > _MAX_WAITING:
                self._cycle.flow.pause_reading()
            self._cycle.message_event.set()

    def clear(self) -> None:
        """Drop the pieces that the application has not received."""
        self._pieces.clear()
        self._waiting = 0

    async def receive(self) -> dict[str, Any]:
        """ASGI: return a piece of the body, behind the last one a disconnect."""
        cycle = self._cycle
        if cycle.waiting_for_100_continue and not self._pieces and not cycle.transport.is_closing():
            cycle.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        cycle.waiting_for_100_continue = False
        while self._must_wait():
            cycle.message_event.clear()
            cycle.flow.resume_reading()
            await cycle.message_event.wait()
        if cycle.disconnected or cycle.response_complete:
            return {"type": "http.disconnect"}
        piece = self._pieces.popleft() if self._pieces else b""
        self._waiting -= len(piece)
        self._is_consumed = not (self._pieces or cycle.more_body)
        return {"type": "http.request", "body": piece, "more_body": not self._is_consumed}

    def _must_wait(self) -> bool:
        cycle = self._cycle
        has_message = self._pieces or not (cycle.more_body or self._is_consumed)
        return not (has_message or cycle.disconnected or cycle.response_complete)
