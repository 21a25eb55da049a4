"""A bounded load on a service of this machine: so many connections, each with one request at a time, for so long."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from itertools import count

from bodies import Body

SUBMIT = "/api/v1/frontal/crop/submit?wait=30"
_NUMBERS = count()


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


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return status, await reader.readexactly(int(line[15:]))
    raise ValueError(f"an answer without its length: {head!r}")


async def _client(port: int, faces: tuple[Body, ...], until: float, load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while time.perf_counter() < until:
            number = next(_NUMBERS)
            body = faces[number % len(faces)].numbered(number)
            head = (
                f"POST {SUBMIT} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            started = time.perf_counter()
            writer.write(head.encode() + body)
            await writer.drain()
            status, answer = await _answer(reader)
            if status == 200 and b'"completed"' in answer[:200]:
                load.times.append(time.perf_counter() - started)
            else:
                load.refused += 1
    finally:
        writer.close()
        await writer.wait_closed()


async def _run(port: int, faces: tuple[Body, ...], clients: int, seconds: float) -> Load:
    load = Load()
    started = time.perf_counter()
    await asyncio.gather(*(_client(port, faces, started + seconds, load) for _ in range(clients)))
    load.seconds = time.perf_counter() - started
    return load


def run(port: int, faces: tuple[Body, ...], clients: int, seconds: float) -> Load:
    """Keep `clients` connections busy for `seconds`; every request is another. Jobs that were begun are waited for."""
    return asyncio.run(_run(port, faces, clients, seconds))
