"""A connection that sends raw bytes at any pace, from an address of its own."""

from __future__ import annotations

import asyncio
import socket
from types import TracebackType
from typing import Self

SOURCE_ADDRESS = "127.0.0.9"


class RawConnection:
    """One connection. Every call raises `OSError` after the server has ended it."""

    def __init__(self, port: int, receive_buffer: int = 0) -> None:
        self._loop = asyncio.get_running_loop()
        self._port = port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.bind((SOURCE_ADDRESS, 0))

    async def __aenter__(self) -> Self:
        await self._loop.sock_connect(self._socket, ("127.0.0.1", self._port))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    async def send(self, data: bytes) -> None:
        """Send all bytes."""
        await self._loop.sock_sendall(self._socket, data)

    async def drip(self, data: bytes, seconds: float) -> None:
        """Send one byte at a time, `seconds` apart."""
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(seconds)

    def half_close(self) -> None:
        """Shut down the sending side."""
        self._socket.shutdown(socket.SHUT_WR)

    async def read_to_close(self) -> None:
        """Read until the server ends the connection."""
        while await self._loop.sock_recv(self._socket, 1 << 16):
            pass

    async def read_responses(self, number: int) -> None:
        """Read until `number` responses have begun, or the connection ends."""
        while number > 0 and (data := await self._loop.sock_recv(self._socket, 1 << 16)):
            number -= data.count(b"HTTP/1.1 ")
