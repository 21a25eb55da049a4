"""An event loop with virtual time and a transport in memory.

The clock jumps to the next timer instead of waiting for it. So a connection of minutes takes no time, and equal input
gives equal runs.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
from collections import deque
from typing import Any


class _Selector(selectors.SelectSelector):
    """A selector without file descriptors: waiting advances the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("no timer and no callback is left")
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose `time` is virtual."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual.now


class _Socket:
    """A fake of the socket that protocols inspect."""

    family = socket.AF_INET

    def setsockopt(self, *_: object) -> None:
        """Accept any option."""

    def getpeername(self) -> tuple[str, int]:
        """Address of the client."""
        return ("192.0.2.1", 50000)

    def getsockname(self) -> tuple[str, int]:
        """Address of the server."""
        return ("192.0.2.2", 80)


class MemoryTransport(asyncio.Transport):
    """The transport of one connection.

    With `lazy` it sends in the next iteration of the loop, as a transport does whose socket buffer is full.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol, *, lazy: bool) -> None:
        own = _Socket()
        super().__init__({"peername": own.getpeername(), "sockname": own.getsockname(), "socket": own})
        self._loop, self._protocol, self._lazy = loop, protocol, lazy
        self._unsent: deque[bytes] = deque()
        self._high = 64 * 1024
        self._is_full = self._is_closing = self._ends = False
        self.sent = bytearray()
        self.is_lost = self.is_reset = self.is_finished = self.is_paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:  # type: ignore[override]
        """Part of `asyncio.Transport`."""
        if self.is_lost:
            return
        if not self._lazy:
            self.sent += data
            return
        self._unsent.append(bytes(data))
        if not self._is_full and self.get_write_buffer_size() > self._high:
            self._is_full = True
            self._protocol.pause_writing()
        self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        while self._unsent:
            self.sent += self._unsent.popleft()
        self.is_finished |= self._ends
        if self._is_full and not self.is_lost:
            self._is_full = False
            self._protocol.resume_writing()

    def write_eof(self) -> None:
        """Part of `asyncio.Transport`."""
        self._ends = True
        self._loop.call_soon(self._flush)

    def can_write_eof(self) -> bool:
        """Part of `asyncio.Transport`."""
        return True

    def get_write_buffer_size(self) -> int:
        """Part of `asyncio.Transport`."""
        return sum(map(len, self._unsent))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:  # noqa: ARG002
        """Part of `asyncio.Transport`."""
        self._high = 64 * 1024 if high is None else high

    def is_closing(self) -> bool:
        """Part of `asyncio.Transport`."""
        return self._is_closing

    def is_reading(self) -> bool:
        """Part of `asyncio.Transport`."""
        return not (self.is_paused or self._is_closing)

    def pause_reading(self) -> None:
        """Part of `asyncio.Transport`."""
        self.is_paused = True

    def resume_reading(self) -> None:
        """Part of `asyncio.Transport`."""
        self.is_paused = False

    def close(self) -> None:
        """Part of `asyncio.Transport`."""
        if not self._is_closing:
            self._is_closing = self._ends = True
            self._loop.call_soon(self._lose)

    def abort(self) -> None:
        """Part of `asyncio.Transport`."""
        self.is_reset |= not self._is_closing
        self._unsent.clear()
        self.close()

    def _lose(self) -> None:
        if not self.is_lost:
            self._flush()
            self.is_lost = True
            self._protocol.connection_lost(None)
