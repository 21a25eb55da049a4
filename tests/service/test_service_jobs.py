"""Behavior of both job engines, in memory and in PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
import pytest
from facemask.service.cache.entry import Cache
from facemask.service.cache.memory import MemoryCache
from facemask.service.cache.postgres import PostgresCache
from facemask.service.cache.settings import CacheMode, CacheSettings
from facemask.service.database.pool import Database
from facemask.service.errors import ProblemError
from facemask.service.jobs.job import IdempotencyKey, JobStatus, Snapshot, Submission, SubmissionReceipt
from facemask.service.jobs.memory import MemoryJobs
from facemask.service.jobs.postgres.engine import PostgresJobs
from facemask.service.jobs.protocol import JobEngine
from facemask.service.jobs.runner import Runner
from facemask.service.jobs.settings import JobSettings
from support.service.fake_tracer import MAP, FakeLimits, FakeTracer, photo

pytestmark = pytest.mark.anyio

Make = Callable[..., AbstractAsyncContextManager[JobEngine]]


def runner_of(tracer: FakeTracer, policy: JobSettings, cache: Cache | None = None) -> Runner:
    delay = policy.simulated_delay
    return Runner(tracer, tracer.Limits(), workers=policy.workers, simulated_delay=delay, cache=cache)


def memory(tracer: FakeTracer, policy: JobSettings, _: Database | None) -> JobEngine:
    cache = MemoryCache(CacheSettings())
    return MemoryJobs(policy, runner_of(tracer, policy, cache), cache)


def durable(tracer: FakeTracer, policy: JobSettings, database: Database | None) -> JobEngine:
    assert database
    cache = PostgresCache(database, CacheSettings())
    return PostgresJobs(policy, runner_of(tracer, policy, cache), database, cache=cache)


ENGINES = {"memory": memory, "postgres": durable}


@pytest.fixture(params=ENGINES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(request: pytest.FixtureRequest, kind: str, tracer: FakeTracer) -> Make:
    database = Database(request.getfixturevalue("database")) if kind == "postgres" else None

    @asynccontextmanager
    async def running(**changes: float) -> AsyncIterator[JobEngine]:
        policy = JobSettings(**({"grace_seconds": 0.1, "workers": 1, "heartbeat_seconds": 0.2} | changes))  # type: ignore[arg-type]
        jobs: JobEngine = ENGINES[kind](tracer, policy, database)
        async with jobs.running():
            await until_ready(jobs)
            yield jobs
            tracer.release.set()

    return running


async def submit(jobs: JobEngine, key: IdempotencyKey | None = None, **orders: object) -> str:
    with await jobs.reserve() as slot:
        return (await jobs.submit(slot, Submission(photo(**orders), MAP, cache_mode=CacheMode.OFF), key)).id


async def submit_cacheable(jobs: JobEngine, tracer: FakeTracer, **orders: object) -> SubmissionReceipt:
    """As the desk does it where the cache may answer."""
    image = photo(**orders)
    content, seen = tracer.check_input(image, MAP, None, FakeLimits(), digest=True, inspect=True)
    submission = Submission(b"", MAP, cache_mode=CacheMode.EXACT, content_digest=content, photo=seen)
    with await jobs.reserve() as slot:
        return await jobs.submit(slot, submission, None)


async def until_ready(jobs: JobEngine) -> None:
    """A pool's first connections may take longer than a request would wait for them."""
    with anyio.fail_after(30):
        while True:
            with contextlib.suppress(ProblemError):
                return await jobs.ready()
            await anyio.sleep(0.01)


async def until_processing(jobs: JobEngine, job_id: str) -> None:
    with anyio.fail_after(5):
        while (snapshot := await jobs.get(job_id)) and snapshot.status is JobStatus.PENDING:
            await anyio.sleep(0.01)


async def test_it_is_an_engine(make: Make) -> None:
    async with make() as jobs:
        assert isinstance(jobs, JobEngine)


