"""The worker: run what it has claimed, and write the result; whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic
from typing import Any, Literal, TypeVar

import anyio

from facemask.service.jobs.job import Snapshot, Submission, Work
from facemask.service.jobs.policy import JobPolicy
from facemask.service.jobs.postgres.ledger import Claim, Ledger
from facemask.service.jobs.postgres.queue import Queue, ended
from facemask.service.jobs.postgres.watches import Watches
from facemask.service.jobs.runner import Runner, failed
from facemask.service.refusal import Refusal

_log = logging.getLogger("facemask.service")

_RETRY_SECONDS = 0.5
# A job that its own process has claimed at once waits so long for a hand; then others may have it.
_PATIENCE_SECONDS = 0.2
# So many of them for each hand, those that run included.
_KEPT_A_HAND = 4

T = TypeVar("T")


class Worker:
    """Performs jobs, `workers` at a time, one in each hand. `at_hand` holds submissions that this process took in
    itself: they need not be read back.
    """

    def __init__(self, ledger: Ledger, runner: Runner, watches: Watches, policy: JobPolicy) -> None:
        self._ledger = ledger
        self._runner = runner
        self._watches = watches
        self._policy = policy
        self._hands = asyncio.Semaphore(policy.workers)
        self._tasks: dict[asyncio.Task[None], Claim] = {}
        self._waiting: set[asyncio.Task[Literal[True]]] = set()
        self._running: dict[str, Work] = {}
        self._writing: set[str] = set()
        self._open = True
        self.queue = Queue(ledger, self._hands, policy.heartbeat_seconds, begin=self._begin, found=self._found)
        self.at_hand: dict[str, Submission] = {}

    def keeps(self) -> int | None:
        """The worker's number when a job that comes now may stay here and never see the queue: there are hands for it
        soon, and nobody waits in the queue.
        """
        room = self._open and self.queue.is_empty and len(self._tasks) < _KEPT_A_HAND * self._policy.workers
        return self.queue.worker if room else None

    def keep(self, job_id: str) -> None:
        """Begins a job that was stored as this worker's, as soon as a hand is free."""
        claim = Claim(job_id, 1, 0.0)
        self._spawn(claim, self._keep(claim))

    def heard(self, job_id: str) -> bool:
        """A job was erased or has ended: it need not be begun here. Whether that is news; of a job whose result is
        just being written it is not.
        """
        self.at_hand.pop(job_id, None)
        if work := self._running.get(job_id):
            work.erased = True
            work.ended.set()
        return job_id not in self._writing

    async def stop(self, grace_seconds: float) -> None:
        """Waits for running jobs; those that outlive the grace, and those that have not begun, are given back."""
        self._open = False
        for hand in self._waiting:
            hand.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=max(grace_seconds, 0.0))
            await ended(late)
        await self.queue.goodbye()

    def _spawn(self, claim: Claim, steps: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(steps)
        self._tasks[task] = claim
        task.add_done_callback(self._tasks.pop)

    def _found(self, claims: list[Claim]) -> None:
        """Jobs that are this worker's in the database, and for a while. Those it knows nothing of are put into the
        queue: the line broke between a claim and its confirmation.
        """
        known = {(claim.id, claim.attempt) for claim in self._tasks.values()}
        for claim in claims:
            if (claim.id, claim.attempt) not in known:
                self._spawn(claim, self._give_back(claim))

    async def _keep(self, claim: Claim) -> None:
        since = monotonic()
        if await self._hand_free():
            await self._perform(claim, since)
        else:
            await self._give_back(claim)

    async def _hand_free(self) -> bool:
        """Waits for a hand, but not for long."""
        waiting = asyncio.ensure_future(self._hands.acquire())
        self._waiting.add(waiting)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await waiting
        except (TimeoutError, asyncio.CancelledError):
            return False
        finally:
            self._waiting.discard(waiting)

    def _begin(self, claim: Claim) -> None:
        """A job from the queue; a hand is held for it."""
        self._spawn(claim, self._perform(claim, monotonic()))

    async def _perform(self, claim: Claim, since: float) -> None:
        """One job from claim to result; then its hand is free. Never raises."""
        try:
            submission = self.at_hand.pop(claim.id, None)
            if submission is None:
                submission = await _insist(lambda: self._ledger.input(claim.id))
            if submission:
                work = Work(id=claim.id, submission=submission, accepted=since - claim.age)
                self._running[claim.id] = work
                await self._run(work, claim)
        except asyncio.CancelledError:
            await self._give_back(claim)
        finally:
            self._running.pop(claim.id, None)
            self._writing.discard(claim.id)
            self._hands.release()

    async def _run(self, work: Work, claim: Claim) -> None:
        outcome = await self._runner.run(work)
        if outcome.size > self._policy.max_result_bytes:
            outcome = failed(work.id, "result_too_large", "the result is larger than this service may keep")
        self._writing.add(work.id)
        # It is there, and would only have to be made again.
        if await _insist(lambda: self._ledger.finish(claim, outcome)):
            self._watches.end(work.id, Snapshot(work.id, outcome.status, outcome))
        else:
            _log.info("the result of job %s is not wanted any more", work.id)
            self._watches.end(work.id)

    async def _give_back(self, claim: Claim) -> None:
        """Puts a job into the queue. A worker that is being stopped does not wait for a database that is away: it says
        goodbye, or is missed in a while, and the job is looked for then.
        """
        while True:
            try:
                return await self._ledger.release(claim)
            except Refusal:
                if not self._open:
                    return _log.warning("job %s could not be given back; it will be missed in a while", claim.id)
            await anyio.sleep(_RETRY_SECONDS)


async def _insist(ask: Callable[[], Awaitable[T]]) -> T:
    """An answer of the database, as soon as there is one."""
    while True:
        try:
            return await ask()
        except Refusal:
            await anyio.sleep(_RETRY_SECONDS)
