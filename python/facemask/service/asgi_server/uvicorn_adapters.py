"""What uvicorn's `RequestResponseCycle` is given instead of its own: a transport, and a body."""

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

# Bytes of a body that may wait for the application before the connection is no longer read.
_MOST_WAITING: Final = 2**20


def head_fault(line: bytes, hosts: list[bytes], codings: list[bytes], lengths: list[bytes]) -> tuple[str, str] | None:
    """What RFC 9112 forbids in a head and httptools lets pass, as the code and the sentence of a problem."""
    *target, version = line.split(b" ")
    if len(target) > 2 or b"#" in line:
        return (
            "bad_request",
            "a request line is a method, a target without fragment, and a version, a blank between each",
        )
    if version not in {b"HTTP/1.0", b"HTTP/1.1"}:
        return "http_version_unsupported", "this server speaks HTTP/1.1 and HTTP/1.0"
    if len(hosts) > 1 or (not hosts and version == b"HTTP/1.1"):
        return "bad_request", "a request needs one Host header"
    if codings and (codings != [b"chunked"] or lengths or version == b"HTTP/1.0"):
        return "bad_request", "the only transfer coding here is chunked, without Content-Length"
    return None


class AnswerTransport:
    """A transport as uvicorn's `RequestResponseCycle` gets it. The head of an answer goes out with what follows, and
    `close` is whose decision it is: the protocol's.
    """

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport = transport
        self._head = b""
        self._close = weakref.WeakMethod(close)  # its protocol holds this

    def close(self) -> None:
        """Leaves it to the protocol how the connection ends."""
        if close := self._close():
            close()

    def write(self, data: bytes) -> None:
        """Sends, or keeps the head of an answer until there is more to send."""
        if not self._head and data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 100"):
            self._head = data
        else:
            self.flush(data)

    def flush(self, data: bytes = b"") -> None:
        """Sends what was kept, and `data`."""
        head, self._head = self._head, b""
        if (head or data) and not self._transport.is_closing():
            self._transport.writelines([head, data])

    def reset(self) -> None:
        """Resets the connection: the system would go on sending what lies unsent, however long nobody reads it."""
        with suppress(OSError, AttributeError):  # it is closed already
            own = self._transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def unread(self) -> int:
        """Bytes of answers that the client's system has not taken: those in the process and in the system."""
        with suppress(OSError, AttributeError):
            own = self._transport.get_extra_info("socket")
            held = fcntl.ioctl(own.fileno(), termios.TIOCOUTQ, bytes(4))
            return self._transport.get_write_buffer_size() + int.from_bytes(held, sys.byteorder)
        return 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """The client's address; the other facts cost system calls and nobody needs them."""
        if name != "peername":
            return default
        peer = self._transport.get_extra_info("peername")
        return tuple(peer[:2]) if peer else default

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class RequestBody:
    """A request's body in pieces, handed on as they are: uvicorn copies each of them twice, and reads no further before
    the application has been woken for it.
    """

    def __init__(self, cycle: RequestResponseCycle) -> None:
        # The cycle holds this: neither shall wait for the collector.
        self._cycle: RequestResponseCycle = weakref.proxy(cycle)
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._is_taken = False
        cycle.receive = self.receive  # type: ignore[method-assign, assignment]

    def add(self, piece: bytes) -> None:
        """Keeps a piece until the application takes it."""
        if not self._cycle.response_complete:
            self._pieces.append(piece)
            self._waiting += len(piece)
            if self._waiting > _MOST_WAITING:
                self._cycle.flow.pause_reading()
            self._cycle.message_event.set()

    def clear(self) -> None:
        """Forgets what the application did not take."""
        self._pieces.clear()
        self._waiting = 0

    async def receive(self) -> dict[str, Any]:
        """ASGI: a piece of the body; behind the last one the end of the connection or of the answer."""
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
        self._is_taken = not (self._pieces or cycle.more_body)
        return {"type": "http.request", "body": piece, "more_body": not self._is_taken}

    def _must_wait(self) -> bool:
        cycle = self._cycle
        has_news = self._pieces or not (cycle.more_body or self._is_taken)
        return not (has_news or cycle.disconnected or cycle.response_complete)