async def test_a_job_ends_with_an_answer_an_svg_and_an_etag(make: Make) -> None:
    async with make() as jobs:
        job_id = await submit(jobs)
        snapshot = await jobs.wait(job_id, 5)
        assert snapshot is not None
        assert snapshot.status is JobStatus.COMPLETED
        assert snapshot.outcome is not None
        assert snapshot.outcome.body.startswith(b'{"id":"' + job_id.encode())
        assert snapshot.outcome.svg.startswith(b"<svg")
        assert snapshot.outcome.etag.startswith('"')
        assert await jobs.get(job_id) == snapshot


async def test_the_same_bytes_are_answered_before_they_are_looked_at(make: Make, tracer: FakeTracer) -> None:
    async with make() as jobs:
        first = await submit_cacheable(jobs, tracer, mark="a")
        before = await jobs.wait(first.id, 5)
        assert (tracer.traced, tracer.fingerprints, first.finished) == ([""], 1, None)
        again = await submit_cacheable(jobs, tracer, mark="a")
        assert again.finished == await jobs.get(again.id) == await jobs.wait(again.id, 5)
        assert (tracer.traced, tracer.fingerprints, again.id != first.id) == ([""], 1, True)
        assert before
        assert before.outcome
        assert again.finished
        assert again.finished.outcome
        assert again.finished.outcome.svg == before.outcome.svg
        assert b'"cache":"exact"' in again.finished.outcome.body
        assert (await submit_cacheable(jobs, tracer, mark="b")).finished is None
        assert await jobs.delete(again.id)
        assert (await submit_cacheable(jobs, tracer, mark="a")).finished is None


async def submit_and_wait(jobs: JobEngine, **orders: object) -> str:
    """As a request that waits for the end."""
    with await jobs.reserve() as slot:
        return (
            await jobs.submit(
                slot, Submission(photo(**orders), MAP, cache_mode=CacheMode.OFF), None, defer_persist=True
            )
        ).id


async def test_who_waits_for_the_end_gets_it_and_others_find_the_job_then(make: Make) -> None:
    async with make() as jobs:
        await jobs.wait(await submit(jobs), 5)
        job_id = await submit_and_wait(jobs, mark="x")
        snapshot = await jobs.wait(job_id, 5)
        assert snapshot
        assert snapshot.status is JobStatus.COMPLETED
        assert await jobs.get(job_id) == snapshot
        assert await jobs.delete(job_id)


async def test_whose_patience_ends_is_told_of_a_job_that_is_kept(make: Make, tracer: FakeTracer) -> None:
    async with make() as jobs:
        await jobs.wait(await submit(jobs), 5)
        job_id = await submit_and_wait(jobs, hold=True)
        snapshot = await jobs.wait(job_id, 0.05)
        assert snapshot
        assert snapshot.outcome is None
        assert await jobs.get(job_id) == snapshot
        tracer.release.set()
        ended = await jobs.wait(job_id, 5)
        assert ended
        assert ended.status is JobStatus.COMPLETED


async def test_what_waits_too_long_for_a_hand_goes_to_others(make: Make, tracer: FakeTracer) -> None:
    async with make() as jobs:
        await jobs.wait(await submit(jobs), 5)
        held, waiting, told = await submit(jobs, hold=True), await submit_and_wait(jobs), await submit(jobs)
        await anyio.sleep(0.5)
        for job_id in (waiting, told):
            snapshot = await jobs.get(job_id)
            assert snapshot
            assert snapshot.status is JobStatus.PENDING
        tracer.release.set()
        for job_id in (held, waiting, told):
            ended = await jobs.wait(job_id, 5)
            assert ended
            assert ended.status is JobStatus.COMPLETED


async def test_unknown_ids_are_none(make: Make) -> None:
    async with make() as jobs:
        for job_id in ("", "x", "\0", "../..", "a" * 10_000):
            assert await jobs.get(job_id) is None
            assert await jobs.wait(job_id, 5) is None
            assert await jobs.delete(job_id) is False


async def test_jobs_run_in_the_order_in_which_they_came(make: Make, tracer: FakeTracer) -> None:
    async with make() as jobs:
        ids = [await submit(jobs, name=str(i)) for i in range(5)]
        await jobs.wait(ids[-1], 5)
        assert tracer.traced == ["0", "1", "2", "3", "4"]


