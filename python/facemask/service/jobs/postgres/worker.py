"""The worker: runs claimed jobs and writes their results."""

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
from facemask.service.jobs.job import Outcome, RunningJob, Snapshot, Submission
from facemask.service.jobs.outcomes import failed_outcome, internal_error_outcome
from facemask.service.jobs.postgres.queue import QueueConsumer, cancel_and_wait
from facemask.service.jobs.postgres.repository import Claim, JobRepository
from facemask.service.jobs.postgres.waiters import JobWaiters
from facemask.service.jobs.runner import Runner
from facemask.service.jobs.settings import JobSettings
from facemask.service.telemetry.jobs import JobTelemetry

_log = logging.getLogger("facemask.service")

_RETRY_SECONDS = 0.5
# A local job waits so long for a worker slot, then any worker may claim it.
_SLOT_WAIT_SECONDS = 0.2
# Most local jobs per worker slot, including running ones.
_LOCAL_JOBS_PER_SLOT = 4
# Most results per worker slot that are being written while the slot runs the next job.
_WRITES_PER_SLOT = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Unpersisted:
    """A job that exists in this process only, because no client knows it yet.

    `lock` is held while it is inserted.
    """

    submission: Submission
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Worker:
    """Runs jobs in `workers` slots.

    `local_inputs` holds the submissions that this process accepted, so that they need not be read back.
    """

    def __init__(
        self,
        repository: JobRepository,
        runner: Runner,
        waiters: JobWaiters,
        settings: JobSettings,
        telemetry: JobTelemetry,
    ) -> None:
        self._repository = repository
        self._telemetry = telemetry
        self._runner = runner
        self._waiters = waiters
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.workers)
        self._tasks: dict[asyncio.Task[None], Claim] = {}
        self._slot_waits: set[asyncio.Task[Literal[True]]] = set()
        self._unpersisted: dict[str, Unpersisted] = {}
        self._running: dict[str, RunningJob] = {}
        self._in_slot: set[str] = set()
        self._writing: set[str] = set()
        self._is_open = True
        self.queue = QueueConsumer(
            repository,
            self._slots,
            settings.heartbeat_seconds,
            on_claim=self._start,
            on_heartbeat=self._release_unknown_claims,
        )
        self.local_inputs: dict[str, Submission] = {}

    def local_worker_id(self) -> int | None:
        """Return the worker's number when a job may run here without the queue.

        That is when slots will soon be free and no other job waits in the queue.
        """
        limit = _LOCAL_JOBS_PER_SLOT * self._settings.workers
        can_run_locally = self._is_open and self.queue.is_empty and len(self._tasks) < limit
        return self.queue.worker_id if can_run_locally else None

    def run_locally(self, job_id: str, unpersisted: Submission | None = None) -> None:
        """Start a job that this worker has claimed, as soon as a slot is free.

        The database does not know a job that is `unpersisted`: its client gets no response before the end. It is
        inserted with its result, or earlier when it leaves this process or its client has waited long enough.
        """
        if unpersisted:
            self._unpersisted[job_id] = Unpersisted(unpersisted)
        claim = Claim(job_id, 1, 0.0)
        self._spawn(claim, self._run_local(claim))

    @property
    def unpersisted_count(self) -> int:
        """Jobs that exist in this process only."""
        return len(self._unpersisted)

    async def persist(self, job_id: str) -> None:
        """Insert a job before its client gets a response.

        Does nothing where the database has it.
        """
        await self._persist(job_id, self.queue.worker_id)

    async def _persist(self, job_id: str, worker_id: int | None) -> bool:
        """Return whether the job was inserted by this call."""
        unpersisted = self._unpersisted.get(job_id)
        if unpersisted is None:
            return False
        async with unpersisted.lock:
            if job_id not in self._unpersisted:
                return False
            await self._repository.insert(job_id, unpersisted.submission, None, worker=worker_id)
            self._waiters.mark_persisted(job_id)
            del self._unpersisted[job_id]
        return True

    def on_notification(self, job_id: str) -> bool:
        """Stop a job that was erased or has ended.

        Returns False for a job whose result is being written: its waiters are woken by the write.
        """
        self.local_inputs.pop(job_id, None)
        if job := self._running.get(job_id):
            job.is_erased = True
            job.ended.set()
        return job_id not in self._writing

    async def stop(self, grace_seconds: float) -> None:
        """Wait for running jobs within the grace, and release all others."""
        self._is_open = False
        for slot_wait in self._slot_waits:
            slot_wait.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=max(grace_seconds, 0.0))
            await cancel_and_wait(late)
        await self.queue.unregister()

    def _spawn(self, claim: Claim, steps: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(steps)
        self._tasks[task] = claim
        task.add_done_callback(self._tasks.pop)

    def _release_unknown_claims(self, claims: list[Claim]) -> None:
        """Release claims of this worker whose confirmation was lost."""
        known = {(claim.id, claim.attempt) for claim in self._tasks.values()}
        for claim in claims:
            if (claim.id, claim.attempt) not in known:
                self._spawn(claim, self._release(claim))

    async def _run_local(self, claim: Claim) -> None:
        started = monotonic()
        if await self._acquire_slot():
            await self._run_claim(claim, started)
        else:
            await self._release(claim)

    async def _acquire_slot(self) -> bool:
        """Wait for a slot, but not for long.

        A slot that comes at the very end of the wait is taken.
        """
        slot_wait = asyncio.ensure_future(self._slots.acquire())
        self._slot_waits.add(slot_wait)
        with suppress(asyncio.CancelledError):  # the job is released, or ended by the next cancellation
            await asyncio.wait({slot_wait}, timeout=_SLOT_WAIT_SECONDS)
        self._slot_waits.discard(slot_wait)
        slot_wait.cancel()
        while not slot_wait.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({slot_wait})
        return not slot_wait.cancelled()

    def _start(self, claim: Claim) -> None:
        """Start a job from the queue; a slot is held for it."""
        self._spawn(claim, self._run_claim(claim, monotonic()))

    async def _run_claim(self, claim: Claim, started: float) -> None:
        """Run one job from claim to result, and release its slot at the latest then.

        Never raises.
        """
        self._in_slot.add(claim.id)
        try:
            submission = self.local_inputs.pop(claim.id, None)
            if submission is None:
                submission = await _retry_until_available(lambda: self._repository.load_submission(claim.id))
            if submission:
                job = RunningJob(id=claim.id, submission=submission, accepted_at=started - claim.age)
                self._running[claim.id] = job
                await self._run(job, claim)
        except asyncio.CancelledError:
            await self._release(claim)
        except Exception:  # noqa: BLE001 - the worker survives every bug
            _log.exception("job %s could not be worked on: a bug of ours", claim.id)
            await self._fail(claim)
        finally:
            self._running.pop(claim.id, None)
            self._writing.discard(claim.id)
            self._release_slot(claim.id)

    async def _fail(self, claim: Claim) -> None:
        """Fail a job that met a bug: released, it would come round forever."""
        outcome = internal_error_outcome(claim.id)
        is_written: bool | None = False
        with suppress(psycopg.Error):
            is_written = await self._write(claim, outcome)
        self._waiters.finish(claim.id, Snapshot(claim.id, outcome.status, outcome) if is_written else None)

    def _release_slot(self, job_id: str) -> None:
        """Release the job's slot; a second call does nothing."""
        if job_id in self._in_slot:
            self._in_slot.discard(job_id)
            self._slots.release()

    async def _run(self, job: RunningJob, claim: Claim) -> None:
        carrier = job.submission.trace_context if job.submission else {}
        with self._telemetry.job_span(job.id, monotonic() - job.accepted_at, carrier) as span:
            outcome = await self._runner.run(job, span)
            if outcome.size > self._settings.max_result_bytes:
                outcome = failed_outcome(job.id, "result_too_large", "the result is larger than this service may keep")
            self._writing.add(job.id)
            if len(self._writing) <= _WRITES_PER_SLOT * self._settings.workers:
                self._release_slot(job.id)  # writing takes time, but no processor
                span.release_worker()
            with span.step("store"):
                is_written = await self._write(claim, outcome)
            if is_written is not None:
                span.finish(outcome.code if is_written else "job_not_found")
        if is_written is False:
            _log.info("the result of job %s is not wanted any more", job.id)
        self._waiters.finish(job.id, Snapshot(job.id, outcome.status, outcome) if is_written else None)

    async def _write(self, claim: Claim, outcome: Outcome) -> bool | None:
        """Return whether the result was written; None when the job cannot be inserted."""
        if unpersisted := self._unpersisted.get(claim.id):
            async with unpersisted.lock:
                if self._unpersisted.pop(claim.id, None):
                    try:
                        owner = unpersisted.submission.owner
                        if await self._repository.insert_finished(claim.id, owner, outcome):
                            return True
                    except ProblemError as problem:
                        self._waiters.fail(claim.id, problem.without_traceback())
                        return None
        # The job is in the database, and a lost result would have to be traced again.
        return await _retry_until_available(lambda: self._repository.finish(claim, outcome))

    async def _release(self, claim: Claim) -> None:
        """Put a job back into the queue.

        A stopping worker does not wait for an unavailable database: it unregisters, or counts as lost after a while,
        and then a sweep requeues the job.
        """
        try:
            if await self._persist(claim.id, None):
                return
        except ProblemError as problem:
            del self._unpersisted[claim.id]
            self._waiters.fail(claim.id, problem.without_traceback())
            return
        while True:
            try:
                await self._repository.release(claim)
            except ProblemError:
                if not self._is_open:
                    _log.warning("job %s could not be given back; it will be missed in a while", claim.id)
                    return
            else:
                return
            await anyio.sleep(_RETRY_SECONDS)


async def _retry_until_available(query: Callable[[], Awaitable[T]]) -> T:
    """Return the result of a query as soon as the database is available."""
    while True:
        try:
            return await query()
        except ProblemError:
            await anyio.sleep(_RETRY_SECONDS)
