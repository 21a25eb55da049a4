"""The state machine of jobs, row by row: claims, recovery and erasure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import anyio
import pytest
from facemask.service.cache.entry import SharedResponse
from facemask.service.database.pool import Database
from facemask.service.database.settings import DatabaseSettings
from facemask.service.errors import ProblemError
from facemask.service.jobs.job import JobStatus, Outcome, Submission
from facemask.service.jobs.outcomes import completed_outcome
from facemask.service.jobs.postgres.repository import Claim, Dequeued, JobRepository
from facemask.service.jobs.postgres.sweeper import Sweeper
from facemask.service.jobs.settings import JobSettings
from support.postgres_server import execute

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Rows:
    """A ledger, and a look into its tables."""

    def __init__(self, settings: DatabaseSettings, database: Database) -> None:
        self.settings = settings
        self.ledger = JobRepository(database, 3600.0, None)
        self.sweeper = Sweeper(database, JobSettings(max_results=2, heartbeat_seconds=1.0))

    def ask(self, statement: str, *names: str) -> list[tuple[object, ...]]:
        return execute(self.settings, statement, *names)

    async def submitted(self) -> str:
        job_id = str(uuid4())
        stored = await self.ledger.insert(job_id, Submission(b"photo", b"map", owner=b"me"), None)
        assert (stored.existing_id, stored.outcome) == (None, None)
        return job_id

    async def claimed(self, job_id: str) -> Claim:
        """As a worker does that has just said that it lives."""
        worker = await self.ledger.register(60.0)
        while dequeued := await self.ledger.claim_next(worker):
            if dequeued.claim and dequeued.claim.id == job_id:
                return dequeued.claim
        raise AssertionError("the job is not in the queue")

    def lose_the_worker(self) -> None:
        self.ask("delete from procrastinate_workers")

    async def status(self, job_id: str) -> JobStatus | None:
        snapshot = await self.ledger.get(job_id)
        return snapshot.status if snapshot else None


@asynccontextmanager
async def rows(settings: DatabaseSettings) -> AsyncIterator[Rows]:
    database = Database(settings)
    async with database.opened():
        yield Rows(settings, database)


def outcome(job_id: str, svg: bytes = b"<svg/>") -> Outcome:
    return completed_outcome(job_id, SharedResponse(b'"svg":"%b"}' % b64encode(svg), '"etag"', "svg"), {})


async def test_only_the_last_claim_may_write_and_only_once(database: DatabaseSettings) -> None:
    async with rows(database) as table:
        job_id = await table.submitted()
        first = await table.claimed(job_id)
        table.lose_the_worker()
        await table.sweeper.sweep()
        assert await table.status(job_id) is JobStatus.PENDING
        assert await table.ledger.finish(first, outcome(job_id, b"stale")) is False
        second = await table.claimed(job_id)
        assert second.attempt == first.attempt + 1
        assert await table.ledger.finish(first, outcome(job_id, b"stale")) is False
        assert await table.ledger.finish(second, outcome(job_id, b"right")) is True
        assert await table.ledger.finish(second, outcome(job_id, b"again")) is False
        snapshot = await table.ledger.get(job_id)
        assert snapshot is not None
        assert snapshot.outcome is not None
        assert (snapshot.status, snapshot.outcome.svg) == (JobStatus.COMPLETED, b"right")


async def test_the_input_goes_with_the_end_and_everything_with_delete(database: DatabaseSettings) -> None:
    async with rows(database) as table:
        job_id = await table.submitted()
        stored = await table.ledger.load_submission(job_id)
        assert stored is not None
        assert (stored.image, stored.label_map, stored.owner) == (b"photo", b"map", b"me")
        await table.ledger.finish(await table.claimed(job_id), outcome(job_id))
        assert table.ask("select count(*) from facemask_inputs") == [(0,)]
        pending = await table.submitted()
        for erased in (job_id, pending):
            assert await table.ledger.delete(erased)
        for name in ("facemask_jobs", "facemask_inputs", "facemask_results"):
            assert table.ask("select count(*) from {}", name) == [(0,)]
        assert table.ask("select count(*) from procrastinate_jobs where status = 'todo'") == [(0,)]


async def test_the_crop_image_is_stored_with_the_result_and_erased_with_it(database: DatabaseSettings) -> None:
    async with rows(database) as table:
        claimed, direct, plain = await table.submitted(), str(uuid4()), str(uuid4())
        assert await table.ledger.finish(
            await table.claimed(claimed), replace(outcome(claimed), crop_image=b"\xff\xd8\x00a")
        )
        assert await table.ledger.insert_finished(direct, b"me", replace(outcome(direct), crop_image=b"\xff\xd8\x00b"))
        assert await table.ledger.insert_finished(plain, b"me", outcome(plain))
        images = []
        for job_id in (claimed, direct, plain):
            snapshot = await table.ledger.get(job_id)
            assert snapshot is not None
            assert snapshot.outcome is not None
            images.append(snapshot.outcome.crop_image)
        assert images == [b"\xff\xd8\x00a", b"\xff\xd8\x00b", b""]
        size = outcome(plain).size
        assert table.ask("select size from facemask_jobs order by size") == [(size,), (size + 4,), (size + 4,)]
        assert await table.ledger.delete(claimed)
        assert table.ask("select count(*) from facemask_results where crop_image is not null") == [(1,)]


async def test_a_job_that_fell_out_of_the_queue_is_put_back(database: DatabaseSettings) -> None:
    async with rows(database) as table:
        job_id = await table.submitted()
        table.ask("delete from procrastinate_jobs")
        await table.sweeper.sweep()
        assert table.ask("select count(*) from procrastinate_jobs where status = 'todo'") == [(1,)]
        assert (await table.claimed(job_id)).attempt == 1
        await table.sweeper.sweep()
        assert await table.status(job_id) is JobStatus.PROCESSING


@pytest.mark.parametrize("erase", [False, True])
async def test_what_comes_in_while_the_queue_is_asked_is_taken_once(database: DatabaseSettings, erase: bool) -> None:
    """Many of each at once: within one statement of `take` the queue may show a job whose row is not there yet, and a
    job that is erased is held from the other end.
    """
    told: list[str] = []
    erased: set[str] = set()
    taken: list[Claim | None] = []
    async with rows(database) as table:

        async def come(number: int) -> None:
            for _ in range(number):
                told.append(job_id := await table.submitted())
                if erase and await table.ledger.delete(job_id):
                    erased.add(job_id)

        async def take() -> None:
            worker = await table.ledger.register(60.0)
            while True:
                if dequeued := await table.ledger.claim_next(worker):
                    taken.append(dequeued.claim)

        with anyio.fail_after(30):
            async with anyio.create_task_group() as takers:
                for _ in range(2):
                    takers.start_soon(take)
                async with anyio.create_task_group() as comers:
                    for _ in range(2):
                        comers.start_soon(come, 150)
                while await table.ledger.count_pending():
                    await anyio.sleep(0.01)
                takers.cancel_scope.cancel()
    claims = [claim.id for claim in taken if claim]
    assert len(claims) == len(set(claims))
    assert set(told) - erased <= set(claims)
    assert erase or taken.count(None) == 0


async def test_a_claim_whose_confirmation_was_lost_is_found(database: DatabaseSettings) -> None:
    async with rows(database) as table:
        job_id = await table.submitted()
        worker = await table.ledger.register(60.0)
        assert await table.ledger.claim_next(worker)
        assert await table.ledger.claim_next(worker) is None
        assert await table.ledger.heartbeat(worker) == []
        table.ask("update facemask_jobs set started_at = now() - interval '7 s'")
        (claim,) = await table.ledger.heartbeat(worker) or []
        assert (claim.id, claim.attempt) == (job_id, 1)
        await table.ledger.release(claim)
        assert (await table.claimed(job_id)).attempt == 2
        assert await table.ledger.heartbeat(worker + 1000) is None


async def test_a_job_without_a_place_in_the_queue_is_rescued_with_its_worker(database: DatabaseSettings) -> None:
    async with rows(database) as table:
        worker, job_id = await table.ledger.register(60.0), str(uuid4())
        await table.ledger.insert(job_id, Submission(b"photo", b"map"), None, worker=worker)
        assert table.ask("select count(*) from procrastinate_jobs") == [(0,)]
        await table.sweeper.sweep()
        assert await table.status(job_id) is JobStatus.PROCESSING
        await table.ledger.unregister(worker)
        await table.sweeper.sweep()
        assert (await table.claimed(job_id)).attempt == 2


async def test_a_job_that_is_stored_again_stays_as_it_is(database: DatabaseSettings) -> None:
    """The first statement's confirmation was lost."""
    async with rows(database) as table:
        worker = await table.ledger.register(60.0)
        for first, second in ((worker, None), (None, worker), (None, None)):
            job_id = str(uuid4())
            await table.ledger.insert(job_id, Submission(b"photo", b"map"), None, worker=first)
            status = await table.status(job_id)
            await table.ledger.insert(job_id, Submission(b"photo", b"map"), None, worker=second)
            assert await table.status(job_id) is status
            if first is None:
                assert (await table.claimed(job_id)).attempt == 1
        assert await table.ledger.claim_next(worker) in (None, Dequeued(None))


