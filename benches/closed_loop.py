"""A bounded load on a service of this machine: so many connections, each with one request at a time, for so long.

A thread and a blocking socket for each: sending a megabyte then costs one call without the interpreter, and little of
the processors that the service needs.
"""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

from request_bodies import Body

SUBMIT = "/api/v1/frontal/crop/submit?wait=30"
# Of all requests of this process: none is sent twice.
NUMBERS = count()


@dataclass(slots=True)
class Load:
    """What came of it. Times are seconds."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def per_second(self) -> float:
        """Finished jobs."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """The time that `share` of the requests did not exceed."""
        return sorted(self.times)[min(int(share * len(self.times)), len(self.times) - 1)]


def _answer(connection: socket.socket) -> bytes:
    """An answer with its head; it has a length."""
    data = bytearray()
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _received(connection)
    head = bytes(data[:end]).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    while len(data) < end + 4 + length:
        data += _received(connection)
    return bytes(data)


def _received(connection: socket.socket) -> bytes:
    if data := connection.recv(1 << 18):
        return data
    raise ConnectionError("the service closed the connection in the middle of an answer")


def _client(port: int, faces: tuple[Body, ...], until: float, load: Load) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.perf_counter() < until:
            number = next(NUMBERS)
            front, rest = faces[number % len(faces)].parts(number)
            head = (
                f"POST {SUBMIT} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(front) + len(rest)}\r\n\r\n"
            )
            started = time.perf_counter()
            connection.sendall(head.encode() + front)
            connection.sendall(rest)
            answer = _answer(connection)
            if answer.startswith(b"HTTP/1.1 200 ") and b'"completed"' in answer[:1000]:
                load.times.append(time.perf_counter() - started)
            else:
                load.refused += 1


def run(port: int, faces: tuple[Body, ...], clients: int, seconds: float) -> Load:
    """Keep `clients` connections busy for `seconds`; every request is another. Jobs that were begun are waited for."""
    load = Load()
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda _: _client(port, faces, started + seconds, load), range(clients)))
    load.seconds = time.perf_counter() - started
    return load
