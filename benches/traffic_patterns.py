"""Patterns of hostile traffic from 127.0.0.9: slow, idle, malformed and excessive requests.

Each is limited in connections, bytes and pace, and only reaches the limits of a server. The script runs one pattern, or
all of them, for a number of seconds.

    python traffic_patterns.py PORT PATTERN|mixed SECONDS
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from raw_connection import RawConnection

MIXED = "mixed"
_POST = b"POST /api/v1/frontal/crop/submit HTTP/1.1\r\nHost: facemask\r\nContent-Type: application/json\r\n"
_LIVE = b"GET /health/live HTTP/1.1\r\nHost: facemask\r\n\r\n"
_LARGE = b"GET /docs/openapi.json HTTP/1.1\r\nHost: facemask\r\n\r\n"  # 30 kB, open to all
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n"
_KILOBYTES = 300
_HOLD = 20.0  # seconds for which an unread connection stays open
_RANDOM = random.Random(21)
_NUMBERS = count()


@dataclass(frozen=True, slots=True)
class TrafficPattern:
    """An action that `connections` concurrent connections repeat, `pause` seconds apart."""

    act: Callable[[RawConnection], Awaitable[None]]
    connections: int
    pause: float = 0.05
    receive_buffer: int = 0  # bytes
    needs_keys: bool = False  # for a service that requires API keys


def _padded(name: bytes, kilobytes: int) -> bytes:
    """Header fields of a kilobyte each."""
    return b"".join(b"%b-%d: %b\r\n" % (name, number, b"x" * 1000) for number in range(kilobytes))


async def _slow_head(connection: RawConnection) -> None:
    await connection.send(b"GET /health/live HTTP/1.1\r\nX: ")
    await connection.drip(b"x" * 1000, 1.0)


async def _slow_body(connection: RawConnection) -> None:
    await connection.send(_POST + b"Content-Length: 1000\r\n\r\n")
    await connection.drip(b" " * 999, 3.0)


async def _slow_large_body(connection: RawConnection) -> None:
    await connection.send(_POST + b"Content-Length: 33554432\r\n\r\n")
    await connection.drip(b" " * 1000, 3.0)


async def _slow_chunks(connection: RawConnection) -> None:
    await connection.send(_CHUNKED + b"400\r\n")
    await connection.drip(b" " * 1000, 3.0)


async def _trailers(connection: RawConnection) -> None:
    await connection.send(_CHUNKED + b"2\r\n{}\r\n0\r\n")
    await connection.send(_padded(b"Trailer", _KILOBYTES))
    await connection.send(b"\r\n")
    await connection.read_responses(1)


async def _second_head(connection: RawConnection) -> None:
    await connection.send(_LIVE + _LIVE[:-2] + _padded(b"X", _KILOBYTES))
    await connection.read_to_close()


async def _chunk_extensions(connection: RawConnection) -> None:
    await connection.send(_CHUNKED + b"".join(b"1;a=%b\r\n \r\n" % (b"x" * 10_000) for _ in range(_KILOBYTES // 10)))
    await connection.read_responses(1)


async def _one_byte_chunks(connection: RawConnection) -> None:
    await connection.send(_CHUNKED + b"1\r\n \r\n" * 50_000 + b"0\r\n\r\n")
    await connection.read_responses(1)


async def _pipelined(connection: RawConnection) -> None:
    await connection.send(_LIVE * 500)
    await connection.read_responses(500)


async def _unread(connection: RawConnection) -> None:
    await connection.send(_LIVE + _LARGE * 100)
    await asyncio.sleep(_HOLD)


async def _idle(connection: RawConnection) -> None:
    await connection.read_to_close()


async def _idle_after_one(connection: RawConnection) -> None:
    await connection.send(_LIVE)
    await connection.read_to_close()


async def _closed_at_once(connection: RawConnection) -> None:
    pass


async def _half_closed(connection: RawConnection) -> None:
    await connection.send(_POST + b"Content-Length: 100000\r\n\r\n" + b" " * 50_000)
    connection.half_close()
    await connection.read_to_close()


async def _half_closed_get(connection: RawConnection) -> None:
    await connection.send(_LIVE)
    connection.half_close()
    await connection.read_to_close()


async def _garbage(connection: RawConnection) -> None:
    await connection.send(_RANDOM.randbytes(4000))
    await connection.read_to_close()


async def _tls(connection: RawConnection) -> None:
    await connection.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + _RANDOM.randbytes(506))
    await connection.read_to_close()


async def _upgrade(connection: RawConnection) -> None:
    upgrade = b"RawConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
    await connection.send(_POST + upgrade + b"Content-Length: 1000\r\n\r\n" + b" " * 1000 + _LIVE)
    await connection.read_responses(2)


async def _websocket(connection: RawConnection) -> None:
    upgrade = b"RawConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    await connection.send(_LIVE[:-2] + upgrade + b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
    await connection.read_responses(1)


async def _oversized(connection: RawConnection) -> None:
    length = _RANDOM.choice((10**8, 10**12, 2**63 - 1, 10**30))
    await connection.send(_POST + b"Content-Length: %d\r\n\r\n" % length + b" " * 60_000)
    await connection.read_to_close()


async def _wrong_key(connection: RawConnection) -> None:
    key = b"Authorization: Bearer %032d\r\n" % next(_NUMBERS)
    await connection.send(_POST + key + b"Content-Length: 100000\r\n\r\n" + b" " * 100_000)
    await connection.read_responses(1)


PATTERNS = {
    "slow heads": TrafficPattern(_slow_head, 500),
    "slow bodies of 1,000 bytes": TrafficPattern(_slow_body, 200),
    "slow bodies of 32 MiB": TrafficPattern(_slow_large_body, 50),
    "slow chunks": TrafficPattern(_slow_chunks, 100),
    "trailers": TrafficPattern(_trailers, 50),
    "large heads behind a request": TrafficPattern(_second_head, 50),
    "chunk extensions": TrafficPattern(_chunk_extensions, 20),
    "one-byte chunks": TrafficPattern(_one_byte_chunks, 4),
    "pipelined GETs": TrafficPattern(_pipelined, 10),
    "answers that nobody reads": TrafficPattern(_unread, 100, receive_buffer=4096),
    "idle connections": TrafficPattern(_idle, 1500),
    "idle after a request": TrafficPattern(_idle_after_one, 500),
    "connect and close": TrafficPattern(_closed_at_once, 50),
    "half-closed bodies": TrafficPattern(_half_closed, 20),
    "half-closed GETs": TrafficPattern(_half_closed_get, 20),
    "garbage": TrafficPattern(_garbage, 20),
    "TLS to a plain port": TrafficPattern(_tls, 20),
    "upgrades to HTTP/2": TrafficPattern(_upgrade, 10),
    "upgrades to WebSocket": TrafficPattern(_websocket, 10),
    "oversized lengths": TrafficPattern(_oversized, 20),
    "wrong keys": TrafficPattern(_wrong_key, 20, needs_keys=True),
}


async def run_pattern(port: int, name: str, seconds: float) -> Counter[str]:
    """Run a pattern, or all of them at a quarter of their connections. Returns counts of connections."""
    chosen = PATTERNS.values() if name == MIXED else [PATTERNS[name]]
    counts: Counter[str] = Counter()

    async def repeat(pattern: TrafficPattern) -> None:
        while True:
            try:
                async with RawConnection(port, pattern.receive_buffer) as connection:
                    counts["made"] += 1
                    await pattern.act(connection)
            except OSError:
                counts["ended by the server"] += 1
            await asyncio.sleep(pattern.pause)

    divisor = 4 if name == MIXED else 1
    tasks = [
        asyncio.create_task(repeat(pattern))
        for pattern in chosen
        for _ in range(max(1, pattern.connections // divisor))
    ]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    return counts


def main() -> None:
    """Wait for a line on stdin, run a pattern, and print the counts as JSON."""
    import uvloop  # noqa: PLC0415 - importing the patterns needs no event loop

    port, name, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(uvloop.run(run_pattern(port, name, seconds))))


if __name__ == "__main__":
    main()
