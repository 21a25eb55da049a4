"""The durable job engine over a database, with the fake tracer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from facemask.service.database.pool import Database
from facemask.service.database.settings import DatabaseSettings
from facemask.service.jobs.postgres.engine import PostgresJobs
from facemask.service.jobs.runner import Runner
from facemask.service.jobs.settings import JobSettings
from support.service.fake_tracer import FakeTracer


@asynccontextmanager
async def running_jobs(
    settings: DatabaseSettings, tracer: FakeTracer, *, work: bool = True
) -> AsyncIterator[PostgresJobs]:
    """Run a durable job engine with one worker, or none, until the block ends."""
    policy = JobSettings(workers=1, grace_seconds=0.1, heartbeat_seconds=0.2)
    runner = Runner(tracer, tracer.Limits(), workers=1, simulated_delay=0)
    jobs = PostgresJobs(policy, runner, Database(settings), work=work)
    async with jobs.running():
        yield jobs