async def test_a_job_is_born_once(database: DatabaseSettings) -> None:
    async with rows(database) as table:
        job_id = str(uuid4())
        assert await table.ledger.insert_finished(job_id, b"me", outcome(job_id, b"first")) is True
        assert await table.ledger.insert_finished(job_id, b"me", outcome(job_id, b"second")) is False
        snapshot = await table.ledger.get(job_id)
        assert snapshot
        assert snapshot.outcome
        assert snapshot.outcome.svg == b"first"
        assert table.ask("select count(*) from facemask_inputs") == [(0,)]


async def test_three_lost_workers_are_enough_and_given_back_is_not_lost(database: DatabaseSettings) -> None:
    async with rows(database) as table:
        job_id = await table.submitted()
        for _ in range(4):
            await table.ledger.release(await table.claimed(job_id))
        for _ in range(3):
            assert await table.status(job_id) is JobStatus.PENDING
            await table.claimed(job_id)
            table.lose_the_worker()
            await table.sweeper.sweep()
        snapshot = await table.ledger.get(job_id)
        assert snapshot is not None
        assert snapshot.outcome is not None
        assert b'"worker_lost"' in snapshot.outcome.body
        assert table.ask("select count(*) from facemask_inputs") == [(0,)]
        assert table.ask("select count(*) from procrastinate_jobs") == [(0,)]


