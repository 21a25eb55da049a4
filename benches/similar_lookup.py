"""Latency of lookups of cached results by their scope.

    python benches/similar_lookup.py [ROWS]

The cache's table is filled with results. Each has a scope of its own, except for a thousandth of them in one crowded
scope. Then existing, unknown and crowded scopes are looked up.
"""

import asyncio
import hashlib
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from facemask.service.cache.postgres import PostgresCache
from facemask.service.cache.settings import CacheSettings
from facemask.service.database.pool import Database
from facemask.service.database.schema import migrate
from facemask.service.database.settings import DatabaseSettings
from support.postgres_server import execute, postgres_server

LOOKUPS, WARM_UP = 500, 20
CROWDED = bytes(16)
FILL = """
insert into facemask_cache (digest, tail, etag, format, size, expires_at, scope, phash)
select sha256(number::text::bytea), '', '', 'svg', 0, now() + interval '1 day',
    case when number %% 1000 = 0 then %(crowded)s::uuid else md5(number::text)::uuid end,
    ('x' || left(md5('photo' || number), 16))::bit(64)::bigint
from generate_series(1, %(rows)s::int) number
"""


def fill(settings: DatabaseSettings, rows: int) -> None:
    """Fill the table."""
    with psycopg.connect(**settings.parameters(), autocommit=True) as connection:
        connection.execute(FILL, {"rows": rows, "crowded": CROWDED.hex()})
        connection.execute("vacuum analyze facemask_cache")
        size = connection.execute("select pg_relation_size('facemask_cache_scope')").fetchone()
    print(f"{rows} rows, index of the scopes: {size and size[0] / 2**20:.0f} MB")


async def look_up(settings: DatabaseSettings, kinds: dict[str, Callable[[], bytes]]) -> None:
    """Look scopes up and print the latencies of each kind."""
    database = Database(settings)
    cache = PostgresCache(database, CacheSettings())
    async with database.opened():
        for kind, scope in kinds.items():
            times, found = [], 0
            for number in range(WARM_UP + LOOKUPS):
                key = scope()
                started = time.perf_counter()
                results = await cache.find_in_scope(key)
                times.append((time.perf_counter() - started) * 1e3)
                found += bool(results) and number >= WARM_UP
            times = sorted(times[WARM_UP:])
            p99, middle = times[int(0.99 * (len(times) - 1))], statistics.median(times)
            print(f"{kind:8}: p50 {middle:5.2f} ms, p99 {p99:5.2f} ms, found {found} of {LOOKUPS}")


def main() -> None:
    """Fill the table and look scopes up."""
    random.seed(1)
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000

    def existing() -> bytes:
        number = random.randrange(rows // 1000) * 1000 + random.randrange(1, 1000)
        return hashlib.md5(str(number).encode(), usedforsecurity=False).digest()

    with postgres_server() as server:
        execute(server.settings, "create database {}", "similar")
        settings = replace(server.settings, database="similar")
        asyncio.run(migrate(settings))
        fill(settings, rows)
        kinds = {"existing": existing, "unknown": lambda: random.randbytes(16), "crowded": lambda: CROWDED}
        asyncio.run(look_up(settings, kinds))


if __name__ == "__main__":
    main()
