"""Jobs kept in this process: gone when it ends."""

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
from facemask.service.jobs.job import Job, Key, Outcome, Snapshot, Status, Submission, Ticket
from facemask.service.jobs.protocol import KnownKey, Load
from facemask.service.jobs.result_store import Shelf
from facemask.service.jobs.runner import Runner, failed
from facemask.service.jobs.settings import JobSettings
from facemask.service.telemetry.gauges import Readings
from facemask.service.telemetry.jobs import JobTelemetry


class MemoryJobs:
    """A `JobEngine` of dictionaries. Everything happens on one event loop, so no lock is needed: between two
    awaits nobody else looks.
    """

    def __init__(
        self,
        policy: JobSettings,
        runner: Runner,
        cache: MemoryCache | None = None,
        telemetry: JobTelemetry | None = None,
    ) -> None:
        self._policy = policy
        self._cache = cache
        self._runner = runner
        self._telemetry = telemetry or JobTelemetry()
        self._admission = Admission(policy.workers + policy.queue_size, policy.queue_bytes)
        self._shelf = Shelf(policy.ttl, policy.max_results, policy.max_result_bytes)
        self._jobs: dict[str, Job] = {}
        self._keys: dict[tuple[bytes, str], Job] = {}
        self._pending: OrderedDict[str, Job] = OrderedDict()
        self._live: dict[str, Job] = {}
        self._work = anyio.Semaphore(0)
        self._waiters = 0
        self._open = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Workers and the expiry timer run inside the block."""
        async with anyio.create_task_group() as group:
            for _ in range(self._policy.workers):
                group.start_soon(self._work_forever)
            group.start_soon(self._expire_forever)
            self._telemetry.staffed(self._policy.workers)
            self._open = True
            try:
                yield
            finally:
                with anyio.CancelScope(shield=True):
                    await self.drain()
                group.cancel_scope.cancel()

    async def ready(self) -> None:
        """Raises `shutting_down` once intake has stopped."""
        self._require_open()

    def require_room(self, caller: Hashable = None, ahead: int = 0) -> None:
        """Raises `queue_full` or `shutting_down` when `reserve` would."""
        self._require_open()
        self._admission.require_room(caller, ahead)

    async def reserve(self, caller: Hashable = None) -> Slot:
        """A slot for a body that `caller` is going to send."""
        self.require_room(caller)
        return self._admission.reserve(caller)

    async def known(self, key: str, owner: bytes = b"") -> KnownKey | None:
        """The job that an owner's `key` made, while it is kept."""
        self._forget(self._shelf.expire())
        job = self._keys.get((owner, key))
        return KnownKey(job.id, job.key) if job and job.key else None

    async def submit(
        self,
        slot: Slot,
        submission: Submission,
        key: Key | None,
        *,
        patient: bool = False,  # noqa: ARG002 - there is nothing to put off
    ) -> Ticket:
        """Queues a job, or finds the one its key made. No await between look-up and entry: two equal keys
        that arrive together make one job.
        """
        self._require_open()
        self._forget(self._shelf.expire())
        owner = submission.owner
        if key and (earlier := self._keys.get((owner, key.text))):
            if earlier.key:
                earlier.key.require(key.digest)
            return Ticket(earlier.id, replayed=True)
        job = Job(id=str(uuid4()), submission=submission, slot=slot, key=key, owner=owner)
        slot.detach()
        self._jobs[job.id] = self._live[job.id] = job
        if key:
            self._keys[owner, key.text] = job
        if outcome := self._repeated(job.id, submission):
            self._end(job, outcome)
            return Ticket(job.id, ended=job.snapshot())
        self._pending[job.id] = job
        self._work.release()
        return Ticket(job.id)

    def _repeated(self, job_id: str, submission: Submission) -> Outcome | None:
        """The answer to a submission that was sent before, byte by byte."""
        repeat = self._runner.repeat(job_id, submission) if self._cache else None
        found = self._cache.repeated(repeat.request) if self._cache and repeat else None
        if self._cache is None or repeat is None or found is None or len(found.made.tail) > repeat.most:
            return None
        self._cache.counters.exact += 1
        made = found.made
        return Outcome(Status.COMPLETED, repeat.head, made.etag, made.format, found.digest, tail=made.tail)

    async def get(self, job_id: str, owner: bytes | None = None) -> Snapshot | None:
        """The job now, or None."""
        job = self._find(job_id, owner)
        return job.snapshot() if job else None

    async def wait(self, job_id: str, seconds: float, owner: bytes | None = None) -> Snapshot | None:
        """The job when it ends or after `seconds`; at once when too many wait already."""
        job = self._find(job_id, owner)
        if job is None:
            return None
        if job.outcome is None and seconds > 0 and self._waiters < self._policy.max_waiters:
            self._waiters += 1
            try:
                with anyio.move_on_after(seconds):
                    await job.ended.wait()
            finally:
                self._waiters -= 1
        return None if job.erased else job.snapshot()

    async def delete(self, job_id: str, owner: bytes | None = None) -> bool:
        """Erases a job. One that runs goes on until its thread ends; its result is thrown away."""
        job = self._find(job_id, owner)
        if job is None:
            return False
        self._shelf.remove(job_id)
        self._forget([job])
        if self._cache and job.outcome and job.outcome.cached:
            self._cache.forget(job.outcome.cached)
        job.erased = True
        job.submission = None
        if self._pending.pop(job_id, None):
            self._live.pop(job_id)
            job.slot.release()
        job.ended.set()
        return True

    async def drain(self, grace_seconds: float | None = None) -> None:
        """Stops intake and waits for the jobs within the grace; what is left then fails."""
        self._open = False
        with anyio.move_on_after(self._policy.grace_seconds if grace_seconds is None else grace_seconds):
            for job in list(self._live.values()):
                await job.ended.wait()
        self._pending.clear()
        for job in list(self._live.values()):
            self._end(job, failed(job.id, "shutting_down", "the service stopped before the job was done"))

    async def load(self) -> Load:
        """Counts, for tests and gauges."""
        return Load(
            slots=self._admission.slots,
            slot_bytes=self._admission.bytes,
            pending=len(self._pending),
            processing=len(self._live) - len(self._pending),
            waiters=self._waiters,
            results=len(self._shelf),
            result_bytes=self._shelf.bytes,
        )

    def _require_open(self) -> None:
        if not self._open:
            raise retry_later("shutting_down", "the service is stopping and takes no more jobs")

    async def _work_forever(self) -> None:
        while True:
            await self._work.acquire()
            if not self._pending:  # the job that rang was erased or has failed meanwhile
                continue
            _, job = self._pending.popitem(last=False)
            job.status = Status.PROCESSING
            await self._work_on(job)

    async def _work_on(self, job: Job) -> None:
        carrier = job.submission.trace if job.submission else {}
        with self._telemetry.processing(job.id, monotonic() - job.accepted, carrier) as seen:
            outcome = await self._runner.run(job, seen)
            with seen.step("store"):
                self._end(job, outcome)
            seen.ended("job_not_found" if job.erased else (job.outcome or outcome).code)

    async def readings(self) -> Readings:
        """How it stands now, for gauges."""
        return Readings(in_queue=len(self._pending))

    async def _expire_forever(self) -> None:
        while True:
            await anyio.sleep(min(self._shelf.seconds_to_next_expiry() + 0.01, 3600.0))
            self._forget(self._shelf.expire())

    def _end(self, job: Job, outcome: Outcome) -> None:
        """Puts a job that has run on the shelf and wakes who waits for it; a second call does nothing."""
        if self._live.pop(job.id, None) is None:
            return
        job.submission = None
        job.slot.release()
        if job.erased:
            return
        if not self._shelf.fits(outcome):
            outcome = failed(job.id, "result_too_large", "the result is larger than this service may keep")
        if self._cache and outcome.entry:
            self._cache.insert(outcome.entry)
        job.outcome, job.status = replace(outcome, entry=None), outcome.status
        self._forget(self._shelf.add(job, outcome))
        job.ended.set()

    def _find(self, job_id: str, owner: bytes | None) -> Job | None:
        self._forget(self._shelf.expire())
        job = self._jobs.get(job_id)
        return job if job and job.is_seen_by(owner) else None

    def _forget(self, jobs: list[Job]) -> None:
        for job in jobs:
            self._jobs.pop(job.id, None)
            if job.key and self._keys.get((job.owner, job.key.text)) is job:
                del self._keys[job.owner, job.key.text]
