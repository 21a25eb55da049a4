"""The worker: claim, run, write; whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic

import anyio

from facemask.service.jobs.job import Outcome, Snapshot, Submission, Work
from facemask.service.jobs.policy import JobPolicy
from facemask.service.jobs.postgres.ledger import Claim, Ledger
from facemask.service.jobs.postgres.watches import Watches
from facemask.service.jobs.runner import Runner, failed
from facemask.service.refusal import Refusal
from facemask.service.telemetry.jobs import JobTelemetry

_log = logging.getLogger("facemask.service")

_RETRY_SECONDS = 0.5


class Worker:
    """Performs jobs. `at_hand` holds submissions that this process took in itself: they need not be read back."""

    def __init__(
        self, ledger: Ledger, runner: Runner, watches: Watches, policy: JobPolicy, telemetry: JobTelemetry
    ) -> None:
        self._ledger = ledger
        self._telemetry = telemetry
        self._runner = runner
        self._watches = watches
        self._policy = policy
        self._running: dict[str, tuple[Work, asyncio.Task[None]]] = {}
        self._writing: set[str] = set()
        self._idle = anyio.Event()
        self._idle.set()
        self.at_hand: dict[str, Submission] = {}

    async def perform(self, job_id: str, queue_id: int) -> None:
        """One job from claim to result. Never raises; a job that could not be claimed or read is left to the
        sweeper.
        """
        submission = self.at_hand.pop(job_id, None)
        try:
            claim = await self._ledger.claim(job_id, queue_id)
            submission = (submission or await self._ledger.input(job_id)) if claim else None
        except Refusal as refusal:
            _log.warning("job %s could not be claimed: %s", job_id, refusal.detail)
            return
        if claim is None or submission is None:
            return
        work = Work(id=job_id, submission=submission, accepted=monotonic() - claim.age)
        task = asyncio.create_task(self._run(work, claim))
        self._running[job_id] = (work, task)
        self._idle = anyio.Event() if self._idle.is_set() else self._idle
        try:
            await asyncio.wait([task])
        finally:
            del self._running[job_id]
            if not self._running:
                self._idle.set()

    def heard(self, job_id: str) -> bool:
        """A job was erased or has ended: it need not be begun here. Whether that is news; of a job whose result is
        just being written it is not.
        """
        self.at_hand.pop(job_id, None)
        if job_id not in self._running:
            return True
        work, _ = self._running[job_id]
        work.erased = True
        work.ended.set()
        return job_id not in self._writing

    async def stop(self, grace_seconds: float) -> None:
        """Waits for running jobs; those that outlive the grace are given back."""
        with anyio.move_on_after(grace_seconds):
            await self._idle.wait()
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, work: Work, claim: Claim) -> None:
        carrier = work.submission.trace if work.submission else {}
        try:
            with self._telemetry.processing(work.id, monotonic() - work.accepted, carrier) as seen:
                outcome = await self._runner.run(work, seen)
                if outcome.size > self._policy.max_result_bytes:
                    outcome = failed(work.id, "result_too_large", "the result is larger than this service may keep")
                self._writing.add(work.id)
                with seen.step("store"):
                    written = await self._write(claim, outcome)
                seen.ended(outcome.code if written else "job_not_found")
            if written:
                self._watches.end(work.id, Snapshot(work.id, outcome.status, outcome))
            else:
                _log.info("the result of job %s is not wanted any more", work.id)
                self._watches.end(work.id)
        except asyncio.CancelledError:
            await self._give_back(claim)
        finally:
            self._writing.discard(work.id)

    async def _write(self, claim: Claim, outcome: Outcome) -> bool:
        """Writes the result, as soon as there is a database: it is there, and would only have to be made again."""
        while True:
            try:
                return await self._ledger.finish(claim, outcome)
            except Refusal:
                await anyio.sleep(_RETRY_SECONDS)

    async def _give_back(self, claim: Claim) -> None:
        try:
            await self._ledger.release(claim)
        except Refusal:
            _log.warning("job %s could not be given back; it will be missed in a while", claim.id)
