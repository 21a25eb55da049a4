"""A cache in Postgres, shared by all processes."""

from __future__ import annotations

from typing import Any, Final

from facemask.service.cache.entry import CacheCounters, CacheEntry, CacheHit, SharedResponse, SimilarityCandidate
from facemask.service.cache.settings import CacheSettings
from facemask.service.database.pool import Database
from facemask.service.errors import ProblemError

# Most photos of one scope that are compared. Only an attacker has more.
_MAX_CANDIDATES = 64
# Interval between two updates of an entry's last use.
_TOUCH_SECONDS = 60.0
_LOOKUP_SECONDS = 1.0

_EXACT = """
with used as (
    update facemask_cache set used_at = now(), expires_at = now() + %(ttl)s * interval '1 second'
    where digest = %(digest)b and used_at < now() - %(touch)s * interval '1 second' and expires_at > now()
)
select tail, etag, format from facemask_cache where digest = %(digest)b and expires_at > now()
"""
_IN_SCOPE = """
select digest, phash from facemask_cache where scope = %(scope)s::uuid and expires_at > now()
order by phash limit %(limit)s
"""
# Part of the statement that writes a job's result, with which it shares `tail`, `etag` and `format`: both or none.
INSERT: Final = """
    insert into facemask_cache (digest, request, tail, etag, format, size, expires_at, scope, phash)
    select %(cached)b, %(request)b, %(tail)b, %(etag)s, %(format)s, %(cache_size)s,
        now() + %(cache_ttl)s * interval '1 second', %(scope)s::uuid, %(phash)s::bigint
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
    """A table.

    Entries are inserted with the job's result in one transaction, and removed by `DELETE`.
    """

    def __init__(self, database: Database, settings: CacheSettings) -> None:
        self._database = database
        self.settings = settings
        self._bounds = {"results": settings.max_results, "bytes": settings.max_bytes}
        self.counters = CacheCounters()

    def certainly_missing(self, digest: bytes) -> bool:  # noqa: ARG002
        """Return False: only a query can tell."""
        return False

    async def find_exact(self, digest: bytes) -> CacheHit | None:
        """Return the response to exactly this input."""
        rows = await self._fetch_all(_EXACT, {"digest": digest, "ttl": self.settings.ttl, "touch": _TOUCH_SECONDS})
        return CacheHit(digest, SharedResponse(*rows[0])) if rows else None

    async def find_in_scope(self, scope: bytes) -> list[SimilarityCandidate]:
        """Return the entries of a scope, those with a hash first."""
        rows = await self._fetch_all(_IN_SCOPE, {"scope": scope.hex(), "limit": _MAX_CANDIDATES})
        return [SimilarityCandidate(*row) for row in rows]

    def insert_parameters(self, entry: CacheEntry) -> dict[str, Any]:
        """Return the parameters of `INSERT` besides the result's own columns."""
        similarity = entry.similarity
        return {
            "request": entry.request or None,
            "cache_size": entry.response.size,
            "cache_ttl": self.settings.ttl,
            "scope": similarity.scope.hex() if similarity else None,
            "phash": similarity.phash if similarity else None,
        }

    def request_parameters(self, request: bytes) -> dict[str, Any]:
        """Return the parameters of a statement that looks up a request's digest."""
        return {"request": request, "cache_ttl": self.settings.ttl, "touch": _TOUCH_SECONDS}

    async def sweep(self) -> None:
        """Delete expired entries, and the least recently used ones above the bounds.

        Raises `database_unavailable`.
        """
        async with self._database.connection(5.0) as connection:
            await connection.execute(_EXPIRE)
            full = await (await connection.execute(_FULL, self._bounds)).fetchone()
            if full and full[0]:
                await connection.execute(_EVICT, self._bounds)

    async def _fetch_all(self, query: str, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows; none while the database is unavailable."""
        try:
            async with self._database.connection(_LOOKUP_SECONDS) as connection:
                rows: list[tuple[Any, ...]] = await (await connection.execute(query, arguments, binary=True)).fetchall()
                return rows
        except ProblemError:
            return []
