"""The state machine, in SQL. Every change is one statement or one transaction, and says itself when it may happen:

    pending -> processing -> completed | failed
        ^          |
        +----------+   the claim was lost or given back

A process that takes a job in and has hands free claims it in the same statement, and the job never sees the queue. One
that was sent before, byte by byte, and is answered by the cache is born completed.

A claim raises `attempt`. A result is written only where `attempt` is still the claim's own, so a worker that was taken
for dead and comes back can change nothing.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import uuid4

from psycopg.errors import ReadOnlySqlTransaction

from facemask.service.cache.postgres import PostgresCache
from facemask.service.database.pool import ANSWER_SECONDS, STATEMENT_SECONDS, Database, Link
from facemask.service.jobs.job import Key, Outcome, Snapshot, Status, Submission
from facemask.service.jobs.postgres import statements as sql
from facemask.service.jobs.postgres.serialization import packed, unpacked
from facemask.service.jobs.protocol import KnownKey
from facemask.service.jobs.runner import Repeat

# Where the id of a job is told that has ended or is gone.
CHANNEL = "facemask_jobs"
# The time to write grows with the size, at what a slow disk takes.
_BYTES_A_SECOND = 10_000_000
_LEAST_SECONDS = 0.3
# A probe needs room of its own for so much.
_PROBE_BYTES = 16 * 1024
# How long the request at hand has waited to hear of its key.
_asked_seconds: ContextVar[float] = ContextVar("facemask_asked_seconds", default=0.0)


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to write a job's result; `age` is how long the job has waited, in seconds."""

    id: str
    attempt: int
    age: float


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of an insertion: a new job, one that has its `outcome` already, or nothing, for the key belongs to
    the job with the id `earlier`.
    """

    earlier: str | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What was next in the queue: the claim, or None for a job that is gone."""

    claim: Claim | None


