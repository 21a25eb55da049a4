"""How long a search for like photos takes: `python benches/similar_lookup.py [ROWS]`.

Fills the cache's table with random hashes of one scope, then searches, for each radius, for hashes that differ from a
kept one in at most so many bits, and for random ones; prints median, 99th percentile, and how many were found.
"""

import asyncio
import random
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from facemask.service.cache.policy import CachePolicy  # noqa: E402 - after the path
from facemask.service.cache.postgres import PostgresCache  # noqa: E402 - after the path
from facemask.service.database.address import DatabaseSettings  # noqa: E402 - after the path
from facemask.service.database.pool import Database  # noqa: E402 - after the path
from facemask.service.database.schema import migrate  # noqa: E402 - after the path
from postgres_server import own_server, run  # noqa: E402 - after the path

SCOPE = bytes(16)
SEARCHES, WARM_UP = 500, 20
FILL = """
insert into facemask_cache (digest, tail, etag, format, size, expires_at, scope, phash,
    band_0, band_1, band_2, band_3, signature, points, runs)
select sha256(number::text::bytea), '', '', 'svg', 0, now() + interval '1 day',
    '00000000-0000-0000-0000-000000000000', phash,
    (phash >> 48) & 65535, (phash >> 32) & 65535, (phash >> 16) & 65535, phash & 65535, '', '', ''
from (
    select number, ('x' || left(md5(number::text), 16))::bit(64)::bigint as phash from generate_series(1, {}) number
) made
"""


def fill(settings: DatabaseSettings, rows: int) -> list[int]:
    """Fill the table and return some of its hashes."""
    with psycopg.connect(**settings.parameters(), autocommit=True) as connection:
        connection.execute(FILL.format(rows).encode())
        connection.execute("vacuum analyze facemask_cache")
        picked = connection.execute("select phash from facemask_cache order by digest limit 1000").fetchall()
        size = connection.execute(
            "select sum(pg_relation_size(indexrelid)) from pg_index where indrelid = 'facemask_cache'::regclass"
            " and indexrelid::regclass::text like '%band%'"
        ).fetchone()
    print(f"{rows} rows, indexes of the bands: {size and size[0] / 2**20:.0f} MB")
    return [phash for (phash,) in picked]


def flipped(phash: int, bits: int) -> int:
    """Return a hash that differs in so many bits."""
    for bit in random.sample(range(64), bits):
        phash ^= 1 << bit if bit < 63 else -(1 << 63)
    return phash


async def search(settings: DatabaseSettings, kept: list[int], radius: int) -> None:
    """Search and print the figures of one radius."""
    database = Database(settings)
    cache = PostgresCache(database, CachePolicy(distance=radius))
    async with database.opened():
        for kind in ("near", "random"):
            times, found = [], 0
            for number in range(WARM_UP + SEARCHES):
                wanted = (
                    flipped(kept[number], number % (radius + 1)) if kind == "near" else random.getrandbits(64) - 2**63
                )
                started = time.perf_counter()
                hit = await cache.similar(SCOPE, wanted, lambda *_: True)
                times.append((time.perf_counter() - started) * 1e3)
                found += hit is not None and number >= WARM_UP
            times = sorted(times[WARM_UP:])
            p99 = times[int(0.99 * (len(times) - 1))]
            middle = statistics.median(times)
            print(f"radius {radius} {kind:6}: p50 {middle:5.2f} ms, p99 {p99:5.2f} ms, found {found} of {SEARCHES}")


def main() -> None:
    """Fill and search."""
    random.seed(1)
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with own_server() as server:
        run(server.settings, "create database {}", "similar")
        settings = replace(server.settings, database="similar")
        asyncio.run(migrate(settings))
        kept = fill(settings, rows)
        for radius in (0, 3, 7):
            asyncio.run(search(settings, kept, radius))


if __name__ == "__main__":
    main()
