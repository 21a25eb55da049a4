"""Consumer of procrastinate's queue, which gives each id to one worker.

Only its SQL is used, by the functions that its own worker calls (their names carry their version). Its Python worker
ends when the database becomes unavailable, and needs three more statements per job.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress

from facemask.service.errors import ProblemError
from facemask.service.jobs.postgres.repository import Claim, JobRepository
from facemask.service.jobs.postgres.sweeper import MISSED_HEARTBEATS

_log = logging.getLogger("facemask.service")

# procrastinate notifies new jobs of our queue here.
CHANNEL = "procrastinate_queue_v1#facemask"
# Notifications wake a worker; polling is for those that got lost.
_POLL_SECONDS = 5.0
_RETRY_SECONDS = 0.5
# A statement without a response may have claimed a job that no worker knows, until the connection is back. Heartbeats
# then follow quickly until such a claim is old enough to be reported.
_RECOVERY_SECONDS = 1.0
_RECOVERY_HEARTBEATS = 12
# A lost worker is pruned after so many times the interval after which it counts as lost.
_PRUNE_FACTOR = 10


class QueueConsumer:
    """Claims jobs while worker slots are free, and sends heartbeats.

    `on_claim` is called with each claim, for which one of `worker_slots` is held. `on_heartbeat` gets the claims that
    the database has recorded for this worker for some seconds.
    """

    def __init__(
        self,
        repository: JobRepository,
        worker_slots: asyncio.Semaphore,
        heartbeat_seconds: float,
        *,
        on_claim: Callable[[Claim], None],
        on_heartbeat: Callable[[list[Claim]], None],
    ) -> None:
        self._repository = repository
        self._worker_slots = worker_slots
        self._on_claim = on_claim
        self._on_heartbeat = on_heartbeat
        self._heartbeat_seconds = heartbeat_seconds
        self._notified = asyncio.Event()
        self._notified.set()
        self._registered = asyncio.Event()
        self._is_empty = False
        self._recovery_heartbeats = 0
        self._is_stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self.worker_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the last claim found no job, and no notification has come since."""
        return self._is_empty

    def on_notification(self, _: str = "") -> None:
        """Note that a job may have entered the queue."""
        self._notified.set()
        self._is_empty = False

    def start(self) -> None:
        """Start heartbeats and claims."""
        self._tasks = [asyncio.create_task(self._send_heartbeats()), asyncio.create_task(self._claim_jobs())]

    def stop_claiming(self) -> None:
        """Claim no more jobs; running ones continue."""
        self._is_stopping = True
        self._notified.set()

    async def unregister(self) -> None:
        """Remove the worker; claims it has not released are lost."""
        await cancel_and_wait(self._tasks)
        if self.worker_id is not None:
            with suppress(ProblemError):
                await self._repository.unregister(self.worker_id)
        self.worker_id = None

    async def _send_heartbeats(self) -> None:
        prune_seconds = _PRUNE_FACTOR * MISSED_HEARTBEATS * self._heartbeat_seconds
        while True:
            seconds = self._heartbeat_seconds
            try:
                claims = None if self.worker_id is None else await self._repository.heartbeat(self.worker_id)
                if claims is None:
                    self.worker_id = await self._repository.register(prune_seconds)
                    self._registered.set()
                    self.on_notification()
                else:
                    self._on_heartbeat(claims)
                if self._recovery_heartbeats:
                    self._recovery_heartbeats -= 1
                    seconds = min(seconds, _RECOVERY_SECONDS)
            except ProblemError:
                self._recovery_heartbeats = _RECOVERY_HEARTBEATS
                seconds = _RETRY_SECONDS
            except Exception:  # noqa: BLE001 - a worker without heartbeats loses every job
                _log.exception("a worker could not say that it lives: a bug of ours")
            await asyncio.sleep(seconds)

    async def _claim_jobs(self) -> None:
        await self._registered.wait()
        while not self._is_stopping:
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._notified.wait()
            await self._worker_slots.acquire()
            claim = None
            try:
                claim = await self._claim_next()
            except Exception:  # noqa: BLE001 - the queue survives every bug
                _log.exception("no job could be taken: a bug of ours")
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                if claim is None:
                    self._worker_slots.release()
            if claim:
                self._on_claim(claim)

    async def _claim_next(self) -> Claim | None:
        """Claim the next job that was not erased, if there is one."""
        while self.worker_id is not None and not self._is_stopping:
            self._notified.clear()
            try:
                dequeued = await self._repository.claim_next(self.worker_id)
            except ProblemError:
                self._recovery_heartbeats = _RECOVERY_HEARTBEATS
                break
            if dequeued is None:
                self._is_empty = not self._notified.is_set()
                return None
            self.on_notification()
            if dequeued.claim:
                return dequeued.claim
        await asyncio.sleep(_RETRY_SECONDS)
        self.on_notification()
        return None


async def cancel_and_wait(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended.

    Once is not enough: the pool drops a cancellation that arrives together with the connection it waits for.
    """
    remaining = set(tasks)
    while remaining:
        for task in remaining:
            task.cancel()
        _, remaining = await asyncio.wait(remaining, timeout=0.5)
