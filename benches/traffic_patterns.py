"""Connections as a stranger might make them, all from 127.0.0.9, each kind bounded in number, bytes and pace.

Nothing here breaks a server: these are slow, idle, odd and greedy requests of at most some hundred kilobytes, which ask
for the bounds of ours. Run as a script it keeps one kind, or all of them, going for so long.

    python traffic_patterns.py PORT KIND|mixed SECONDS
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

from raw_connection import Connection

MIXED = "mixed"
_POST = b"POST /api/v1/frontal/crop/submit HTTP/1.1\r\nHost: facemask\r\nContent-Type: application/json\r\n"
_LIVE = b"GET /health/live HTTP/1.1\r\nHost: facemask\r\n\r\n"
_LARGE = b"GET /docs/openapi.json HTTP/1.1\r\nHost: facemask\r\n\r\n"  # 30 kB, open to all
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n"
_KILOBYTES = 300
_HOLD = 20.0  # seconds that a connection is kept which nobody reads
_CHANCE = random.Random(21)
_NUMBERS = count()


@dataclass(frozen=True, slots=True)
class Kind:
    """What `connections` do at once, again and again; `pause` is seconds between two of one place."""

    act: Callable[[Connection], Awaitable[None]]
    connections: int
    pause: float = 0.05
    room: int = 0  # bytes of the receive buffer
    keyed: bool = False  # asked of a service with keys


def _padded(name: bytes, kilobytes: int) -> bytes:
    """Header fields of a kilobyte each."""
    return b"".join(b"%b-%d: %b\r\n" % (name, number, b"x" * 1000) for number in range(kilobytes))


async def _slow_head(connection: Connection) -> None:
    await connection.send(b"GET /health/live HTTP/1.1\r\nX: ")
    await connection.drip(b"x" * 1000, 1.0)


async def _slow_body(connection: Connection) -> None:
    await connection.send(_POST + b"Content-Length: 1000\r\n\r\n")
    await connection.drip(b" " * 999, 3.0)


async def _slow_large_body(connection: Connection) -> None:
    await connection.send(_POST + b"Content-Length: 33554432\r\n\r\n")
    await connection.drip(b" " * 1000, 3.0)


async def _slow_chunks(connection: Connection) -> None:
    await connection.send(_CHUNKED + b"400\r\n")
    await connection.drip(b" " * 1000, 3.0)


async def _trailers(connection: Connection) -> None:
    await connection.send(_CHUNKED + b"2\r\n{}\r\n0\r\n")
    await connection.send(_padded(b"Trailer", _KILOBYTES))
    await connection.send(b"\r\n")
    await connection.read_answers(1)


async def _second_head(connection: Connection) -> None:
    await connection.send(_LIVE + _LIVE[:-2] + _padded(b"X", _KILOBYTES))
    await connection.read()


async def _chunk_extensions(connection: Connection) -> None:
    await connection.send(_CHUNKED + b"".join(b"1;a=%b\r\n \r\n" % (b"x" * 10_000) for _ in range(_KILOBYTES // 10)))
    await connection.read_answers(1)


async def _one_byte_chunks(connection: Connection) -> None:
    await connection.send(_CHUNKED + b"1\r\n \r\n" * 50_000 + b"0\r\n\r\n")
    await connection.read_answers(1)


async def _pipelined(connection: Connection) -> None:
    await connection.send(_LIVE * 500)
    await connection.read_answers(500)


async def _unread(connection: Connection) -> None:
    await connection.send(_LIVE + _LARGE * 100)
    await asyncio.sleep(_HOLD)


async def _idle(connection: Connection) -> None:
    await connection.read()


async def _idle_after_one(connection: Connection) -> None:
    await connection.send(_LIVE)
    await connection.read()


async def _closed_at_once(connection: Connection) -> None:
    pass


async def _half_closed(connection: Connection) -> None:
    await connection.send(_POST + b"Content-Length: 100000\r\n\r\n" + b" " * 50_000)
    connection.half_close()
    await connection.read()


async def _half_closed_get(connection: Connection) -> None:
    await connection.send(_LIVE)
    connection.half_close()
    await connection.read()


async def _garbage(connection: Connection) -> None:
    await connection.send(_CHANCE.randbytes(4000))
    await connection.read()


async def _tls(connection: Connection) -> None:
    await connection.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + _CHANCE.randbytes(506))
    await connection.read()


async def _upgrade(connection: Connection) -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
    await connection.send(_POST + offer + b"Content-Length: 1000\r\n\r\n" + b" " * 1000 + _LIVE)
    await connection.read_answers(2)


async def _websocket(connection: Connection) -> None:
    offer = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    await connection.send(_LIVE[:-2] + offer + b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
    await connection.read_answers(1)


async def _oversized(connection: Connection) -> None:
    length = _CHANCE.choice((10**8, 10**12, 2**63 - 1, 10**30))
    await connection.send(_POST + b"Content-Length: %d\r\n\r\n" % length + b" " * 60_000)
    await connection.read()


async def _wrong_key(connection: Connection) -> None:
    key = b"Authorization: Bearer %032d\r\n" % next(_NUMBERS)
    await connection.send(_POST + key + b"Content-Length: 100000\r\n\r\n" + b" " * 100_000)
    await connection.read_answers(1)


KINDS = {
    "slow heads": Kind(_slow_head, 500),
    "slow bodies of 1,000 bytes": Kind(_slow_body, 200),
    "slow bodies of 32 MiB": Kind(_slow_large_body, 50),
    "slow chunks": Kind(_slow_chunks, 100),
    "trailers": Kind(_trailers, 50),
    "large heads behind a request": Kind(_second_head, 50),
    "chunk extensions": Kind(_chunk_extensions, 20),
    "one-byte chunks": Kind(_one_byte_chunks, 4),
    "pipelined GETs": Kind(_pipelined, 10),
    "answers that nobody reads": Kind(_unread, 100, room=4096),
    "idle connections": Kind(_idle, 1500),
    "idle after a request": Kind(_idle_after_one, 500),
    "connect and close": Kind(_closed_at_once, 50),
    "half-closed bodies": Kind(_half_closed, 20),
    "half-closed GETs": Kind(_half_closed_get, 20),
    "garbage": Kind(_garbage, 20),
    "TLS to a plain port": Kind(_tls, 20),
    "upgrades to HTTP/2": Kind(_upgrade, 10),
    "upgrades to WebSocket": Kind(_websocket, 10),
    "oversized lengths": Kind(_oversized, 20),
    "wrong keys": Kind(_wrong_key, 20, keyed=True),
}


async def attack(port: int, name: str, seconds: float) -> Counter[str]:
    """Keep a kind going, or a quarter of each; how many connections were made and how many the server ended."""
    chosen = KINDS.values() if name == MIXED else [KINDS[name]]
    seen: Counter[str] = Counter()

    async def place(kind: Kind) -> None:
        while True:
            try:
                async with Connection(port, kind.room) as connection:
                    seen["made"] += 1
                    await kind.act(connection)
            except OSError:
                seen["ended by the server"] += 1
            await asyncio.sleep(kind.pause)

    share = 4 if name == MIXED else 1
    places = [asyncio.create_task(place(kind)) for kind in chosen for _ in range(max(1, kind.connections // share))]
    await asyncio.sleep(seconds)
    for task in places:
        task.cancel()
    for task in places:
        with suppress(asyncio.CancelledError):
            await task
    return seen


def main() -> None:
    """Wait for a line, attack, and write what was seen."""
    import uvloop  # noqa: PLC0415 - whoever imports the kinds needs no loop

    port, name, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(uvloop.run(attack(port, name, seconds))))


if __name__ == "__main__":
    main()
