"""The durable engine over a database, with the fake engine for its pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from facemask.service.database.pool import Database
from facemask.service.database.settings import DatabaseSettings
from facemask.service.jobs.postgres.engine import PostgresJobs
from facemask.service.jobs.runner import Runner
from facemask.service.jobs.settings import JobSettings
from fake_engine import FakeEngine


@asynccontextmanager
async def jobs_of(settings: DatabaseSettings, fake: FakeEngine, *, work: bool = True) -> AsyncIterator[PostgresJobs]:
    policy = JobSettings(workers=1, grace_seconds=0.1, heartbeat_seconds=0.2)
    runner = Runner(fake, fake.Limits(), workers=1, simulated_delay=0)
    jobs = PostgresJobs(policy, runner, Database(settings), work=work)
    async with jobs.running():
        yield jobs
