"""Faults between one process and its database: nothing hangs, leaks or is retried for ever."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any
from uuid import uuid4

import anyio
import psycopg
import pytest
from facemask.service.cache.entry import CacheEntry, SharedResponse
from facemask.service.cache.postgres import PostgresCache
from facemask.service.cache.settings import CacheSettings
from facemask.service.database.pool import Database, database_unavailable
from facemask.service.database.settings import DatabaseSettings
from facemask.service.errors import ProblemError
from facemask.service.jobs.job import JobStatus, Submission
from facemask.service.jobs.outcomes import completed_outcome
from facemask.service.jobs.postgres import statements as sql
from facemask.service.jobs.postgres.engine import PostgresJobs
from facemask.service.jobs.postgres.repository import JobRepository
from postgres_jobs import running_jobs
from support.postgres_server import execute
from support.service.fake_tracer import MAP, FakeTracer, photo

pytestmark = pytest.mark.anyio


async def submit(jobs: PostgresJobs, *, defer_persist: bool = False, **orders: Any) -> str:
    with await jobs.reserve() as slot:
        return (await jobs.submit(slot, Submission(photo(**orders), MAP), None, defer_persist=defer_persist)).id


async def submit_unstored(jobs: PostgresJobs) -> str:
    """A job that only its process knows, as soon as there is a hand for one."""
    assert jobs._worker
    with anyio.fail_after(5):
        while jobs._worker.local_worker_id() is None:
            await anyio.sleep(0.01)
    job_id = await submit(jobs, defer_persist=True, hold=True)
    assert jobs._worker.unpersisted_count == 1
    return job_id


async def test_a_job_whose_news_were_lost_frees_its_slot_and_wakes_its_waiters(
    database: DatabaseSettings, tracer: FakeTracer
) -> None:
    async with running_jobs(database, tracer, work=False) as jobs:
        with anyio.fail_after(5):
            while execute(
                database,
                "select count(*) from pg_stat_activity where datname = current_database() and query like 'listen%'",
            ) == [(0,)]:
                await anyio.sleep(0.01)
        await anyio.sleep(0.5)  # what was missed before has been asked for
        job_id = await submit(jobs)
        async with anyio.create_task_group() as group:
            group.start_soon(jobs.wait, job_id, 20)
            while not (await jobs.load()).waiters:
                await anyio.sleep(0.01)
            execute(database, "delete from facemask_jobs")  # nobody is told
            with anyio.fail_after(5):
                while (load := await jobs.load()).slots or load.waiters:
                    await anyio.sleep(0.05)


async def test_an_input_that_cannot_be_read_fails_its_job_and_no_other(
    database: DatabaseSettings, tracer: FakeTracer
) -> None:
    """As from a later version; given back it would come round for ever."""
    async with running_jobs(database, tracer, work=False) as jobs:
        broken = await submit(jobs)
        execute(database, r"update facemask_inputs set about = '\xc1'")
        whole = await submit(jobs)
    async with running_jobs(database, tracer) as jobs:
        ended = [await jobs.wait(job_id, 5) for job_id in (broken, whole)]
    assert [snapshot and snapshot.status for snapshot in ended] == [JobStatus.FAILED, JobStatus.COMPLETED]
    assert ended[0]
    assert ended[0].outcome
    assert b'"internal_error"' in ended[0].outcome.body
    assert execute(database, "select count(*) from facemask_inputs") == [(0,)]


async def test_a_job_that_was_stored_without_confirmation_is_finished_where_it_runs(
    database: DatabaseSettings, tracer: FakeTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = JobRepository.insert

    async def unconfirmed(*given: Any, **named: Any) -> Any:
        await store(*given, **named)
        raise database_unavailable()

    async with running_jobs(database, tracer) as jobs:
        job_id = await submit_unstored(jobs)
        monkeypatch.setattr(JobRepository, "insert", unconfirmed)
        with pytest.raises(ProblemError, match="database_unavailable"):
            await jobs.wait(job_id, 0.05)
        tracer.release.set()
        done = await jobs.wait(job_id, 5)
        assert done
        assert done.status is JobStatus.COMPLETED
        assert execute(database, f"select attempt from facemask_jobs where id = '{job_id}'") == [(1,)]  # noqa: S608


async def test_who_waits_for_a_job_that_its_process_takes_along_is_told_to_come_again(
    database: DatabaseSettings, tracer: FakeTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*_: Any, **__: Any) -> Any:
        await anyio.sleep_forever()

    told: list[str] = []

    async def wait(jobs: PostgresJobs, job_id: str) -> None:
        try:
            await jobs.wait(job_id, 20)
        except ProblemError as refusal:
            told.append(refusal.code)

    async with running_jobs(database, tracer) as jobs:
        job_id = await submit_unstored(jobs)
        monkeypatch.setattr(JobRepository, "insert", endless)
        async with anyio.create_task_group() as group:
            group.start_soon(wait, jobs, job_id)
            await anyio.sleep(0.1)
            with anyio.fail_after(10):
                await jobs.drain()
    assert told == ["shutting_down"]


async def test_a_worker_goes_on_saying_that_it_lives(
    database: DatabaseSettings, tracer: FakeTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat, asked = JobRepository.heartbeat, 0

    async def broken_once(*given: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise psycopg.ProgrammingError
        return await beat(*given)

    monkeypatch.setattr(JobRepository, "heartbeat", broken_once)
    async with running_jobs(database, tracer):
        with anyio.fail_after(5):
            while asked < 3:
                await anyio.sleep(0.05)


async def test_what_is_erased_in_the_moment_in_which_it_ends_is_not_kept_for_others(database: DatabaseSettings) -> None:
    opened = Database(database)
    ledger = JobRepository(opened, 3600.0, PostgresCache(opened, CacheSettings()))
    job_id = str(uuid4())
    async with opened.opened(), anyio.create_task_group() as group:
        worker = await ledger.register(60.0)
        await ledger.insert(job_id, Submission(b"photo", b"map"), None, worker=worker)
        made = SharedResponse(b'"svg":""}', '"etag"', "svg")
        outcome = completed_outcome(job_id, made, {}, entry=CacheEntry(os.urandom(32), made))
        async with opened.connection(5) as link, link.transaction():
            await link.execute(sql.FINISH_AND_CACHE, ledger._result_parameters(outcome) | {"id": job_id, "attempt": 1})
            group.start_soon(ledger.delete, job_id)
            await anyio.sleep(0.3)  # now it waits for the row
    for name in ("facemask_jobs", "facemask_results", "facemask_cache"):
        assert execute(database, "select count(*) from {}", name) == [(0,)], name


async def test_a_server_that_became_a_standby_is_away_and_left_for_another(database: DatabaseSettings) -> None:
    elsewhere = replace(database, database="postgres")
    execute(elsewhere, "alter database {} set default_transaction_read_only = on", database.database)
    opened = Database(replace(database, pool_size=1))
    async with opened.opened():
        ledger = JobRepository(opened, 3600.0, None)
        with pytest.raises(ProblemError, match="database_not_writable"):
            await ledger.insert(str(uuid4()), Submission(b"photo", b"map"), None)
        execute(elsewhere, "alter database {} reset default_transaction_read_only", database.database)
        with anyio.fail_after(5):
            while True:
                try:
                    await ledger.insert(str(uuid4()), Submission(b"photo", b"map"), None)
                except ProblemError:
                    await anyio.sleep(0.1)
                else:
                    break
