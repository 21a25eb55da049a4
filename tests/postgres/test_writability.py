"""A PostgreSQL server that answers but cannot write: a full disk, a standby, a missing permission."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import pytest
from facemask.service.database.settings import DatabaseSettings
from facemask.service.errors import ProblemError
from facemask.service.jobs.job import JobStatus, Submission
from facemask.service.jobs.postgres import readiness
from facemask.service.jobs.postgres.engine import PostgresJobs
from facemask.service.jobs.postgres.repository import JobRepository
from postgres_jobs import running_jobs
from support.postgres_server import execute
from support.service.fake_tracer import API, MAP, FakeTracer, body, photo
from support.service.metrics import sample_value
from support.service.processes import process_group
from support.waiting import wait_until

pytestmark = pytest.mark.anyio
FULL = "53100"


@contextmanager
def failing_inserts(database: DatabaseSettings, state: str = FULL, table: str = "facemask_inputs") -> Iterator[None]:
    """Whoever inserts into the table meets an error with this SQLSTATE."""
    execute(
        database,
        f"create function refuse() returns trigger language plpgsql as $$ begin raise exception using "
        f"errcode = '{state}', message = 'could not extend file'; end $$",
    )
    execute(database, "create trigger refuse before insert on {} for each row execute function refuse()", table)
    try:
        yield
    finally:
        execute(database, "drop function refuse cascade")


async def submit(jobs: PostgresJobs) -> str:
    with await jobs.reserve(100) as slot:
        return (await jobs.submit(slot, Submission(photo(), MAP), None)).id


async def error_code(ask: Any, *given: Any) -> str:
    """With what a call is refused; empty when it is not."""
    try:
        await ask(*given)
    except ProblemError as refusal:
        return refusal.code
    return ""


async def wait_for_error_code(wanted: str, ask: Any, *given: Any) -> None:
    with anyio.fail_after(30):
        while await error_code(ask, *given) != wanted:
            await anyio.sleep(0.05)


@pytest.mark.parametrize("state", [FULL, "58030", "42501", "25006"])
async def test_a_job_that_cannot_be_stored_makes_the_service_unready_at_once(
    database: DatabaseSettings, tracer: FakeTracer, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_jobs(database, tracer, work=False) as jobs:
        assert await error_code(jobs.ready) == ""
        assert await error_code(submit, jobs) == ""
        with failing_inserts(database, state):
            assert await error_code(submit, jobs) == "database_not_writable"
            assert await error_code(jobs.ready) == "database_not_writable"
            # The next ones are refused before their bodies are read.
            assert await error_code(jobs.reserve, 100) == "database_not_writable"
            for _ in range(3):
                await wait_for_error_code("", jobs.reserve, 100)
                assert await error_code(submit, jobs) == "database_not_writable"
            assert await error_code(jobs.get, str(uuid4())) == ""
            assert await error_code(jobs.ready) == "database_not_writable"
        await wait_for_error_code("", jobs.ready)
        assert await error_code(submit, jobs) == ""
    told = [record for record in caplog.records if "Postgres" in record.message]
    assert [record.message.partition(" (")[0] for record in told] == [
        "Postgres cannot store jobs",
        "Postgres stores jobs again",
    ]
    assert state in told[0].message
    assert "extend" not in caplog.text, "what the server says may quote a row"


async def test_a_full_disk_is_found_where_nobody_submits(
    database: DatabaseSettings, tracer: FakeTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_jobs(database, tracer, work=False) as jobs:
        assert await error_code(jobs.ready) == ""
        with failing_inserts(database):
            monkeypatch.setattr(readiness, "_PROBE_SECONDS", 0.0)
            await wait_for_error_code("database_not_writable", jobs.ready)
        await wait_for_error_code("", jobs.ready)
    for table in ("facemask_jobs", "facemask_inputs"):
        assert execute(database, "select count(*) from {}", table) == [(0,)], "a probe leaves nothing"


async def test_health_checks_share_one_look_and_hardly_write(
    database: DatabaseSettings, tracer: FakeTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    answered = anyio.Event()

    def counted(name: str) -> Any:
        look = getattr(JobRepository, name)

        async def seen(ledger: JobRepository) -> None:
            looks.append(name)
            await answered.wait()
            await look(ledger)

        return seen

    for name in ("ping", "probe"):
        monkeypatch.setattr(JobRepository, name, counted(name))
    async with running_jobs(database, tracer, work=False) as jobs:
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(jobs.ready)
            with anyio.fail_after(30):
                while not looks:
                    await anyio.sleep(0.01)
            impatient = [anyio.CancelScope() for _ in range(2)]
            for scope in impatient:  # who leaves takes nobody along

                async def leave(scope: anyio.CancelScope = scope) -> None:
                    with scope:
                        await jobs.ready()

                group.start_soon(leave)
            await anyio.sleep(0.05)
            for scope in impatient:
                scope.cancel()
            answered.set()
        assert looks == ["probe"]
        monkeypatch.setattr(readiness, "_FRESH_SECONDS", 0.0)
        for _ in range(20):
            await jobs.ready()
        assert looks == ["probe"] + ["ping"] * 20


async def test_a_stored_job_is_as_good_as_a_probe(
    database: DatabaseSettings, tracer: FakeTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: JobRepository) -> None:
        raise AssertionError

    async with running_jobs(database, tracer, work=False) as jobs:
        await submit(jobs)
        monkeypatch.setattr(JobRepository, "probe", never)
        assert await error_code(jobs.ready) == ""


async def test_a_standby_is_found_without_a_write(
    database: DatabaseSettings, tracer: FakeTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(database, database="postgres")
    async with running_jobs(replace(database, pool_size=2), tracer, work=False) as jobs:
        assert await error_code(jobs.ready) == ""
        execute(elsewhere, "alter database {} set default_transaction_read_only = on", database.database)
        execute(
            database,
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()",
        )
        await wait_for_error_code("database_not_writable", jobs.ready)
        assert await error_code(jobs.get, str(uuid4())) == ""
        execute(elsewhere, "alter database {} reset default_transaction_read_only", database.database)
        await wait_for_error_code("", jobs.ready)
        await wait_for_error_code("", submit, jobs)


async def test_who_may_read_only_is_not_ready(database: DatabaseSettings, tracer: FakeTracer) -> None:
    role = f"reader_{database.database}"
    execute(database, "create role {} login", role)
    try:
        execute(database, "grant pg_read_all_data to {}", role)
        async with running_jobs(replace(database, username=role), tracer, work=False) as jobs:
            await wait_for_error_code("database_not_writable", jobs.ready)
            await wait_for_error_code("database_not_writable", submit, jobs)
    finally:
        execute(database, "drop role {}", role)


async def test_an_error_that_nobody_foresaw_makes_the_service_unready_too(
    database: DatabaseSettings, tracer: FakeTracer
) -> None:
    async with running_jobs(database, tracer, work=False) as jobs:
        with failing_inserts(database, "XX000"):
            await wait_for_error_code("database_not_writable", jobs.ready)
        await wait_for_error_code("", jobs.ready)


async def test_a_result_that_finds_no_room_is_written_when_there_is_some(
    database: DatabaseSettings, tracer: FakeTracer
) -> None:
    async with running_jobs(database, tracer, work=True) as jobs:
        with failing_inserts(database, table="facemask_results"):
            job_id = await submit(jobs)
            with anyio.fail_after(30):
                while not jobs._database.writability.is_failing:
                    await anyio.sleep(0.01)
            told = await jobs.get(job_id)
            assert told
            assert told.status is JobStatus.PROCESSING
        ended = await jobs.wait(job_id, 30)
        assert ended
        assert ended.status is JobStatus.COMPLETED


def test_clients_are_told_with_a_code_and_what_is_there_can_be_read(database: DatabaseSettings, tmp_path: Path) -> None:
    with process_group(database, tmp_path) as group:
        api = group.serve()
        before = api.post(f"{API}/submit", body())
        assert before.status_code == 202
        job = before.json()["id"]
        wait_until(lambda: api.get(f"{API}/status/{job}").json()["status"] == "completed")
        with failing_inserts(database):
            for headers in ({}, {"Idempotency-Key": "a"}):
                answer = api.post(f"{API}/submit", body(), headers)
                assert (answer.status_code, answer.json()["code"]) == (503, "database_not_writable"), api.output
                assert answer.headers["retry-after"]
            assert api.get("/health/ready").json()["code"] == "database_not_writable"
            assert api.get("/health/live").status_code == 200
            assert api.get(f"{API}/status/{job}").json()["status"] == "completed"
            assert api.get(f"{API}/result/{job}.svg").status_code == 200
            refused = sample_value(api.get("/metrics").text, "facemask_rejected_total", reason="database_not_writable")
            assert refused == 3
        wait_until(lambda: api.get("/health/ready").status_code == 200)
        assert api.post(f"{API}/submit", body()).status_code == 202
        assert "Traceback" not in api.output
        assert '"exception"' not in api.output
