"""What nobody else does: jobs whose worker is gone, jobs that fell between two chairs, and old results."""

from __future__ import annotations

import logging
from typing import Any

from facemask.service.database.pool import STATEMENT_SECONDS, Database, Link
from facemask.service.jobs.job import Outcome
from facemask.service.jobs.runner import failed
from facemask.service.jobs.settings import JobSettings
from facemask.service.telemetry.jobs import JobTelemetry

_log = logging.getLogger("facemask.service")

# A worker that has not been heard of for so many of its heartbeats is gone.
MISSED_HEARTBEATS = 3
_MAX_ATTEMPTS = 3
_BATCH = 200
# The least time before an unfinished job is given up for its age, however short the time to live.
_LEAST_AGE = 60.0

# A job is in the queue, or in the hands of a worker that lives, or lost.
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
_ANYTHING = f"""
select exists (select from {_JOBS} where {_IS_LOST})
    or exists (select from facemask_jobs where expires_at < now())
"""  # noqa: S608 - of constants
_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('facemask sweep', 0))"
_LOST = f"""
select job.id::text, job.attempt, job.attempt - job.released, job.created_at < now() - %(age)s * interval '1 second'
from {_JOBS} where {_IS_LOST} order by job.created_at limit %(batch)s for update of job skip locked
"""  # noqa: S608 - of constants
_AGAIN = """
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
    """Sweeps when it is called; of many processes that call at the same time one does it."""

    def __init__(self, database: Database, policy: JobSettings, telemetry: JobTelemetry | None = None) -> None:
        self._database = database
        self._telemetry = telemetry or JobTelemetry()
        self._policy = policy
        self._numbers = {
            "gone": MISSED_HEARTBEATS * policy.heartbeat_seconds,
            "age": max(policy.ttl, _LEAST_AGE),
            "batch": _BATCH,
            "results": policy.max_results,
            "bytes": policy.max_result_bytes,
        }

    async def sweep(self) -> None:
        """One round. Raises `database_unavailable`."""
        async with self._database.connection(STATEMENT_SECONDS) as link:
            if (await self._rows(link, _ANYTHING))[0][0]:
                await self._sweep(link)

    async def bound(self) -> None:
        """Erases the oldest results of too many. Raises `database_unavailable`."""
        async with self._database.connection(STATEMENT_SECONDS) as link, link.transaction():
            if (await self._rows(link, _LOCK))[0][0] and (await self._rows(link, _IS_FULL))[0][0]:
                await link.execute(_EVICT, self._numbers)

    async def _sweep(self, link: Link) -> None:
        async with link.transaction():
            if not (await self._rows(link, _LOCK))[0][0]:
                return
            for job_id, attempt, tries, overdue in await self._rows(link, _LOST):
                if overdue or tries >= _MAX_ATTEMPTS:
                    await self._give_up(link, job_id, tries)
                else:
                    _log.warning("job %s lost its worker in attempt %d and is queued again", job_id, attempt)
                    await link.execute(_AGAIN, [job_id])
            await link.execute(_EXPIRE)

    async def _give_up(self, link: Link, job_id: str, tries: int) -> None:
        _log.error("job %s has failed: its worker was lost %d times", job_id, tries)
        detail = f"the job was begun {tries} times and its worker was lost each time, or no worker took it in time"
        outcome: Outcome = failed(job_id, "worker_lost", detail)
        row = {"id": job_id, "answer": outcome.answer, "size": outcome.size, "ttl": self._policy.ttl}
        await link.execute(_FAIL, row)
        self._telemetry.lost()

    async def _rows(self, link: Link, query: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = await (await link.execute(query, self._numbers)).fetchall()
        return rows