async def test_a_job_that_nobody_takes_fails_in_the_end(database: DatabaseSettings) -> None:
    async with rows(database) as table:
        job_id = await table.submitted()
        table.ask("update facemask_jobs set created_at = now() - interval '2 hours'")
        await table.sweeper.sweep()
        assert await table.status(job_id) is JobStatus.FAILED


async def test_old_and_surplus_results_are_swept(database: DatabaseSettings) -> None:
    async with rows(database) as table:
        ids = [await table.submitted() for _ in range(4)]
        for job_id in ids:
            await table.ledger.finish(await table.claimed(job_id), outcome(job_id))
        table.ask(f"update facemask_jobs set expires_at = now() - interval '1 s' where id = '{ids[3]}'")  # noqa: S608
        assert await table.status(ids[3]) is None
        await table.sweeper.sweep()
        await table.sweeper.evict()
        assert [await table.status(job_id) for job_id in ids] == [None, JobStatus.COMPLETED, JobStatus.COMPLETED, None]


async def test_requests_that_gave_up_do_not_keep_the_pool_from_coming_back(database: DatabaseSettings) -> None:
    there = Database(replace(database, pool_size=2, port=1))
    async with there.opened() as pool:
        for _ in range(4):
            async with anyio.create_task_group() as group:
                for _ in range(30):
                    group.start_soon(expect_away, there)
        pool.kwargs = database.parameters()
        with anyio.fail_after(10):
            while not await answers(there):
                await anyio.sleep(0.1)


async def expect_away(database: Database) -> None:
    assert await answers(database) is False


async def answers(database: Database) -> bool:
    try:
        async with database.connection() as link:
            await link.execute("select 1")
    except ProblemError:
        return False
    return True


async def test_an_unreachable_server_is_a_refusal_and_not_an_error(database: DatabaseSettings) -> None:
    async with rows(replace(database, port=1)) as table:
        with pytest.raises(Exception, match="database_unavailable"):
            await table.ledger.ping()
