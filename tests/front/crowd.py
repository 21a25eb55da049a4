"""Clients that announce much and send little, again and again: they ask for the guard, and harm nobody else."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Self

from support.waiting import until

ADDRESS = "127.0.0.1"
# A client that is nobody of the crowd.
GOOD_ADDRESS = "127.0.0.2"


class Crowd:
    """So many connections that stay open while the block runs. Each sends a head and one byte every `seconds`, or
    nothing more; one that the server closes comes back.
    """

    def __init__(
        self,
        port: int,
        count: int,
        head: bytes,
        *,
        seconds: float | None = None,
        address: Callable[[int], str] = lambda _: ADDRESS,
    ) -> None:
        self._port, self._count, self._head, self._seconds, self._address = port, count, head, seconds, address
        self._sockets: dict[int, socket.socket] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.opened = 0

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: len(self._sockets) == self._count)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopped.wait(0.05):
            for number in range(self._count):
                if number not in self._sockets or self._is_closed(self._sockets[number]):
                    self._open(number)
            if self._seconds is not None and time.monotonic() >= due:
                due = time.monotonic() + self._seconds
                for each in self._sockets.values():
                    with contextlib.suppress(OSError):
                        each.send(b" ")
        for each in self._sockets.values():
            each.close()

    def _open(self, number: int) -> None:
        if number in self._sockets:
            self._sockets.pop(number).close()
        with contextlib.suppress(OSError):
            opened = socket.create_connection(
                ("127.0.0.1", self._port), timeout=5, source_address=(self._address(number), 0)
            )
            opened.sendall(self._head)
            opened.settimeout(0)
            self._sockets[number] = opened
            self.opened += 1

    @staticmethod
    def _is_closed(each: socket.socket) -> bool:
        try:
            return not each.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            return True
