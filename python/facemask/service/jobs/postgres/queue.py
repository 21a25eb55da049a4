"""The queue: procrastinate hands each id to one worker, and notices when a worker is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException

from facemask.service.database.pool import LinkPool

_log = logging.getLogger("facemask.service")

_QUEUE = "facemask"
# Notifications wake a worker; asking now and then is for those that got lost.
_POLL_SECONDS = 5.0
_RESTART_SECONDS = 0.5
# Between a worker's first look into the queue and its first heard notification a job may come: knock then.
_KNOCKS = (0.3, 1.2)
_KNOCK = f"""select pg_notify('procrastinate_queue_v1#{_QUEUE}', '{{"type": "job_inserted", "job_id": 0}}')"""
_GOODBYE_SECONDS = 2.0

Perform = Callable[[str, int], Awaitable[None]]


class Queue:
    """The worker's end of the queue; ids are put in by the database's function `facemask_enqueue`. `perform` is called
    with a job's id and its place in the queue; it must not raise.
    """

    def __init__(self, perform: Perform, workers: int, heartbeat: float) -> None:
        self._workers = workers
        self._heartbeat = heartbeat
        self._work: asyncio.Task[None] | None = None
        self._stopping = False
        self._app = App(connector=PsycopgConnector())

        @self._app.task(name="facemask.trace", queue=_QUEUE, pass_context=True)
        async def trace(context: JobContext, job_id: str) -> None:
            await perform(job_id, context.job.id or 0)

    async def open(self, pool: LinkPool) -> None:
        """Lends the queue the pool."""
        self._pool = pool
        await self._app.connector.open_async(pool)

    def start(self) -> None:
        """Begins to fetch ids and have them performed."""
        self._work = asyncio.create_task(self._work_forever())

    def stop_fetching(self) -> None:
        """What is being performed goes on; nothing new is fetched."""
        if self._work and not self._stopping:
            self._stopping = True
            self._work.cancel()

    async def stopped(self) -> None:
        """Returns when nothing is being performed any more; a queue that cannot say goodbye is left."""
        if self._work:
            await asyncio.wait([self._work], timeout=_GOODBYE_SECONDS)

    async def _work_forever(self) -> None:
        """The worker of procrastinate ends when the database goes away; here it is started again until it stands."""
        while not self._stopping:
            knocking = asyncio.create_task(self._knock())
            try:
                await self._app.run_worker_async(
                    queues=[_QUEUE],
                    concurrency=self._workers,
                    fetch_job_polling_interval=_POLL_SECONDS,
                    # Nothing is ever aborted through the queue: the question is put off, not asked.
                    abort_job_polling_interval=3600.0,
                    update_heartbeat_interval=self._heartbeat,
                    install_signal_handlers=False,
                    delete_jobs="always",
                )
            except (ConnectorException, psycopg.Error, OSError) as error:
                _log.warning("the worker has lost the database and starts again: %s", error)
            finally:
                knocking.cancel()
            await asyncio.sleep(0 if self._stopping else _RESTART_SECONDS)

    async def _knock(self) -> None:
        for seconds in _KNOCKS:
            await asyncio.sleep(seconds)
            with suppress(psycopg.Error):
                async with self._pool.connection() as link:
                    await link.execute(_KNOCK)
