"""A job engine in this process's memory: jobs are lost when it ends."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic
from uuid import uuid4

import anyio

from facemask.service.cache.memory import MemoryCache
from facemask.service.errors import retry_later
from facemask.service.jobs.admission import Admission, Slot
from facemask.service.jobs.job import (
    IdempotencyKey,
    JobStatus,
    MemoryJob,
    Outcome,
    Snapshot,
    Submission,
    SubmissionReceipt,
)
from facemask.service.jobs.outcomes import failed_outcome
from facemask.service.jobs.protocol import KeyedJob, Load
from facemask.service.jobs.result_store import ResultStore
from facemask.service.jobs.runner import Runner
from facemask.service.jobs.settings import JobSettings
from facemask.service.telemetry.gauges import GaugeValues
from facemask.service.telemetry.jobs import JobTelemetry


class MemoryJobs:
    """A `JobEngine` of dictionaries.

    It belongs to one event loop and needs no lock: state changes between awaits.
    """

    def __init__(
        self,
        settings: JobSettings,
        runner: Runner,
        cache: MemoryCache | None = None,
        telemetry: JobTelemetry | None = None,
    ) -> None:
        self._settings = settings
        self._cache = cache
        self._runner = runner
        self._telemetry = telemetry or JobTelemetry()
        self._admission = Admission(settings.workers + settings.queue_size, settings.queue_bytes)
        self._results = ResultStore(settings.ttl, settings.max_results, settings.max_result_bytes)
        self._jobs: dict[str, MemoryJob] = {}
        self._keys: dict[tuple[bytes, str], MemoryJob] = {}
        self._pending: OrderedDict[str, MemoryJob] = OrderedDict()
        self._unfinished: dict[str, MemoryJob] = {}
        self._pending_count = anyio.Semaphore(0)
        self._waiters = 0
        self._is_accepting = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the workers and the expiry timer inside the block."""
        async with anyio.create_task_group() as group:
            for _ in range(self._settings.workers):
                group.start_soon(self._run_worker)
            group.start_soon(self._run_expiry)
            self._telemetry.set_workers(self._settings.workers)
            self._is_accepting = True
            try:
                yield
            finally:
                with anyio.CancelScope(shield=True):
                    await self.drain()
                group.cancel_scope.cancel()

    async def ready(self) -> None:
        """Raise `shutting_down` once the engine accepts no more jobs."""
        self._require_accepting()

    def require_capacity(self, caller: Hashable = None, ahead: int = 0) -> None:
        """Raise `queue_full` or `shutting_down` when `reserve` would."""
        self._require_accepting()
        self._admission.require_capacity(caller, ahead)

    async def reserve(self, caller: Hashable = None) -> Slot:
        """Hold a slot for a body that `caller` is going to send.

        Raises as `require_capacity`.
        """
        self.require_capacity(caller)
        return self._admission.reserve(caller)

    async def find_key(self, key: str, owner: bytes = b"") -> KeyedJob | None:
        """Return the job of an owner's Idempotency-Key, while it is stored."""
        self._forget(self._results.expire())
        job = self._keys.get((owner, key))
        return KeyedJob(job.id, job.key) if job and job.key else None

    async def submit(
        self,
        slot: Slot,
        submission: Submission,
        key: IdempotencyKey | None,
        *,
        defer_persist: bool = False,  # noqa: ARG002 - nothing is persisted
    ) -> SubmissionReceipt:
        """Queue a job, or find the one of the key.

        No await stands between look-up and insertion, so two equal keys that arrive together create one job.
        """
        self._require_accepting()
        self._forget(self._results.expire())
        owner = submission.owner
        if key and (earlier := self._keys.get((owner, key.text))):
            if earlier.key:
                earlier.key.require_digest(key.digest)
            return SubmissionReceipt(earlier.id, replayed=True)
        job = MemoryJob(id=str(uuid4()), submission=submission, slot=slot, key=key, owner=owner)
        slot.detach()
        self._jobs[job.id] = self._unfinished[job.id] = job
        if key:
            self._keys[owner, key.text] = job
        if outcome := self._find_repeated(job.id, submission):
            self._finish(job, outcome)
            return SubmissionReceipt(job.id, finished=job.snapshot())
        self._pending[job.id] = job
        self._pending_count.release()
        return SubmissionReceipt(job.id)

    def _find_repeated(self, job_id: str, submission: Submission) -> Outcome | None:
        """Return the outcome of a repeated request, from the cache."""
        lookup = self._runner.request_lookup(job_id, submission) if self._cache else None
        hit = self._cache.find_request(lookup.request) if self._cache and lookup else None
        if self._cache is None or lookup is None or hit is None or len(hit.response.tail) > lookup.max_tail_bytes:
            return None
        self._cache.counters.exact += 1
        response = hit.response
        return Outcome(JobStatus.COMPLETED, lookup.head, response.etag, response.format, hit.digest, tail=response.tail)

    async def get(self, job_id: str, owner: bytes | None = None) -> Snapshot | None:
        """Return the job now, or None."""
        job = self._find(job_id, owner)
        return job.snapshot() if job else None

    async def wait(self, job_id: str, seconds: float, owner: bytes | None = None) -> Snapshot | None:
        """Return the job when it ends or after `seconds`.

        When too many requests wait already, it returns at once.
        """
        job = self._find(job_id, owner)
        if job is None:
            return None
        if job.outcome is None and seconds > 0 and self._waiters < self._settings.max_waiters:
            self._waiters += 1
            try:
                with anyio.move_on_after(seconds):
                    await job.ended.wait()
            finally:
                self._waiters -= 1
        return None if job.is_erased else job.snapshot()

    async def delete(self, job_id: str, owner: bytes | None = None) -> bool:
        """Erase a job.

        A running one continues until its thread ends; its result is discarded.
        """
        job = self._find(job_id, owner)
        if job is None:
            return False
        self._results.remove(job_id)
        self._forget([job])
        if self._cache and job.outcome and job.outcome.cache_digest:
            self._cache.remove(job.outcome.cache_digest)
        job.is_erased = True
        job.submission = None
        if self._pending.pop(job_id, None):
            self._unfinished.pop(job_id)
            job.slot.release()
        job.ended.set()
        return True

    async def drain(self, grace_seconds: float | None = None) -> None:
        """Stop accepting, wait for the jobs within the grace, and fail the others."""
        self._is_accepting = False
        with anyio.move_on_after(self._settings.grace_seconds if grace_seconds is None else grace_seconds):
            for job in list(self._unfinished.values()):
                await job.ended.wait()
        self._pending.clear()
        for job in list(self._unfinished.values()):
            self._finish(job, failed_outcome(job.id, "shutting_down", "the service stopped before the job was done"))

    async def load(self) -> Load:
        """Return the counts, for tests and gauges."""
        return Load(
            slots=self._admission.slots,
            slot_bytes=self._admission.bytes,
            pending=len(self._pending),
            processing=len(self._unfinished) - len(self._pending),
            waiters=self._waiters,
            results=len(self._results),
            result_bytes=self._results.bytes,
        )

    def _require_accepting(self) -> None:
        if not self._is_accepting:
            raise retry_later("shutting_down", "the service is stopping and takes no more jobs")

    async def _run_worker(self) -> None:
        while True:
            await self._pending_count.acquire()
            if not self._pending:  # the job was erased or has failed in the meantime
                continue
            _, job = self._pending.popitem(last=False)
            job.status = JobStatus.PROCESSING
            await self._run_job(job)

    async def _run_job(self, job: MemoryJob) -> None:
        carrier = job.submission.trace_context if job.submission else {}
        with self._telemetry.job_span(job.id, monotonic() - job.accepted_at, carrier) as span:
            outcome = await self._runner.run(job, span)
            with span.step("store"):
                self._finish(job, outcome)
            span.finish("job_not_found" if job.is_erased else (job.outcome or outcome).code)

    async def gauges(self) -> GaugeValues:
        """Return the gauge values."""
        return GaugeValues(in_queue=len(self._pending))

    async def _run_expiry(self) -> None:
        while True:
            await anyio.sleep(min(self._results.seconds_to_next_expiry() + 0.01, 3600.0))
            self._forget(self._results.expire())

    def _finish(self, job: MemoryJob, outcome: Outcome) -> None:
        """Store a job's outcome and wake its waiters; a second call does nothing."""
        if self._unfinished.pop(job.id, None) is None:
            return
        job.submission = None
        job.slot.release()
        if job.is_erased:
            return
        if not self._results.fits(outcome):
            outcome = failed_outcome(job.id, "result_too_large", "the result is larger than this service may keep")
        if self._cache and outcome.new_entry:
            self._cache.insert(outcome.new_entry)
        job.outcome, job.status = replace(outcome, new_entry=None), outcome.status
        self._forget(self._results.add(job, outcome))
        job.ended.set()

    def _find(self, job_id: str, owner: bytes | None) -> MemoryJob | None:
        self._forget(self._results.expire())
        job = self._jobs.get(job_id)
        return job if job and job.is_visible_to(owner) else None

    def _forget(self, jobs: list[MemoryJob]) -> None:
        for job in jobs:
            self._jobs.pop(job.id, None)
            if job.key and self._keys.get((job.owner, job.key.text)) is job:
                del self._keys[job.owner, job.key.text]
