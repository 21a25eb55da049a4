"""The job's state machine in SQL.

Every transition is one statement or transaction that checks its own precondition:

    pending -> processing -> completed | failed
        ^          |
        +----------+   the claim was lost or released

A process with free worker slots claims a job in the statement that inserts it, so the job never enters the queue. A
repeated request that the cache answers is inserted as completed.

A claim increments `attempt`. A result is written only while `attempt` is still the claim's own, so a worker that was
declared lost and comes back can change nothing.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import uuid4

from psycopg.errors import ReadOnlySqlTransaction

from facemask.service.cache.postgres import PostgresCache
from facemask.service.database.pool import REQUEST_SECONDS, STATEMENT_SECONDS, Database, TimedConnection
from facemask.service.jobs.job import IdempotencyKey, JobStatus, Outcome, Snapshot, Submission
from facemask.service.jobs.postgres import statements as sql
from facemask.service.jobs.postgres.serialization import from_columns, to_columns
from facemask.service.jobs.protocol import KeyedJob
from facemask.service.jobs.runner import RequestLookup

# Notifies the ids of jobs that have ended or were erased.
CHANNEL = "facemask_jobs"
# The deadline of a write grows with its size, at a slow disk's rate.
_BYTES_PER_SECOND = 10_000_000
_MIN_SECONDS = 0.3
# Size of a probe's input: it has to need new pages.
_PROBE_BYTES = 16 * 1024
# Time that the current request has spent on the look-up of its key.
_key_lookup_seconds: ContextVar[float] = ContextVar("facemask_key_lookup_seconds", default=0.0)


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to write a job's result; `age` in seconds."""

    id: str
    attempt: int
    age: float


@dataclass(frozen=True, slots=True)
class InsertResult:
    """A new job, one with its `outcome`, or none where the key has a job already."""

    existing_id: str | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Dequeued:
    """The next entry of the queue; `claim` is None where its job was erased."""

    claim: Claim | None


@dataclass(frozen=True, slots=True)
class JobCounts:
    """Jobs of all processes by state, and the bytes of the finished ones."""

    pending: int = 0
    processing: int = 0
    finished: int = 0
    finished_bytes: int = 0