class Ledger:
    """The rows of the jobs. Raises `database_unavailable` everywhere."""

    def __init__(self, database: Database, ttl: float, cache: PostgresCache | None) -> None:
        self._database = database
        self._cache = cache
        self._ttl = ttl

    async def insert(
        self,
        job_id: str,
        submission: Submission,
        key: Key | None,
        *,
        worker: int | None = None,
        repeat: Repeat | None = None,
    ) -> Stored:
        """Stores a job, and hands it to the queue, or to the `worker` with attempt 1, or to nobody when `repeat` finds
        its answer; all of it or nothing. Raises `idempotency_key_reused` when `key` came with another body before.
        """
        row = packed(submission) | {"id": job_id, "owner": submission.owner, "key": None, "digest": None}
        row |= {"worker": worker, "ttl": self._ttl}
        if key:
            row |= {"key": key.text, "digest": key.digest}
        # A request that has asked for its key before has waited already.
        asked = _asked_seconds.get() if key else 0.0
        seconds = (
            max(ANSWER_SECONDS - asked, _LEAST_SECONDS)
            + (len(submission.image) + len(submission.label_map)) / _BYTES_A_SECOND
        )
        async with self._database.connection(seconds) as link:
            if key is None:
                stored = await self._store(link, row, repeat)
            else:
                async with link.transaction():
                    earlier = await self._earlier(link, key, submission.owner)
                    stored = Stored(earlier) if earlier else await self._store(link, row, repeat)
        if stored == Stored():
            self._database.writability.proved()
        return stored

    async def _store(self, link: Link, row: dict[str, Any], repeat: Repeat | None) -> Stored:
        if repeat and (outcome := await self._answer(link, row, repeat)):
            return Stored(outcome=outcome)
        await link.execute(sql.INSERT if row["worker"] is None else sql.KEEP, row)
        return Stored()

    async def repeated(self, job_id: str, owner: bytes, repeat: Repeat | None) -> Stored:
        """Stores a job only when its answer is there already; else nothing is stored."""
        if repeat is None:
            return Stored()
        row = {"id": job_id, "owner": owner, "key": None, "digest": None, "ttl": self._ttl}
        async with self._database.connection() as link:
            return Stored(outcome=await self._answer(link, row, repeat))

    async def _answer(self, link: Link, row: dict[str, Any], repeat: Repeat) -> Outcome | None:
        """The answer to the same bytes, and the job stored with it; None when there is no answer."""
        if self._cache is None:
            return None
        asked = self._cache.asking(repeat.request) | {"head": repeat.head, "most": repeat.most}
        wanted = ("id", "owner", "key", "digest", "ttl")
        cursor = await link.execute(sql.REPEAT, {name: row[name] for name in wanted} | asked, binary=True)
        found = await cursor.fetchone()
        if found is None:
            return None
        tail, etag, form, digest = found
        self._cache.counters.exact += 1
        return Outcome(Status.COMPLETED, repeat.head, etag, form, digest, tail=tail)

    async def _earlier(self, link: Link, key: Key, owner: bytes) -> str | None:
        """Two equal keys wait for each other here until the first one's transaction has ended."""
        await link.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [owner.hex() + key.text])
        await link.execute(sql.FORGET_KEY, {"owner": owner, "key": key.text})
        known = await _known(link, key.text, owner)
        if known is None:
            return None
        known.key.require(key.digest)
        return known.job_id

    async def known(self, key: str, owner: bytes) -> KnownKey | None:
        """The job that an owner's `key` made, while it is kept."""
        started = monotonic()
        try:
            async with self._database.connection() as link:
                return await _known(link, key, owner)
        finally:
            _asked_seconds.set(monotonic() - started)

    async def take(self, worker: int) -> Place | None:
        """The right to work on the next job; None when the queue is empty."""
        row = await self._one(sql.TAKE, {"worker": worker}, STATEMENT_SECONDS)
        return row and Place(Claim(*row) if row[0] else None)

    async def input(self, job_id: str) -> Submission | None:
        """What was submitted; None once the job has ended."""
        row = await self._one(sql.INPUT, [job_id], STATEMENT_SECONDS)
        return row and unpacked(*row)

    async def finish(self, claim: Claim, outcome: Outcome) -> bool:
        """Writes the result of a claim and erases the input; False when the claim is no longer the worker's."""
        row = self._row(outcome) | {"id": claim.id, "attempt": claim.attempt}
        query = sql.FINISH if outcome.entry is None else sql.FINISH_NEW
        return await self._written(query, row, STATEMENT_SECONDS)

    async def born(self, job_id: str, owner: bytes, outcome: Outcome) -> bool:
        """Writes a job and its result at once; False when the job is there already."""
        row = self._row(outcome) | {"id": job_id, "owner": owner}
        query = sql.BORN if outcome.entry is None else sql.BORN_NEW
        return await self._written(query, row, ANSWER_SECONDS + outcome.size / _BYTES_A_SECOND)

    async def _written(self, query: str, row: dict[str, Any], seconds: float) -> bool:
        """Whether the statement has stored a result."""
        written = await self._one(query, row, seconds) is not None
        if written:
            self._database.writability.proved()
        return written

    def _row(self, outcome: Outcome) -> dict[str, Any]:
        row = {
            "status": outcome.status,
            "size": outcome.size,
            "etag": outcome.etag,
            "format": outcome.format,
            "ttl": self._ttl,
            "head": outcome.head,
            "tail": outcome.tail,
            "cached": outcome.cached,
        }
        return row | self._cache.row(outcome.entry) if self._cache and outcome.entry else row

    async def release(self, claim: Claim) -> None:
        """Gives a claim back into the queue: another worker may take the job. Nothing happens when it is lost."""
        await self._one(sql.RELEASE, [claim.id, claim.attempt], STATEMENT_SECONDS)

    async def register(self, forget_seconds: float) -> int:
        """A new worker's number. Workers that have not been heard of for so long are forgotten."""
        worker, _ = await self._one(sql.REGISTER, [forget_seconds], STATEMENT_SECONDS)
        return int(worker)

    async def beat(self, worker: int) -> list[Claim] | None:
        """Says that a worker lives. Returns its claims of some seconds ago; None when it is forgotten."""
        row = await self._one(sql.BEAT, [worker], STATEMENT_SECONDS)
        return row and [Claim(*claim) for claim in zip(*row[1:], strict=True)]

    async def unregister(self, worker: int) -> None:
        """Says goodbye: what the worker still has in its hands is lost at once."""
        await self._one(sql.UNREGISTER, [worker], STATEMENT_SECONDS)

    async def get(self, job_id: str, owner: bytes | None = None) -> Snapshot | None:
        """The job now, where it is the owner's or none is given."""
        row = await self._one(sql.GET, {"id": job_id, "owner": owner})
        if row is None:
            return None
        status, etag, form, answer = row
        status = Status(status)
        ended = None if answer is None else Outcome(status, answer, etag, form)
        return Snapshot(job_id, status, ended)

    async def delete(self, job_id: str, owner: bytes | None = None) -> bool:
        """Erases a job with its input and result; False when there is none, or none of the owner's."""
        async with self._database.connection() as link, link.transaction():
            gone = await (await link.execute(sql.DELETE, {"id": job_id, "owner": owner}, binary=True)).fetchone()
            if gone and gone[0]:
                await link.execute(sql.FORGET, [gone[0]])
        return gone is not None

    async def ended(self, ids: list[str]) -> list[str]:
        """Those of `ids` that have ended or are gone."""
        async with self._database.connection(STATEMENT_SECONDS) as link:
            return [job_id for (job_id,) in await (await link.execute(sql.ENDED, [ids])).fetchall()]

    async def load(self) -> tuple[int, int, int, int]:
        """Pending, processing and finished jobs, and the bytes of the finished ones."""
        return tuple(await self._one(sql.LOAD, []) or (0, 0, 0, 0))

    async def backlog(self) -> int:
        """Jobs that no worker has taken."""
        return int((await self._one(sql.BACKLOG, []))[0])

    async def ping(self) -> None:
        """Raises `database_unavailable` when the database does not answer, `database_not_writable` when it says that
        nothing may be stored there.
        """
        async with self._database.connection() as link:
            row = await (await link.execute(sql.READ_ONLY)).fetchone()
            if row == ("on",):
                raise ReadOnlySqlTransaction

    async def probe(self) -> None:
        """Stores a job as a submission does, and takes it back before anybody can see it: an update of a row that is
        there needs no room, and would succeed on a full disk. Raises as `ping`.
        """
        row = packed(Submission(bytes(_PROBE_BYTES), b"")) | {"id": str(uuid4()), "owner": b"", "worker": None}
        async with self._database.connection() as link, link.transaction(force_rollback=True):
            await link.execute(sql.KEEP, row | {"key": None, "digest": None})
        self._database.writability.proved()

    async def _one(self, query: str, arguments: Any, seconds: float | None = None) -> Any:
        async with self._database.connection(*([seconds] if seconds else [])) as link:
            return await (await link.execute(query, arguments, binary=True)).fetchone()


async def _known(link: Link, key: str, owner: bytes) -> KnownKey | None:
    row = await (await link.execute(sql.EARLIER, {"owner": owner, "key": key})).fetchone()
    return row and KnownKey(str(row[0]), Key(key, row[1]))
