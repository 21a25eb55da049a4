"""The worker: run what it has claimed, and write the result; whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal, TypeVar

import anyio
import psycopg

from facemask.service.errors import ProblemError
from facemask.service.jobs.job import Outcome, Snapshot, Submission, Work
from facemask.service.jobs.postgres.queue import Queue, ended
from facemask.service.jobs.postgres.repository import Claim, Ledger
from facemask.service.jobs.postgres.waiters import Watches
from facemask.service.jobs.runner import Runner, broken, failed
from facemask.service.jobs.settings import JobSettings
from facemask.service.telemetry.jobs import JobTelemetry

_log = logging.getLogger("facemask.service")

_RETRY_SECONDS = 0.5
# A job that its own process has claimed at once waits so long for a hand; then others may have it.
_PATIENCE_SECONDS = 0.2
# So many of them for each hand, those that run included.
_KEPT_A_HAND = 4
# So many results for each hand may be on their way to the disk while the hand has begun the next job.
_WRITING_A_HAND = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Unstored:
    """A job that nobody was told of yet, so that the database need not know it either; `lock` while it is stored."""

    submission: Submission
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Worker:
    """Performs jobs, `workers` at a time, one in each hand. `at_hand` holds submissions that this process took in
    itself: they need not be read back.
    """

    def __init__(
        self, ledger: Ledger, runner: Runner, watches: Watches, policy: JobSettings, telemetry: JobTelemetry
    ) -> None:
        self._ledger = ledger
        self._telemetry = telemetry
        self._runner = runner
        self._watches = watches
        self._policy = policy
        self._hands = asyncio.Semaphore(policy.workers)
        self._tasks: dict[asyncio.Task[None], Claim] = {}
        self._waiting: set[asyncio.Task[Literal[True]]] = set()
        self._unstored: dict[str, _Unstored] = {}
        self._running: dict[str, Work] = {}
        self._in_hand: set[str] = set()
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

    def keep(self, job_id: str, unstored: Submission | None = None) -> None:
        """Begins a job that is this worker's as soon as a hand is free. One that is `unstored` the database does not
        know: its client waits for the end and is told nothing before. It is stored with its result, or earlier when it
        goes out of hand or its client has waited long enough.
        """
        if unstored:
            self._unstored[job_id] = _Unstored(unstored)
        claim = Claim(job_id, 1, 0.0)
        self._spawn(claim, self._keep(claim))

    @property
    def unstored(self) -> int:
        """Jobs that only this process knows."""
        return len(self._unstored)

    async def store(self, job_id: str) -> None:
        """The database gets to know a job, because its client will. Nothing happens to one that it knows."""
        await self._store(job_id, self.queue.worker)

    async def _store(self, job_id: str, worker: int | None) -> bool:
        """Whether the job was not stored before."""
        unstored = self._unstored.get(job_id)
        if unstored is None:
            return False
        async with unstored.lock:
            if job_id not in self._unstored:
                return False
            await self._ledger.insert(job_id, unstored.submission, None, worker=worker)
            self._watches.stored(job_id)
            del self._unstored[job_id]
        return True

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
        """Waits for a hand, but not for long. One that comes in the very moment in which patience ends is taken."""
        hand = asyncio.ensure_future(self._hands.acquire())
        self._waiting.add(hand)
        with suppress(asyncio.CancelledError):  # the job is given back, or ended by the next cancellation
            await asyncio.wait({hand}, timeout=_PATIENCE_SECONDS)
        self._waiting.discard(hand)
        hand.cancel()
        while not hand.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({hand})
        return not hand.cancelled()

    def _begin(self, claim: Claim) -> None:
        """A job from the queue; a hand is held for it."""
        self._spawn(claim, self._perform(claim, monotonic()))

    async def _perform(self, claim: Claim, since: float) -> None:
        """One job from claim to result; then its hand is free, if not before. Never raises."""
        self._in_hand.add(claim.id)
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
        except Exception:  # noqa: BLE001 - the worker survives every bug
            _log.exception("job %s could not be worked on: a bug of ours", claim.id)
            await self._fail(claim)
        finally:
            self._running.pop(claim.id, None)
            self._writing.discard(claim.id)
            self._free_hand(claim.id)

    async def _fail(self, claim: Claim) -> None:
        """Ends a job that cannot be worked on: given back it would come round for ever."""
        outcome = broken(claim.id)
        written: bool | None = False
        with suppress(psycopg.Error):
            written = await self._write(claim, outcome)
        self._watches.end(claim.id, Snapshot(claim.id, outcome.status, outcome) if written else None)

    def _free_hand(self, job_id: str) -> None:
        """The next job may begin; a second call does nothing."""
        if job_id in self._in_hand:
            self._in_hand.discard(job_id)
            self._hands.release()

    async def _run(self, work: Work, claim: Claim) -> None:
        carrier = work.submission.trace if work.submission else {}
        with self._telemetry.processing(work.id, monotonic() - work.accepted, carrier) as seen:
            outcome = await self._runner.run(work, seen)
            if outcome.size > self._policy.max_result_bytes:
                outcome = failed(work.id, "result_too_large", "the result is larger than this service may keep")
            self._writing.add(work.id)
            if len(self._writing) <= _WRITING_A_HAND * self._policy.workers:
                self._free_hand(work.id)  # the disk is slow, and needs no processor
                seen.freed()
            with seen.step("store"):
                written = await self._write(claim, outcome)
            if written is not None:
                seen.ended(outcome.code if written else "job_not_found")
        if written is False:
            _log.info("the result of job %s is not wanted any more", work.id)
        self._watches.end(work.id, Snapshot(work.id, outcome.status, outcome) if written else None)

    async def _write(self, claim: Claim, outcome: Outcome) -> bool | None:
        """Whether the result was written; None when the job was never stored and cannot be."""
        if unstored := self._unstored.get(claim.id):
            async with unstored.lock:
                if self._unstored.pop(claim.id, None):
                    try:
                        if await self._ledger.born(claim.id, unstored.submission.owner, outcome):
                            return True
                    except ProblemError as problem:
                        self._watches.refuse(claim.id, problem.without_traceback())
                        return None
        # It is there, and would only have to be made again.
        return await _insist(lambda: self._ledger.finish(claim, outcome))

    async def _give_back(self, claim: Claim) -> None:
        """Puts a job into the queue. A worker that is being stopped does not wait for a database that is away: it says
        goodbye, or is missed in a while, and the job is looked for then.
        """
        try:
            if await self._store(claim.id, None):
                return
        except ProblemError as problem:
            del self._unstored[claim.id]
            self._watches.refuse(claim.id, problem.without_traceback())
            return
        while True:
            try:
                await self._ledger.release(claim)
            except ProblemError:
                if not self._open:
                    _log.warning("job %s could not be given back; it will be missed in a while", claim.id)
                    return
            else:
                return
            await anyio.sleep(_RETRY_SECONDS)


async def _insist(ask: Callable[[], Awaitable[T]]) -> T:
    """An answer of the database, as soon as there is one."""
    while True:
        try:
            return await ask()
        except ProblemError:
            await anyio.sleep(_RETRY_SECONDS)
