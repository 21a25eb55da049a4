"""Periodic repair: requeues lost jobs and deletes old results."""

from __future__ import annotations

import logging
from typing import Any

from facemask.service.database.pool import STATEMENT_SECONDS, Database, TimedConnection
from facemask.service.jobs.job import Outcome
from facemask.service.jobs.outcomes import failed_outcome
from facemask.service.jobs.settings import JobSettings
from facemask.service.telemetry.jobs import JobTelemetry

_log = logging.getLogger("facemask.service")

# A worker is lost after so many missed heartbeats.
MISSED_HEARTBEATS = 3
_MAX_ATTEMPTS = 3
_BATCH = 200
# An unfinished job fails for its age at the earliest after this, however short the time to live.
_MIN_AGE = 60.0

# A job is in the queue, or claimed by a worker that is alive, or lost.
_IS_LOST = """
job.finished_at is null and (
    job.created_at < now() - %(age)s * interval '1 second'
    or not coalesce(case job.status when 'pending' then queued.status = 'todo'
        else worker.last_heartbeat > now() - %(gone)s * interval '1 second' end, false)
)
"""
_JOBS = """
facemask_jobs job
left join procrastinate_jobs queued on queued.id = job.queue_id
left join procrastinate_workers worker on worker.id = job.worker_id
"""
_HAS_WORK = f"""
select exists (select from {_JOBS} where {_IS_LOST})
    or exists (select from facemask_jobs where expires_at < now())
"""  # noqa: S608 - of constants
_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('facemask sweep', 0))"
_LOST = f"""
select job.id::text, job.attempt, job.attempt - job.released, job.created_at < now() - %(age)s * interval '1 second'
from {_JOBS} where {_IS_LOST} order by job.created_at limit %(batch)s for update of job skip locked
"""  # noqa: S608 - of constants
_REQUEUE = """
update facemask_jobs set status = 'pending', worker_id = null, queue_id = facemask_enqueue(id) where id = %s
"""
_FAIL = """
with mine as (
    update facemask_jobs set status = 'failed', finished_at = now(), size = %(size)s,
        expires_at = now() + %(ttl)s * interval '1 second'
    where id = %(id)s returning id
), kept as (
    insert into facemask_results (id, answer) select id, %(answer)b from mine
), gone as (
    delete from facemask_inputs using mine where facemask_inputs.id = mine.id
)
select pg_notify('facemask_jobs', id::text) from mine
"""
_EXPIRE = "delete from facemask_jobs where expires_at < now()"
_IS_FULL = """
select count(*) > %(results)s or coalesce(sum(size), 0) > %(bytes)s from facemask_jobs where expires_at is not null
"""
_EVICT = """
delete from facemask_jobs where id in (
    select id from (
        select id, row_number() over newest as place, sum(size) over newest as bytes from facemask_jobs
        where expires_at is not null window newest as (order by expires_at desc, id)
    ) kept where place > %(results)s or bytes > %(bytes)s
)
"""


class Sweeper:
    """Repairs when called.

    Of several processes that call at the same time one does the work.
    """

    def __init__(self, database: Database, settings: JobSettings, telemetry: JobTelemetry | None = None) -> None:
        self._database = database
        self._telemetry = telemetry or JobTelemetry()
        self._settings = settings
        self._parameters = {
            "gone": MISSED_HEARTBEATS * settings.heartbeat_seconds,
            "age": max(settings.ttl, _MIN_AGE),
            "batch": _BATCH,
            "results": settings.max_results,
            "bytes": settings.max_result_bytes,
        }

    async def sweep(self) -> None:
        """Requeue or fail lost jobs and delete expired ones.

        Raises `database_unavailable`.
        """
        async with self._database.connection(STATEMENT_SECONDS) as connection:
            if (await self._fetch_all(connection, _HAS_WORK))[0][0]:
                await self._sweep(connection)

    async def evict(self) -> None:
        """Delete the oldest results above the bounds. Raises `database_unavailable`."""
        async with self._database.connection(STATEMENT_SECONDS) as connection, connection.transaction():
            if (await self._fetch_all(connection, _LOCK))[0][0] and (await self._fetch_all(connection, _IS_FULL))[0][0]:
                await connection.execute(_EVICT, self._parameters)

    async def _sweep(self, connection: TimedConnection) -> None:
        async with connection.transaction():
            if not (await self._fetch_all(connection, _LOCK))[0][0]:
                return
            for job_id, attempt, lost_attempts, is_overdue in await self._fetch_all(connection, _LOST):
                if is_overdue or lost_attempts >= _MAX_ATTEMPTS:
                    await self._fail(connection, job_id, lost_attempts)
                else:
                    _log.warning("job %s lost its worker in attempt %d and is queued again", job_id, attempt)
                    await connection.execute(_REQUEUE, [job_id])
            await connection.execute(_EXPIRE)

    async def _fail(self, connection: TimedConnection, job_id: str, lost_attempts: int) -> None:
        _log.error("job %s has failed: its worker was lost %d times", job_id, lost_attempts)
        detail = (
            f"the job was begun {lost_attempts} times and its worker was lost each time, or no worker took it in time"
        )
        outcome: Outcome = failed_outcome(job_id, "worker_lost", detail)
        row = {"id": job_id, "answer": outcome.body, "size": outcome.size, "ttl": self._settings.ttl}
        await connection.execute(_FAIL, row)
        self._telemetry.count_lost()

    async def _fetch_all(self, connection: TimedConnection, query: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = await (await connection.execute(query, self._parameters)).fetchall()
        return rows
