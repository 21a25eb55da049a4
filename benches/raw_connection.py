"""A connection of a hostile client: raw bytes at any pace, from an address of its own."""

from __future__ import annotations

import asyncio
import socket
from types import TracebackType
from typing import Self

SOURCE = "127.0.0.9"


class Connection:
    """One connection. Every call raises `OSError` once the server has ended it."""

    def __init__(self, port: int, room: int = 0) -> None:
        self._loop = asyncio.get_running_loop()
        self._port = port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        if room:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self._socket.bind((SOURCE, 0))

    async def __aenter__(self) -> Self:
        await self._loop.sock_connect(self._socket, ("127.0.0.1", self._port))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    async def send(self, data: bytes) -> None:
        """All of it."""
        await self._loop.sock_sendall(self._socket, data)

    async def drip(self, data: bytes, seconds: float) -> None:
        """A byte every so many seconds, for as long as the server takes them."""
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(seconds)

    def half_close(self) -> None:
        """Nothing more is sent."""
        self._socket.shutdown(socket.SHUT_WR)

    async def read(self) -> None:
        """Until the server ends the connection."""
        while await self._loop.sock_recv(self._socket, 1 << 16):
            pass

    async def read_answers(self, number: int) -> None:
        """Until so many answers have begun, or the connection ends."""
        while number > 0 and (data := await self._loop.sock_recv(self._socket, 1 << 16)):
            number -= data.count(b"HTTP/1.1 ")