async def test_places_are_bounded_and_given_back(make: Make, tracer: FakeTracer) -> None:
    async with make(queue_size=1) as jobs:
        await submit(jobs, hold=True)
        last = await submit(jobs)
        with pytest.raises(ProblemError, match="queue_full") as refused:
            await jobs.reserve()
        assert refused.value.headers["Retry-After"]
        tracer.release.set()
        await jobs.wait(last, 5)
        load = await jobs.load()
        assert (load.slots, load.slot_bytes, load.results) == (0, 0, 2)


async def test_an_empty_house_takes_a_body_bigger_than_the_bound(make: Make) -> None:
    async with make(queue_bytes=10) as jobs:
        with await jobs.reserve() as slot:
            slot.add(100)
            with pytest.raises(ProblemError, match="queue_full"):
                await jobs.reserve()
        assert (await jobs.load()).slots == 0


async def test_a_wait_ends_with_its_time_and_leaves_no_waiter(make: Make, tracer: FakeTracer) -> None:
    async with make() as jobs:
        job_id = await submit(jobs, hold=True)
        await until_processing(jobs, job_id)
        snapshot = await jobs.wait(job_id, 0.05)
        assert snapshot is not None
        assert snapshot.outcome is None
        with anyio.move_on_after(0.05):
            await jobs.wait(job_id, 60)
        assert (await jobs.load()).waiters == 0


async def test_many_waiters_are_woken_together(make: Make, tracer: FakeTracer) -> None:
    async with make(max_results=1) as jobs, anyio.create_task_group() as group:
        job_id = await submit(jobs, hold=True)
        answers: list[object] = []

        async def wait() -> None:
            snapshot = await jobs.wait(job_id, 5)
            answers.append(snapshot and snapshot.status)

        for _ in range(20):
            group.start_soon(wait)
        await anyio.sleep(0.05)
        assert (await jobs.load()).waiters == 20
        tracer.release.set()
        await submit(jobs)
        with anyio.fail_after(5):
            while len(answers) < 20:
                await anyio.sleep(0.01)
        assert set(answers) == {JobStatus.COMPLETED}


async def test_keys_find_their_job_as_long_as_it_lives(make: Make) -> None:
    async with make() as jobs:
        key = IdempotencyKey("k", b"digest")
        assert await jobs.find_key("k") is None
        job_id = await submit(jobs, key)
        known = await jobs.find_key("k")
        assert known is not None
        assert (known.job_id, known.key) == (job_id, key)
        assert await submit(jobs, key) == job_id
        with pytest.raises(ProblemError, match="idempotency_key_reused"):
            await submit(jobs, IdempotencyKey("k", b"other"))
        assert await jobs.delete(job_id)
        assert await jobs.find_key("k") is None
        await jobs.wait(await submit(jobs, IdempotencyKey("k", b"other")), 5)
        assert (await jobs.load()).slots == 0


async def test_equal_keys_that_arrive_together_make_one_job(make: Make, tracer: FakeTracer) -> None:
    async with make(queue_size=64) as jobs:
        ids: set[str] = set()

        async def one() -> None:
            ids.add(await submit(jobs, IdempotencyKey("k", b"d")))

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(one)
        assert len(ids) == 1
        await jobs.wait(ids.pop(), 5)
        assert len(tracer.traced) == 1


async def test_an_erased_job_is_gone_at_every_stage(make: Make, tracer: FakeTracer) -> None:
    async with make() as jobs:
        running = await submit(jobs, hold=True)
        await until_processing(jobs, running)
        pending = await submit(jobs)
        for job_id in (running, pending):
            assert await jobs.delete(job_id)
            assert await jobs.get(job_id) is None
            assert await jobs.delete(job_id) is False
        tracer.release.set()
        done = await submit(jobs)
        assert await jobs.wait(done, 5)
        assert await jobs.delete(done)
        load = await jobs.load()
        assert (load.slots, load.pending, load.processing, load.results, load.result_bytes) == (0, 0, 0, 0, 0)


