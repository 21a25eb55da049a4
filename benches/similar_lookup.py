"""How long a search for kept answers of the same scope takes: `python benches/similar_lookup.py [ROWS]`.

Fills the cache's table with answers, each in a scope of its own, and a thousandth of them in one scope; then looks for
scopes that are there, for some that are not, and for the crowded one; prints median, 99th percentile, and how many
were found.
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

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from facemask.service.cache.postgres import PostgresCache  # noqa: E402 - after the path
from facemask.service.cache.settings import CacheSettings  # noqa: E402 - after the path
from facemask.service.database.pool import Database  # noqa: E402 - after the path
from facemask.service.database.schema import migrate  # noqa: E402 - after the path
from facemask.service.database.settings import DatabaseSettings  # noqa: E402 - after the path
from postgres_server import own_server, run  # noqa: E402 - after the path

SEARCHES, WARM_UP = 500, 20
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


async def search(settings: DatabaseSettings, kinds: dict[str, Callable[[], bytes]]) -> None:
    """Search and print the figures of each kind."""
    database = Database(settings)
    cache = PostgresCache(database, CacheSettings())
    async with database.opened():
        for kind, scope in kinds.items():
            times, found = [], 0
            for number in range(WARM_UP + SEARCHES):
                wanted = scope()
                started = time.perf_counter()
                kept = await cache.find_in_scope(wanted)
                times.append((time.perf_counter() - started) * 1e3)
                found += bool(kept) and number >= WARM_UP
            times = sorted(times[WARM_UP:])
            p99, middle = times[int(0.99 * (len(times) - 1))], statistics.median(times)
            print(f"{kind:8}: p50 {middle:5.2f} ms, p99 {p99:5.2f} ms, found {found} of {SEARCHES}")


def main() -> None:
    """Fill and search."""
    random.seed(1)
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000

    def kept() -> bytes:
        number = random.randrange(rows // 1000) * 1000 + random.randrange(1, 1000)
        return hashlib.md5(str(number).encode(), usedforsecurity=False).digest()

    with own_server() as server:
        run(server.settings, "create database {}", "similar")
        settings = replace(server.settings, database="similar")
        asyncio.run(migrate(settings))
        fill(settings, rows)
        kinds = {"kept": kept, "unknown": lambda: random.randbytes(16), "crowded": lambda: CROWDED}
        asyncio.run(search(settings, kinds))


if __name__ == "__main__":
    main()
