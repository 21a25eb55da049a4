"""Slow clients, as in a Slowloris attack: they announce large bodies, send almost nothing, and reconnect."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Self

from support.waiting import wait_until

SLOW_ADDRESS = "127.0.0.1"
# The source address of clients besides them.
GOOD_ADDRESS = "127.0.0.2"


class SlowClients:
    """Keeps `count` connections open until the block ends.

    Each sends a head, then one byte every `seconds` or nothing; if the server closes it, it reconnects.
    """

    def __init__(
        self,
        port: int,
        count: int,
        head: bytes,
        *,
        seconds: float | None = None,
        address: Callable[[int], str] = lambda _: SLOW_ADDRESS,
    ) -> None:
        self._port, self._count, self._head, self._seconds, self._address = port, count, head, seconds, address
        self._sockets: dict[int, socket.socket] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.opened = 0

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: len(self._sockets) == self._count)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        next_send = time.monotonic()
        while not self._stopped.wait(0.05):
            for number in range(self._count):
                if number not in self._sockets or self._is_closed(self._sockets[number]):
                    self._open(number)
            if self._seconds is not None and time.monotonic() >= next_send:
                next_send = time.monotonic() + self._seconds
                for connection in self._sockets.values():
                    with contextlib.suppress(OSError):
                        connection.send(b" ")
        for connection in self._sockets.values():
            connection.close()

    def _open(self, number: int) -> None:
        if number in self._sockets:
            self._sockets.pop(number).close()
        with contextlib.suppress(OSError):
            connection = socket.create_connection(
                ("127.0.0.1", self._port), timeout=5, source_address=(self._address(number), 0)
            )
            connection.sendall(self._head)
            connection.settimeout(0)
            self._sockets[number] = connection
            self.opened += 1

    @staticmethod
    def _is_closed(connection: socket.socket) -> bool:
        try:
            return not connection.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            return True
