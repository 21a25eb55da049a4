"""A `JobEngine` in Postgres.

Read this module first; the transitions of a job are in `repository.py`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from itertools import count
from uuid import UUID, uuid4

import anyio

from facemask.service.cache.postgres import PostgresCache
from facemask.service.database.listener import listen
from facemask.service.database.pool import Database
from facemask.service.errors import ProblemError, retry_later
from facemask.service.jobs.admission import Admission, Slot
from facemask.service.jobs.job import IdempotencyKey, Snapshot, Submission, SubmissionReceipt
from facemask.service.jobs.postgres.queue import CHANNEL as QUEUE_CHANNEL
from facemask.service.jobs.postgres.readiness import Readiness
from facemask.service.jobs.postgres.repository import CHANNEL, JobRepository
from facemask.service.jobs.postgres.sweeper import Sweeper
from facemask.service.jobs.postgres.waiters import JobWaiters
from facemask.service.jobs.postgres.worker import Worker
from facemask.service.jobs.protocol import KeyedJob, Load
from facemask.service.jobs.runner import Runner
from facemask.service.jobs.settings import JobSettings
from facemask.service.telemetry.gauges import GaugeValues
from facemask.service.telemetry.jobs import JobTelemetry

_log = logging.getLogger("facemask.service")

# Results are counted in every sixth sweep only: counting a hundred thousand rows takes time.
_SWEEPS_PER_EVICTION = 6


class PostgresJobs:
    """Inserts submissions, and queues their ids for the workers of any process.

    `work=False` accepts jobs and leaves the work to other processes.
    """

    def __init__(
        self,
        settings: JobSettings,
        runner: Runner,
        database: Database,
        *,
        cache: PostgresCache | None = None,
        work: bool = True,
        telemetry: JobTelemetry | None = None,
    ) -> None:
        self._settings = settings
        self._telemetry = telemetry or JobTelemetry()
        self._database = database
        self._cache = cache
        self._admission = Admission(settings.workers + settings.queue_size, settings.queue_bytes)
        self._waiters = JobWaiters()
        self._runner = runner
        self._repository = JobRepository(database, settings.ttl, cache)
        self._readiness = Readiness(self._repository, database.writability)
        self._sweeper = Sweeper(database, settings, self._telemetry)
        self._worker = Worker(self._repository, runner, self._waiters, settings, self._telemetry) if work else None
        self._is_accepting = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run pool, listener, sweeper and worker inside the block."""
        async with self._database.opened(), anyio.create_task_group() as group:
            channels: dict[str, Callable[[str], None]] = {CHANNEL: self._on_notification}
            if self._worker:
                channels[QUEUE_CHANNEL] = self._worker.queue.on_notification
                self._worker.queue.start()
            group.start_soon(listen, self._database, channels, self._on_listening)
            group.start_soon(self._run_sweeps)
            self._telemetry.set_workers(self._settings.workers if self._worker else 0)
            self._is_accepting = True
            try:
                yield
            finally:
                with anyio.CancelScope(shield=True):
                    await self.drain()
                group.cancel_scope.cancel()

    async def ready(self) -> None:
        """Raise `shutting_down`, `database_unavailable` or `database_not_writable`."""
        self._require_accepting()
        await self._readiness.raise_if_not_ready()

    def require_capacity(self, caller: Hashable = None, ahead: int = 0) -> None:
        """Raise the problem that `reserve` would raise."""
        self._require_accepting()
        self._database.raise_if_down()
        self._database.writability.raise_if_failing()
        self._admission.require_capacity(caller, ahead)

    async def reserve(self, caller: Hashable = None) -> Slot:
        """Hold a slot among those of the unfinished jobs that this process has accepted."""
        self.require_capacity(caller)
        return self._admission.reserve(caller)

    async def find_key(self, key: str, owner: bytes = b"") -> KeyedJob | None:
        """Return the job of an owner's Idempotency-Key, while it is stored."""
        return await self._repository.find_key(key, owner)

    async def submit(
        self, slot: Slot, submission: Submission, key: IdempotencyKey | None, *, defer_persist: bool = False
    ) -> SubmissionReceipt:
        """Insert a job, or run it here first with `defer_persist`.

        Its notification may arrive before the call returns, so its waiters are registered first.
        """
        self._require_accepting()
        job_id = str(uuid4())
        self._waiters.accept(job_id, slot, submission.owner)
        worker_id = self._worker.local_worker_id() if self._worker else None
        if self._worker:
            self._worker.local_inputs[job_id] = submission
        is_deferred = defer_persist and key is None and worker_id is not None
        lookup = self._runner.request_lookup(job_id, submission)
        inserted = None
        try:
            if is_deferred:
                inserted = await self._repository.insert_from_cache(job_id, submission.owner, lookup)
            else:
                inserted = await self._repository.insert(job_id, submission, key, worker=worker_id, lookup=lookup)
        finally:
            if inserted is None or inserted.existing_id:  # if inserted all the same, a heartbeat or a sweep finds it
                self._drop_local_input(job_id)
                self._waiters.discard(job_id)
                slot.release()
        if inserted.existing_id:
            return SubmissionReceipt(inserted.existing_id, replayed=True)
        if inserted.outcome:
            self._drop_local_input(job_id)
            finished = Snapshot(job_id, inserted.outcome.status, inserted.outcome)
            self._waiters.finish(job_id, finished)
            return SubmissionReceipt(job_id, finished=finished)
        if not is_deferred:
            self._waiters.mark_persisted(job_id)
        if self._worker and worker_id is None:
            self._worker.queue.on_notification()
        if self._worker and worker_id is not None:
            self._worker.run_locally(job_id, submission if is_deferred else None)
        return SubmissionReceipt(job_id)

    def _drop_local_input(self, job_id: str) -> None:
        if self._worker:
            self._worker.local_inputs.pop(job_id, None)

    async def get(self, job_id: str, owner: bytes | None = None) -> Snapshot | None:
        """Return the job now, or None."""
        return await self._repository.get(job_id, owner) if _is_id(job_id) else None

    async def wait(self, job_id: str, seconds: float, owner: bytes | None = None) -> Snapshot | None:
        """Return the job when it ends or after `seconds`.

        When too many requests wait already, it returns at once.
        """
        if not _is_id(job_id):
            return None
        can_wait = seconds > 0 and self._waiters.waiters < self._settings.max_waiters and self._is_accepting
        if not can_wait:
            await self._persist(job_id)
            return await self._repository.get(job_id, owner)
        with self._waiters.waiting(job_id) as entry:
            # A job that this process has accepted is unfinished as long as it has an entry.
            if entry.slot:
                if owner not in (None, entry.owner):
                    return None
            else:
                snapshot = await self._repository.get(job_id, owner)
                if snapshot is None or snapshot.outcome:
                    return snapshot
            with anyio.move_on_after(seconds):
                await entry.ended.wait()
            if entry.problem:
                raise entry.problem
            if not entry.ended.is_set():
                await self._persist(job_id)
            async with entry.lock:
                if entry.snapshot is None:
                    snapshot = await self._repository.get(job_id, owner)
                    if snapshot is None:  # erased, or the process stopped before it could be inserted
                        self._require_accepting()
                    entry.snapshot = snapshot if entry.ended.is_set() else None
                    return snapshot
            return entry.snapshot

    async def _persist(self, job_id: str) -> None:
        """Insert a deferred job before its client gets a response."""
        if self._worker:
            await self._worker.persist(job_id)

    async def delete(self, job_id: str, owner: bytes | None = None) -> bool:
        """Erase a job.

        A running one continues until its thread ends; its result is discarded.
        """
        if not _is_id(job_id) or not await self._repository.delete(job_id, owner):
            return False
        self._on_notification(job_id)
        return True

    async def drain(self, grace_seconds: float | None = None) -> None:
        """Stop accepting and claiming, and let running jobs finish within the grace.

        The remaining ones go back into the queue, where another worker, or the next start, claims them.
        """
        self._is_accepting = False
        grace = self._settings.grace_seconds if grace_seconds is None else grace_seconds
        if self._worker:
            self._worker.queue.stop_claiming()
            await self._worker.stop(grace)
        self._waiters.wake_all()

    async def load(self) -> Load:
        """Return the counts; jobs and results are those of all processes."""
        counts = await self._repository.count()
        return Load(
            slots=self._admission.slots,
            slot_bytes=self._admission.bytes,
            pending=counts.pending,
            processing=counts.processing + (self._worker.unpersisted_count if self._worker else 0),
            waiters=self._waiters.waiters,
            results=counts.finished,
            result_bytes=counts.finished_bytes,
        )

    async def gauges(self) -> GaugeValues:
        """Return the gauge values: the queue of all processes, the pool of this one."""
        try:
            self._database.raise_if_down()
            in_queue = await self._repository.count_pending()
        except ProblemError:
            in_queue = None
        return GaugeValues(in_queue=in_queue, pool=self._database.gauges())

    def _require_accepting(self) -> None:
        if not self._is_accepting:
            raise retry_later("shutting_down", "the service is stopping and takes no more jobs")

    def _on_notification(self, job_id: str) -> None:
        """Wake the waiters of a job that has ended or was erased.

        While this worker writes its result, the write wakes them.
        """
        if not self._worker or self._worker.on_notification(job_id):
            self._waiters.finish(job_id)

    async def _on_listening(self) -> None:
        """Query what notifications may have been missed before the listener was connected."""
        if self._worker:
            self._worker.queue.on_notification()
        with suppress(ProblemError):  # the next sweep queries again
            await self._finish_ended()

    async def _finish_ended(self) -> None:
        """Wake the waiters of ended jobs whose notifications were lost."""
        if ids := self._waiters.persisted_ids:
            for job_id in await self._repository.find_ended(ids):
                self._on_notification(job_id)

    async def _run_sweeps(self) -> None:
        for number in count():
            try:
                await self._finish_ended()
                await self._sweeper.sweep()
                if number % _SWEEPS_PER_EVICTION == 0:
                    await self._sweeper.evict()
                    if self._cache:
                        await self._cache.sweep()
            except ProblemError:
                _log.debug("no sweep: the database does not answer")
            except Exception:  # noqa: BLE001 - the next sweep may succeed
                _log.exception("a sweep failed: a bug of ours")
            await anyio.sleep(self._settings.heartbeat_seconds)


def _is_id(text: str) -> bool:
    """Return whether a text can be an id; the database raises for others."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
