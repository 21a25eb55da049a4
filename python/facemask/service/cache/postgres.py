"""Answers in Postgres, shared by all processes: by digest, and by the bands of the photo's hash."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from facemask.service.cache.entry import Counters, Entry, Found, IsLike, Made
from facemask.service.cache.photo_hash import bands, near
from facemask.service.cache.policy import CachePolicy
from facemask.service.database.pool import Database
from facemask.service.refusal import Refusal
from facemask.service.thread_pool import ThreadPool

# More photos than this that are alike and something else are not looked through.
_MAX_CANDIDATES = 8
# The time of the last use is written at most so often.
_TOUCH_SECONDS = 60.0
_PATIENCE_SECONDS = 1.0
# A comparison holds the maps of one candidate: two at once keep two cores busy.
_THREADS = 2

_EXACT = """
with used as (
    update facemask_cache set used_at = now(), expires_at = now() + %(ttl)s * interval '1 second'
    where digest = %(digest)b and used_at < now() - %(touch)s * interval '1 second' and expires_at > now()
)
select tail, etag, format from facemask_cache where digest = %(digest)b and expires_at > now()
"""
# One branch a band, so that each is a search in its own index.
_BAND = """
select digest, phash from facemask_cache where scope = %(scope)s and band_{0} = any(%(band_{0})s) and expires_at > now()
"""
_NEAR = f"""
select digest, distance, signature, points, runs from (
    select distinct digest, bit_count((phash # %(phash)s)::bit(64)) as distance
    from ({" union all ".join(_BAND.format(band) for band in range(4))}) like_photos
) near join facemask_cache using (digest) where distance <= %(most)s order by distance limit %(limit)s
"""  # noqa: S608 - of constants
# Part of the statement that writes a job's result, whose `tail`, `etag` and `format` it shares: both or none.
INSERT: Final = """
    insert into facemask_cache (digest, request, tail, etag, format, size, expires_at, scope, phash,
        band_0, band_1, band_2, band_3, signature, points, runs)
    select %(cached)b, %(request)b, %(tail)b, %(etag)s, %(format)s, %(cache_size)s,
        now() + %(cache_ttl)s * interval '1 second', %(scope)s::uuid, %(phash)s::bigint,
        %(band_0)s::int, %(band_1)s::int, %(band_2)s::int, %(band_3)s::int, %(signature)b, %(points)b, %(runs)b
    from mine
    on conflict (digest) do update set used_at = now(), expires_at = excluded.expires_at, request = excluded.request
"""
_EXPIRE = "delete from facemask_cache where expires_at < now()"
_EVICT = """
delete from facemask_cache where digest in (
    select digest from (
        select digest, row_number() over latest as place, sum(size) over latest as bytes from facemask_cache
        window latest as (order by used_at desc, digest)
    ) kept where place > %(results)s or bytes > %(bytes)s
)
"""
_FULL = "select count(*) > %(results)s or coalesce(sum(size), 0) > %(bytes)s from facemask_cache"


class PostgresCache:
    """A table. Answers come in with the job's result, in one transaction, and go out with `DELETE`."""

    def __init__(self, database: Database, policy: CachePolicy) -> None:
        self._database = database
        self._policy = policy
        self._bounds = {"results": policy.max_results, "bytes": policy.max_bytes}
        self._threads = ThreadPool(_THREADS)
        self.counters = Counters()

    def lacks(self, digest: bytes) -> bool:  # noqa: ARG002
        """Never sure: the database has to be asked."""
        return False

    async def exact(self, digest: bytes) -> Found | None:
        """The answer to exactly this input."""
        rows = await self._rows(_EXACT, {"digest": digest, "ttl": self._policy.ttl, "touch": _TOUCH_SECONDS})
        return Found(digest, Made(*rows[0])) if rows else None

    async def similar(self, scope: bytes, phash: int, is_like: IsLike) -> Found | None:
        """The nearest answer that `is_like` confirms, asked in a thread."""
        most = self._policy.distance
        numbers: dict[str, Any] = {f"band_{n}": near(band, most) for n, band in enumerate(bands(phash))}
        numbers |= {"scope": scope.hex(), "phash": phash, "most": most, "limit": _MAX_CANDIDATES}
        for digest, distance, *marks in await self._rows(_NEAR, numbers):
            if await self._threads.run(partial(is_like, *marks)):
                found = await self.exact(digest)
                return found and Found(digest, found.made, distance)
            self.counters.false_candidates += 1
        return None

    def row(self, entry: Entry) -> dict[str, Any]:
        """What `INSERT` needs besides the result's own columns."""
        marks = entry.marks
        row: dict[str, Any] = dict.fromkeys(
            ("scope", "phash", "band_0", "band_1", "band_2", "band_3", "signature", "points", "runs")
        )
        if marks:
            row |= {f"band_{n}": band for n, band in enumerate(bands(marks.phash))}
            row |= {"scope": marks.scope.hex(), "phash": marks.phash}
            row |= {"signature": marks.signature, "points": marks.points, "runs": marks.runs}
        size = entry.made.size + (len(marks.signature) + len(marks.points) + len(marks.runs) if marks else 0)
        return row | {"request": entry.request or None, "cache_size": size, "cache_ttl": self._policy.ttl}

    def asking(self, request: bytes) -> dict[str, Any]:
        """What a statement needs that looks for the answer to the very bytes of a request."""
        return {"request": request, "cache_ttl": self._policy.ttl, "touch": _TOUCH_SECONDS}

    async def sweep(self) -> None:
        """Erases what is too old or too much. Raises `database_unavailable`."""
        async with self._database.connection(5.0) as link:
            await link.execute(_EXPIRE)
            full = await (await link.execute(_FULL, self._bounds)).fetchone()
            if full and full[0]:
                await link.execute(_EVICT, self._bounds)

    async def _rows(self, query: str, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
        """What is found; nothing where the database cannot be asked: then the work is done again."""
        try:
            async with self._database.connection(_PATIENCE_SECONDS) as link:
                rows: list[tuple[Any, ...]] = await (await link.execute(query, arguments, binary=True)).fetchall()
                return rows
        except Refusal:
            return []