class JobRepository:
    """The rows of the jobs. Every method raises `database_unavailable`."""

    def __init__(self, database: Database, ttl: float, cache: PostgresCache | None) -> None:
        self._database = database
        self._cache = cache
        self._ttl = ttl

    async def insert(
        self,
        job_id: str,
        submission: Submission,
        key: IdempotencyKey | None,
        *,
        worker: int | None = None,
        lookup: RequestLookup | None = None,
    ) -> InsertResult:
        """Insert a job atomically with its claim, its queue entry or its response.

        Raises `idempotency_key_reused` when `key` came with another body before.
        """
        row = to_columns(submission) | {"id": job_id, "owner": submission.owner, "key": None, "digest": None}
        row |= {"worker": worker, "ttl": self._ttl}
        if key:
            row |= {"key": key.text, "digest": key.digest}
        # A request that has looked up its key has spent a part of its time already.
        spent = _key_lookup_seconds.get() if key else 0.0
        seconds = (
            max(REQUEST_SECONDS - spent, _MIN_SECONDS)
            + (len(submission.image) + len(submission.label_map)) / _BYTES_PER_SECOND
        )
        async with self._database.connection(seconds) as connection:
            if key is None:
                inserted = await self._insert_row(connection, row, lookup)
            else:
                async with connection.transaction():
                    existing_id = await self._find_existing(connection, key, submission.owner)
                    inserted = (
                        InsertResult(existing_id) if existing_id else await self._insert_row(connection, row, lookup)
                    )
        if inserted == InsertResult():
            self._database.writability.record_success()
        return inserted

    async def _insert_row(
        self, connection: TimedConnection, row: dict[str, Any], lookup: RequestLookup | None
    ) -> InsertResult:
        if lookup and (outcome := await self._insert_cached(connection, row, lookup)):
            return InsertResult(outcome=outcome)
        await connection.execute(sql.INSERT if row["worker"] is None else sql.INSERT_CLAIMED, row)
        return InsertResult()

    async def insert_from_cache(self, job_id: str, owner: bytes, lookup: RequestLookup | None) -> InsertResult:
        """Insert a job only if the cache has its response."""
        if lookup is None:
            return InsertResult()
        row = {"id": job_id, "owner": owner, "key": None, "digest": None, "ttl": self._ttl}
        async with self._database.connection() as connection:
            return InsertResult(outcome=await self._insert_cached(connection, row, lookup))

    async def _insert_cached(
        self, connection: TimedConnection, row: dict[str, Any], lookup: RequestLookup
    ) -> Outcome | None:
        """Insert a completed job with the response to the same request, if any."""
        if self._cache is None:
            return None
        parameters = {name: row[name] for name in ("id", "owner", "key", "digest", "ttl")}
        parameters |= self._cache.request_parameters(lookup.request)
        parameters |= {"head": lookup.head, "most": lookup.max_tail_bytes}
        cursor = await connection.execute(sql.INSERT_FROM_CACHE, parameters, binary=True)
        cached = await cursor.fetchone()
        if cached is None:
            return None
        tail, etag, export_format, digest = cached
        self._cache.counters.exact += 1
        return Outcome(JobStatus.COMPLETED, lookup.head, etag, export_format, digest, tail=tail)

    async def _find_existing(self, connection: TimedConnection, key: IdempotencyKey, owner: bytes) -> str | None:
        """Return the id of the key's job.

        Equal keys wait here until the first one's transaction has ended.
        """
        await connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [owner.hex() + key.text])
        await connection.execute(sql.DELETE_EXPIRED_KEY, {"owner": owner, "key": key.text})
        keyed_job = await _find_key(connection, key.text, owner)
        if keyed_job is None:
            return None
        keyed_job.key.require_digest(key.digest)
        return keyed_job.job_id

    async def find_key(self, key: str, owner: bytes) -> KeyedJob | None:
        """Return the job of an owner's Idempotency-Key, while it is stored."""
        started = monotonic()
        try:
            async with self._database.connection() as connection:
                return await _find_key(connection, key, owner)
        finally:
            _key_lookup_seconds.set(monotonic() - started)

    async def claim_next(self, worker: int) -> Dequeued | None:
        """Claim the next job of the queue; None when the queue is empty."""
        row = await self._fetch_one(sql.CLAIM_NEXT, {"worker": worker}, STATEMENT_SECONDS)
        return row and Dequeued(Claim(*row) if row[0] else None)

    async def load_submission(self, job_id: str) -> Submission | None:
        """Return a job's submission; None once the job has ended."""
        row = await self._fetch_one(sql.LOAD_INPUT, [job_id], STATEMENT_SECONDS)
        return row and from_columns(*row)

    async def finish(self, claim: Claim, outcome: Outcome) -> bool:
        """Write a claim's result and delete the input; False for a lost claim."""
        row = self._result_parameters(outcome) | {"id": claim.id, "attempt": claim.attempt}
        query = sql.FINISH if outcome.new_entry is None else sql.FINISH_AND_CACHE
        return await self._write_result(query, row, STATEMENT_SECONDS)

    async def insert_finished(self, job_id: str, owner: bytes, outcome: Outcome) -> bool:
        """Insert a job together with its result; False when it exists already."""
        row = self._result_parameters(outcome) | {"id": job_id, "owner": owner}
        query = sql.INSERT_FINISHED if outcome.new_entry is None else sql.INSERT_FINISHED_AND_CACHE
        return await self._write_result(query, row, REQUEST_SECONDS + outcome.size / _BYTES_PER_SECOND)

    async def _write_result(self, query: str, row: dict[str, Any], seconds: float) -> bool:
        """Return whether the statement has stored a result."""
        is_written = await self._fetch_one(query, row, seconds) is not None
        if is_written:
            self._database.writability.record_success()
        return is_written

    def _result_parameters(self, outcome: Outcome) -> dict[str, Any]:
        row = {
            "status": outcome.status,
            "size": outcome.size,
            "etag": outcome.etag,
            "format": outcome.format,
            "ttl": self._ttl,
            "head": outcome.head,
            "tail": outcome.tail,
            "crop_image": outcome.crop_image or None,
            "cached": outcome.cache_digest,
        }
        return row | self._cache.insert_parameters(outcome.new_entry) if self._cache and outcome.new_entry else row

    async def release(self, claim: Claim) -> None:
        """Release a claim: the job goes back into the queue. A lost claim changes nothing."""
        await self._fetch_one(sql.RELEASE, [claim.id, claim.attempt], STATEMENT_SECONDS)

    async def register(self, prune_seconds: float) -> int:
        """Return a new worker's number, and prune workers without a heartbeat for so long."""
        worker, _ = await self._fetch_one(sql.REGISTER, [prune_seconds], STATEMENT_SECONDS)
        return int(worker)

    async def heartbeat(self, worker: int) -> list[Claim] | None:
        """Record a worker's heartbeat.

        Returns its claims that are some seconds old; None when it was pruned.
        """
        row = await self._fetch_one(sql.HEARTBEAT, [worker], STATEMENT_SECONDS)
        return row and [Claim(*claim) for claim in zip(*row[1:], strict=True)]

    async def unregister(self, worker: int) -> None:
        """Remove a worker: its remaining claims are lost at once."""
        await self._fetch_one(sql.UNREGISTER, [worker], STATEMENT_SECONDS)

    async def get(self, job_id: str, owner: bytes | None = None) -> Snapshot | None:
        """Return the job now, where it is the owner's or none is given."""
        row = await self._fetch_one(sql.GET, {"id": job_id, "owner": owner})
        if row is None:
            return None
        status, etag, export_format, body, crop_image = row
        status = JobStatus(status)
        outcome = None if body is None else Outcome(status, body, etag, export_format, crop_image=crop_image or b"")
        return Snapshot(job_id, status, outcome)

    async def delete(self, job_id: str, owner: bytes | None = None) -> bool:
        """Delete the owner's job with input, result and cache entry, if any."""
        async with self._database.connection() as connection, connection.transaction():
            cursor = await connection.execute(sql.DELETE, {"id": job_id, "owner": owner}, binary=True)
            deleted = await cursor.fetchone()
            if deleted and deleted[0]:
                await connection.execute(sql.DELETE_CACHED, [deleted[0]])
        return deleted is not None

    async def find_ended(self, ids: list[str]) -> list[str]:
        """Return those of `ids` that have ended or were erased."""
        async with self._database.connection(STATEMENT_SECONDS) as connection:
            return [job_id for (job_id,) in await (await connection.execute(sql.FIND_ENDED, [ids])).fetchall()]

    async def count(self) -> JobCounts:
        """Return the counts of all processes."""
        return JobCounts(*(await self._fetch_one(sql.COUNT_JOBS, []) or ()))

    async def count_pending(self) -> int:
        """Return the number of jobs that no worker has claimed."""
        return int((await self._fetch_one(sql.COUNT_PENDING, []))[0])

    async def ping(self) -> None:
        """Raise `database_unavailable`, or `database_not_writable` of a standby."""
        async with self._database.connection() as connection:
            row = await (await connection.execute(sql.READ_ONLY)).fetchone()
            if row == ("on",):
                raise ReadOnlySqlTransaction

    async def probe(self) -> None:
        """Insert a job as a submission does, and roll back. Raises as `ping`.

        An update of an existing row would need no space, and so succeed on a full disk.
        """
        row = to_columns(Submission(bytes(_PROBE_BYTES), b"")) | {"id": str(uuid4()), "owner": b"", "worker": None}
        async with self._database.connection() as connection, connection.transaction(force_rollback=True):
            await connection.execute(sql.INSERT_CLAIMED, row | {"key": None, "digest": None})
        self._database.writability.record_success()

    async def _fetch_one(self, query: str, arguments: Any, seconds: float | None = None) -> Any:
        async with self._database.connection(*([seconds] if seconds else [])) as connection:
            return await (await connection.execute(query, arguments, binary=True)).fetchone()


async def _find_key(connection: TimedConnection, key: str, owner: bytes) -> KeyedJob | None:
    row = await (await connection.execute(sql.FIND_KEY, {"owner": owner, "key": key})).fetchone()
    return row and KeyedJob(str(row[0]), IdempotencyKey(key, row[1]))
