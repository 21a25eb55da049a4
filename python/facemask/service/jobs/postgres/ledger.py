"""The state machine, in SQL. Every change is one statement or one transaction, and says itself when it may happen:

    pending -> processing -> completed | failed
        ^          |
        +----------+   the claim was lost or given back

A claim raises `attempt`. A result is written only where `attempt` is still the claim's own, so a worker that was taken
for dead and comes back can change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from facemask.service.cache.postgres import PostgresCache
from facemask.service.database.pool import STATEMENT_SECONDS, Database, Link
from facemask.service.jobs.job import Key, Outcome, Snapshot, Status, Submission
from facemask.service.jobs.postgres.packing import packed, unpacked
from facemask.service.jobs.protocol import KnownKey

# Where the id of a job is told that has ended or is gone.
CHANNEL = "facemask_jobs"
# The time to write grows with the size, at what a slow disk takes.
_BYTES_A_SECOND = 10_000_000

# What a client was told must outlive a crash of the server: those statements wait for the disk, others do not.
_INSERT = """
with job as (
    insert into facemask_jobs (id, owner, key, key_digest, queue_id)
    values (%(id)s, %(owner)b, %(key)s, %(digest)b, facemask_enqueue(%(id)s)) returning id
)
insert into facemask_inputs (id, image, label_map, landmarks, about)
select id, %(image)b, %(label_map)b, %(landmarks)b, %(about)b
from job, (select set_config('synchronous_commit', 'on', true)) safely
"""
_EARLIER = """
select id, key_digest from facemask_jobs
where owner = %(owner)b and key = %(key)s and (expires_at is null or expires_at > now())
"""
_FORGET_KEY = """
delete from facemask_jobs
where owner = %(owner)b and key = %(key)s and not (expires_at is null or expires_at > now())
"""
# An owner is given where a job is seen by its owner only.
_SEEN = "id = %(id)s and (expires_at is null or expires_at > now()) and owner = coalesce(%(owner)b, owner)"
_CLAIM = """
update facemask_jobs set status = 'processing', attempt = attempt + 1, started_at = now()
where id = %s and queue_id = %s and status = 'pending'
returning attempt, extract(epoch from now() - created_at)::float8
"""
_INPUT = """
select image, label_map, landmarks, about, owner from facemask_inputs join facemask_jobs using (id) where id = %s
"""
_FINISH = """
with mine as (
    update facemask_jobs set status = %(status)s, finished_at = now(), size = %(size)s, etag = %(etag)s,
        format = %(format)s, cache_digest = %(cached)b, expires_at = now() + %(ttl)s * interval '1 second'
    where id = %(id)s and attempt = %(attempt)s and status = 'processing' returning id
), kept as (
    insert into facemask_results (id, answer, svg) select id, %(answer)b, %(svg)b from mine
), gone as (
    delete from facemask_inputs using mine where facemask_inputs.id = mine.id
)
select pg_notify('facemask_jobs', id::text), set_config('synchronous_commit', 'on', true) from mine
"""
_RELEASE = """
update facemask_jobs set status = 'pending', released = released + 1
where id = %s and attempt = %s and status = 'processing' returning id
"""
_QUEUED = "update facemask_jobs set queue_id = facemask_enqueue(id) where id = %s"
_GET = f"""
select status, etag, format, answer, svg from facemask_jobs left join facemask_results using (id) where {_SEEN}
"""  # noqa: S608 - of constants
_DELETE = f"""
with gone as (
    delete from facemask_jobs where {_SEEN}
    returning id, queue_id, cache_digest
), forgotten as (
    delete from facemask_cache using gone where digest = cache_digest
), unqueued as (
    delete from procrastinate_jobs using gone where procrastinate_jobs.id = queue_id and status = 'todo'
)
select pg_notify('facemask_jobs', id::text), set_config('synchronous_commit', 'on', true) from gone
"""  # noqa: S608 - of constants
_LOAD = """
select count(*) filter (where status = 'pending'), count(*) filter (where status = 'processing'),
    count(*) filter (where finished_at is not null), coalesce(sum(size), 0)::int8
from facemask_jobs where (expires_at is null or expires_at > now())
"""
_BACKLOG = "select count(*) from facemask_jobs where finished_at is null and status = 'pending'"
_ENDED = """
select id::text from unnest(%s::uuid[]) as asked (id) left join facemask_jobs using (id)
where status is null or finished_at is not null or not (expires_at is null or expires_at > now())
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to write a job's result; `age` is how long the job has waited, in seconds."""

    id: str
    attempt: int
    age: float


