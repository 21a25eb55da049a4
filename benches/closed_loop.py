"""Closed-loop load: a fixed number of connections to 127.0.0.1, each with one request at a time.

Each has a thread and a blocking socket, so that sending a megabyte is one call outside the interpreter, and leaves the
CPUs to the service.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

SUBMIT = "/api/v1/frontal/crop/submit?wait=30"
# Numbers of the requests of this process; each is used once.
NUMBERS = count()


class NumberedBody(Protocol):
    """A body of which no two requests have the same."""

    @property
    def content_type(self) -> str:
        """The media type."""

    def parts(self, number: int) -> tuple[bytes, bytes]:
        """Body of request `number` in two parts."""


@dataclass(slots=True)
class LoadResult:
    """Result of a load. Times are seconds; `refused` counts responses without a completed job."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def per_second(self) -> float:
        """Completed jobs per second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Quantile of the response times."""
        return sorted(self.times)[min(int(share * len(self.times)), len(self.times) - 1)]


def read_response(connection: socket.socket) -> bytes:
    """Read a response with `Content-Length`, head included."""
    data = bytearray()
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _receive(connection)
    head = bytes(data[:end]).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    while len(data) < end + 4 + length:
        data += _receive(connection)
    return bytes(data)


def _receive(connection: socket.socket) -> bytes:
    if data := connection.recv(1 << 18):
        return data
    raise ConnectionError("the service closed the connection within a response")


def _client(port: int, faces: Sequence[NumberedBody], until: float, result: LoadResult) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.perf_counter() < until:
            number = next(NUMBERS)
            face = faces[number % len(faces)]
            front, rest = face.parts(number)
            head = (
                f"POST {SUBMIT} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {face.content_type}\r\n"
                f"Content-Length: {len(front) + len(rest)}\r\n\r\n"
            )
            started = time.perf_counter()
            connection.sendall(head.encode() + front)
            connection.sendall(rest)
            response = read_response(connection)
            if response.startswith(b"HTTP/1.1 200 ") and b'"completed"' in response[:1000]:
                result.times.append(time.perf_counter() - started)
            else:
                result.refused += 1


def run_load(port: int, faces: Sequence[NumberedBody], clients: int, seconds: float) -> LoadResult:
    """Keep `clients` connections busy for `seconds` with distinct requests, and wait for the last responses."""
    result = LoadResult()
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda _: _client(port, faces, started + seconds, result), range(clients)))
    result.seconds = time.perf_counter() - started
    return result