async def test_results_go_when_their_time_is_over(make: Make) -> None:
    async with make(ttl=0.1) as jobs:
        job_id = await submit(jobs, IdempotencyKey("k", b"d"))
        await jobs.wait(job_id, 5)
        await anyio.sleep(0.2)
        assert (await jobs.load()).results == 0
        assert await jobs.get(job_id) is None
        assert await jobs.delete(job_id) is False
        assert await jobs.find_key("k") is None
        assert await submit(jobs, IdempotencyKey("k", b"other")) != job_id


async def test_the_oldest_results_go_when_their_room_is_needed(make: Make) -> None:
    async with make(max_results=2) as jobs:
        ids = [await submit(jobs) for _ in range(3)]
        for job_id in ids:
            await jobs.wait(job_id, 5)
        with anyio.fail_after(5):
            while (await jobs.load()).results > 2:
                await anyio.sleep(0.01)
        assert [await jobs.get(job_id) is None for job_id in ids] == [True, False, False]


async def test_drain_stops_intake_and_finishes_what_runs(make: Make, tracer: FakeTracer) -> None:
    async with make(grace_seconds=60) as jobs:
        job_id = await submit(jobs, sleep=0.1)
        await until_processing(jobs, job_id)
        with await jobs.reserve() as slot:
            await jobs.drain()
            with pytest.raises(ProblemError, match="shutting_down"):
                await jobs.submit(slot, Submission(photo(), MAP), None)
        for refused in (jobs.reserve(), jobs.ready()):
            with pytest.raises(ProblemError, match="shutting_down"):
                await refused
        snapshot = await jobs.get(job_id)
        assert snapshot is not None
        assert snapshot.status is JobStatus.COMPLETED


async def outlived(jobs: JobEngine) -> list[Snapshot]:
    """Two jobs, one running and one waiting, as their waiters see them when the tracer is drained."""
    answers: list[Snapshot] = []

    async def wait(job_id: str) -> None:
        snapshot = await jobs.wait(job_id, 10)
        assert snapshot is not None
        answers.append(snapshot)

    held = await submit(jobs, hold=True)
    await until_processing(jobs, held)  # the other one might be first
    async with anyio.create_task_group() as group:
        for job_id in [held, await submit(jobs)]:
            group.start_soon(wait, job_id)
        await anyio.sleep(0.1)
        with anyio.fail_after(4):
            await jobs.drain()
    return answers


@pytest.mark.parametrize("kind", ["memory"])
async def test_in_memory_drain_finishes_the_queue(make: Make, kind: str) -> None:
    async with make(grace_seconds=60) as jobs:
        ids = [await submit(jobs, sleep=0.02) for _ in range(4)]
        await jobs.drain()
        for job_id in ids:
            snapshot = await jobs.get(job_id)
            assert snapshot is not None
            assert snapshot.status is JobStatus.COMPLETED


@pytest.mark.parametrize("kind", ["memory"])
async def test_in_memory_what_outlives_the_grace_fails(make: Make, kind: str) -> None:
    async with make(grace_seconds=0.1) as jobs:
        for snapshot in await outlived(jobs):
            assert snapshot.outcome is not None
            assert b'"shutting_down"' in snapshot.outcome.body


@pytest.mark.parametrize("kind", ["postgres"])
async def test_in_postgres_what_outlives_the_grace_is_done_by_the_next_process(
    make: Make, kind: str, tracer: FakeTracer
) -> None:
    async with make(grace_seconds=0.1) as jobs:
        unfinished = await outlived(jobs)
        assert [snapshot.status for snapshot in unfinished] == [JobStatus.PENDING, JobStatus.PENDING]
    tracer.release.set()
    async with make() as jobs:
        for snapshot in unfinished:
            done = await jobs.wait(snapshot.id, 10)
            assert done is not None
            assert done.status is JobStatus.COMPLETED


async def test_an_engine_that_is_not_running_is_not_ready(tracer: FakeTracer) -> None:
    jobs = MemoryJobs(JobSettings(), runner_of(tracer, JobSettings()))
    with pytest.raises(ProblemError, match="shutting_down"):
        await jobs.ready()