class Ledger:
    """The rows of the jobs. Raises `database_unavailable` everywhere."""

    def __init__(self, database: Database, ttl: float, cache: PostgresCache | None) -> None:
        self._database = database
        self._cache = cache
        self._ttl = ttl

    async def insert(self, job_id: str, submission: Submission, key: Key | None) -> str | None:
        """Stores a job and hands it to the queue, both or none. Returns the id of the job that `key` made before,
        if there is one; raises `idempotency_key_reused` when it came with another body.
        """
        row = packed(submission) | {"id": job_id, "owner": submission.owner, "key": None, "digest": None}
        if key:
            row |= {"key": key.text, "digest": key.digest}
        seconds = 1.5 + (len(submission.image) + len(submission.label_map)) / _BYTES_A_SECOND
        async with self._database.connection(seconds) as link:
            if key is None:
                await link.execute(_INSERT, row)
                return None
            async with link.transaction():
                if earlier := await self._earlier(link, key, submission.owner):
                    return earlier
                await link.execute(_INSERT, row)
        return None

    async def _earlier(self, link: Link, key: Key, owner: bytes) -> str | None:
        """Two equal keys wait for each other here until the first one's transaction has ended."""
        await link.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [owner.hex() + key.text])
        await link.execute(_FORGET_KEY, {"owner": owner, "key": key.text})
        known = await _known(link, key.text, owner)
        if known is None:
            return None
        known.key.require(key.digest)
        return known.job_id

    async def known(self, key: str, owner: bytes) -> KnownKey | None:
        """The job that an owner's `key` made, while it is kept."""
        async with self._database.connection() as link:
            return await _known(link, key, owner)

    async def claim(self, job_id: str, queue_id: int) -> Claim | None:
        """The right to work on a job; None when it is gone, has ended or was queued anew meanwhile."""
        row = await self._one(_CLAIM, [job_id, queue_id], STATEMENT_SECONDS)
        return row and Claim(job_id, *row)

    async def input(self, job_id: str) -> Submission | None:
        """What was submitted; None once the job has ended."""
        row = await self._one(_INPUT, [job_id], STATEMENT_SECONDS)
        return row and unpacked(*row)

    async def finish(self, claim: Claim, outcome: Outcome) -> bool:
        """Writes the result of a claim and erases the input; False when the claim is no longer the worker's."""
        row = {
            "id": claim.id,
            "attempt": claim.attempt,
            "status": outcome.status,
            "size": outcome.size,
            "etag": outcome.etag,
            "format": outcome.format,
            "ttl": self._ttl,
            "answer": outcome.answer,
            "svg": outcome.svg,
            "cached": outcome.cached,
        }
        if self._cache is None or outcome.entry is None:
            return await self._one(_FINISH, row, STATEMENT_SECONDS) is not None
        async with self._database.connection(STATEMENT_SECONDS) as link, link.transaction():
            written = await (await link.execute(_FINISH, row)).fetchone()
            if written:
                await self._cache.insert(link, outcome.entry)
        return written is not None

    async def release(self, claim: Claim) -> None:
        """Gives a claim back: another worker may take the job."""
        async with self._database.connection(STATEMENT_SECONDS) as link, link.transaction():
            if await (await link.execute(_RELEASE, [claim.id, claim.attempt])).fetchone():
                await link.execute(_QUEUED, [claim.id])

    async def get(self, job_id: str, owner: bytes | None = None) -> Snapshot | None:
        """The job now, where it is the owner's or none is given."""
        row = await self._one(_GET, {"id": job_id, "owner": owner})
        if row is None:
            return None
        status, etag, form, answer, svg = row
        status = Status(status)
        ended = None if answer is None else Outcome(status, answer, svg, etag, form)
        return Snapshot(job_id, status, ended)

    async def delete(self, job_id: str, owner: bytes | None = None) -> bool:
        """Erases a job with its input and result; False when there is none, or none of the owner's."""
        return await self._one(_DELETE, {"id": job_id, "owner": owner}) is not None

    async def ended(self, ids: list[str]) -> list[str]:
        """Those of `ids` that have ended or are gone."""
        async with self._database.connection(STATEMENT_SECONDS) as link:
            return [job_id for (job_id,) in await (await link.execute(_ENDED, [ids])).fetchall()]

    async def load(self) -> tuple[int, int, int, int]:
        """Pending, processing and finished jobs, and the bytes of the finished ones."""
        return tuple(await self._one(_LOAD, []) or (0, 0, 0, 0))

    async def backlog(self) -> int:
        """Jobs that no worker has taken."""
        return int((await self._one(_BACKLOG, []))[0])

    async def ping(self) -> None:
        """Raises `database_unavailable` when the database does not answer."""
        await self._one("select 1", [])

    async def _one(self, query: str, arguments: Any, seconds: float | None = None) -> Any:
        async with self._database.connection(*([seconds] if seconds else [])) as link:
            return await (await link.execute(query, arguments, binary=True)).fetchone()


async def _known(link: Link, key: str, owner: bytes) -> KnownKey | None:
    row = await (await link.execute(_EARLIER, {"owner": owner, "key": key})).fetchone()
    return row and KnownKey(str(row[0]), Key(key, row[1]))
