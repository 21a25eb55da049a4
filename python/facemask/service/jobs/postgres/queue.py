"""The queue: procrastinate's tables and functions hand each id to one worker, and know which workers live.

Only its SQL is used, by the functions that its own worker calls (their names carry their version). Its Python worker
ends when the database goes away, and takes three statements more for a job.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress

from facemask.service.errors import ProblemError
from facemask.service.jobs.postgres.repository import Claim, Ledger
from facemask.service.jobs.postgres.sweeper import MISSED_HEARTBEATS

_log = logging.getLogger("facemask.service")

# Where procrastinate tells that a job has come into our queue.
CHANNEL = "procrastinate_queue_v1#facemask"
# News wake a worker; asking now and then is for those that got lost.
_POLL_SECONDS = 5.0
_RETRY_SECONDS = 0.5
# When a question got no answer the database may have claimed a job for nobody, up to when the line came back. Beats
# then come quickly until such a claim has grown old enough to be told.
_WATCHFUL_SECONDS = 1.0
_WATCHFUL_BEATS = 12
# Workers that died are forgotten when they are missed for so much longer than it takes to call them lost.
_FORGOTTEN = 10


class Queue:
    """The worker's end of the queue. `begin` is called with each claim, while one of `hands` is held for it; `found` at
    each heartbeat with the claims that the worker has had for some seconds, as the database knows them.
    """

    def __init__(
        self,
        ledger: Ledger,
        hands: asyncio.Semaphore,
        heartbeat: float,
        *,
        begin: Callable[[Claim], None],
        found: Callable[[list[Claim]], None],
    ) -> None:
        self._ledger = ledger
        self._hands = hands
        self._begin = begin
        self._found = found
        self._heartbeat = heartbeat
        self._news = asyncio.Event()
        self._news.set()
        self._registered = asyncio.Event()
        self._drained = False
        self._watchful = 0
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self.worker: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nobody waits there, as far as is known: the last look found nobody, and there are no news since."""
        return self._drained

    def heard(self, _: str = "") -> None:
        """A job has come into the queue, or may have."""
        self._news.set()
        self._drained = False

    def start(self) -> None:
        """Begins to say that the worker lives, and to take jobs."""
        self._tasks = [asyncio.create_task(self._beat_forever()), asyncio.create_task(self._take_forever())]

    def stop_taking(self) -> None:
        """What has begun goes on; nothing new is taken."""
        self._stopping = True
        self._news.set()

    async def goodbye(self) -> None:
        """The worker is gone; what it has not given back is lost to it."""
        await ended(self._tasks)
        if self.worker is not None:
            with suppress(ProblemError):
                await self._ledger.unregister(self.worker)
        self.worker = None

    async def _beat_forever(self) -> None:
        forget_seconds = _FORGOTTEN * MISSED_HEARTBEATS * self._heartbeat
        while True:
            seconds = self._heartbeat
            try:
                claims = None if self.worker is None else await self._ledger.beat(self.worker)
                if claims is None:
                    self.worker = await self._ledger.register(forget_seconds)
                    self._registered.set()
                    self.heard()
                else:
                    self._found(claims)
                if self._watchful:
                    self._watchful -= 1
                    seconds = min(seconds, _WATCHFUL_SECONDS)
            except ProblemError:
                self._watchful = _WATCHFUL_BEATS
                seconds = _RETRY_SECONDS
            except Exception:  # noqa: BLE001 - who does not say that he lives loses every job
                _log.exception("a worker could not say that it lives: a bug of ours")
            await asyncio.sleep(seconds)

    async def _take_forever(self) -> None:
        await self._registered.wait()
        while not self._stopping:
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._news.wait()
            await self._hands.acquire()
            claim = None
            try:
                claim = await self._next()
            except Exception:  # noqa: BLE001 - whatever it was, the queue goes on
                _log.exception("no job could be taken: a bug of ours")
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                if claim is None:
                    self._hands.release()
            if claim:
                self._begin(claim)

    async def _next(self) -> Claim | None:
        """The next job that is still wanted; None when there is none, or nobody can be asked."""
        while self.worker is not None and not self._stopping:
            self._news.clear()
            try:
                place = await self._ledger.take(self.worker)
            except ProblemError:
                self._watchful = _WATCHFUL_BEATS
                break
            if place is None:
                self._drained = not self._news.is_set()
                return None
            self.heard()
            if place.claim:
                return place.claim
        await asyncio.sleep(_RETRY_SECONDS)
        self.heard()
        return None


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels tasks until they have ended. Once is not enough: the pool forgets a cancellation that comes together with
    the connection it is waiting for.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.5)
