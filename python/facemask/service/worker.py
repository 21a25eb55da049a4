"""The worker process: jobs from the database, no HTTP, stopped by SIGTERM or SIGINT with exit code 0."""

from __future__ import annotations

import asyncio
import signal
from logging.config import dictConfig

from facemask.service.app import build_jobs
from facemask.service.database.address import DatabaseSettings
from facemask.service.database.schema import migrate
from facemask.service.engine import Engine
from facemask.service.server import give_big_blocks_back, leave_stuck_threads, logging_config
from facemask.service.settings import Settings

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def work(settings: Settings, database: DatabaseSettings, *, engine: Engine | None = None) -> None:
    """Works until it is told to stop; a second signal does not wait for running jobs. Raises
    `DatabaseUnreachable`.
    """
    dictConfig(logging_config(settings))
    give_big_blocks_back()
    asyncio.run(_work(settings, database, engine))
    leave_stuck_threads()


async def _work(settings: Settings, database: DatabaseSettings, engine: Engine | None) -> None:
    await migrate(database)
    told = [asyncio.Event(), asyncio.Event()]

    def tell() -> None:
        told[1 if told[0].is_set() else 0].set()

    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, tell)
    jobs = build_jobs(settings, engine)
    async with jobs.running():
        print("facemask works on jobs (Ctrl+C stops it)", flush=True)  # noqa: T201 - for the person at the terminal
        await told[0].wait()
        drained, hurried = asyncio.create_task(jobs.drain()), asyncio.create_task(told[1].wait())
        await asyncio.wait({drained, hurried}, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not drained.done():
            await jobs.drain(0)
