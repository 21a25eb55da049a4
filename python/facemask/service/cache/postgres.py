"""Answers in Postgres, shared by all processes: by the digest of an input, and by its scope."""

from __future__ import annotations

from typing import Any, Final

from facemask.service.cache.entry import Counters, Entry, Found, Made, Marked
from facemask.service.cache.settings import CacheSettings
from facemask.service.database.pool import Database
from facemask.service.errors import ProblemError

# Photos of one scope that are compared. More of them only come from somebody who makes them up.
_MAX_PHOTOS = 64
# The time of the last use is written at most so often.
_TOUCH_SECONDS = 60.0
_PATIENCE_SECONDS = 1.0

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
# Part of the statement that writes a job's result, whose `tail`, `etag` and `format` it shares: both or none.
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
    """A table. Answers come in with the job's result, in one transaction, and go out with `DELETE`."""

    def __init__(self, database: Database, policy: CacheSettings) -> None:
        self._database = database
        self.policy = policy
        self._bounds = {"results": policy.max_results, "bytes": policy.max_bytes}
        self.counters = Counters()

    def lacks(self, digest: bytes) -> bool:  # noqa: ARG002
        """Never sure: the database has to be asked."""
        return False

    async def exact(self, digest: bytes) -> Found | None:
        """The answer to exactly this input."""
        rows = await self._rows(_EXACT, {"digest": digest, "ttl": self.policy.ttl, "touch": _TOUCH_SECONDS})
        return Found(digest, Made(*rows[0])) if rows else None

    async def in_scope(self, scope: bytes) -> list[Marked]:
        """Kept answers of a scope, those with a hash first."""
        return [Marked(*row) for row in await self._rows(_IN_SCOPE, {"scope": scope.hex(), "limit": _MAX_PHOTOS})]

    def row(self, entry: Entry) -> dict[str, Any]:
        """What `INSERT` needs besides the result's own columns."""
        marks = entry.marks
        return {
            "request": entry.request or None,
            "cache_size": entry.made.size,
            "cache_ttl": self.policy.ttl,
            "scope": marks.scope.hex() if marks else None,
            "phash": marks.phash if marks else None,
        }

    def asking(self, request: bytes) -> dict[str, Any]:
        """What a statement needs that looks for the answer to the very bytes of a request."""
        return {"request": request, "cache_ttl": self.policy.ttl, "touch": _TOUCH_SECONDS}

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
        except ProblemError:
            return []
