"""A `JobEngine` in Postgres. The page to read first of this room; the steps of a job are in `ledger.py`."""

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
from facemask.service.jobs.job import Key, Snapshot, Submission, Ticket
from facemask.service.jobs.postgres.queue import CHANNEL as QUEUE_CHANNEL
from facemask.service.jobs.postgres.readiness import Readiness
from facemask.service.jobs.postgres.repository import CHANNEL, Ledger
from facemask.service.jobs.postgres.sweeper import Sweeper
from facemask.service.jobs.postgres.waiters import Watches
from facemask.service.jobs.postgres.worker import Worker
from facemask.service.jobs.protocol import KnownKey, Load
from facemask.service.jobs.runner import Runner
from facemask.service.jobs.settings import JobSettings
from facemask.service.telemetry.gauges import Readings
from facemask.service.telemetry.jobs import JobTelemetry

_log = logging.getLogger("facemask.service")

# What is kept is counted more rarely than the jobs are looked after: counting a hundred thousand rows takes its time.
_BOUNDS_ROUNDS = 6


class PostgresJobs:
    """Submissions go into tables, ids into the queue; any process's worker takes them from there. `work=False`
    takes jobs in and leaves the work to others.
    """

    def __init__(
        self,
        policy: JobSettings,
        runner: Runner,
        database: Database,
        *,
        cache: PostgresCache | None = None,
        work: bool = True,
        telemetry: JobTelemetry | None = None,
    ) -> None:
        self._policy = policy
        self._telemetry = telemetry or JobTelemetry()
        self._database = database
        self._cache = cache
        self._admission = Admission(policy.workers + policy.queue_size, policy.queue_bytes)
        self._watches = Watches()
        self._runner = runner
        self._ledger = Ledger(database, policy.ttl, cache)
        self._readiness = Readiness(self._ledger, database.writability)
        self._sweeper = Sweeper(database, policy, self._telemetry)
        self._worker = Worker(self._ledger, runner, self._watches, policy, self._telemetry) if work else None
        self._open = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Pool, listener, sweeper and worker live inside the block."""
        async with self._database.opened(), anyio.create_task_group() as group:
            channels: dict[str, Callable[[str], None]] = {CHANNEL: self._heard}
            if self._worker:
                channels[QUEUE_CHANNEL] = self._worker.queue.heard
                self._worker.queue.start()
            group.start_soon(listen, self._database, channels, self._catch_up)
            group.start_soon(self._sweep_forever)
            self._telemetry.staffed(self._policy.workers if self._worker else 0)
            self._open = True
            try:
                yield
            finally:
                with anyio.CancelScope(shield=True):
                    await self.drain()
                group.cancel_scope.cancel()

    async def ready(self) -> None:
        """Raises `shutting_down` once intake has stopped, `database_unavailable` while there is no database, and
        `database_not_writable` while it stores nothing.
        """
        self._require_open()
        await self._readiness.require()

    def require_room(self, caller: Hashable = None, ahead: int = 0) -> None:
        """Raises `queue_full`, `shutting_down` or `database_unavailable` when `reserve` would."""
        self._require_open()
        self._database.require_near()
        self._database.writability.require()
        self._admission.require_room(caller, ahead)

    async def reserve(self, caller: Hashable = None) -> Slot:
        """A slot among those of the jobs that this process has taken in and that have not ended."""
        self.require_room(caller)
        return self._admission.reserve(caller)

    async def known(self, key: str, owner: bytes = b"") -> KnownKey | None:
        """The job that an owner's `key` made, while it is kept."""
        return await self._ledger.known(key, owner)

    async def submit(self, slot: Slot, submission: Submission, key: Key | None, *, patient: bool = False) -> Ticket:
        """Stores a job, or keeps it in hand until its client has to be told. Its news may be heard before the call has
        returned, so it is watched first.
        """
        self._require_open()
        job_id = str(uuid4())
        self._watches.take_in(job_id, slot, submission.owner)
        worker = self._worker.keeps() if self._worker else None
        if self._worker:
            self._worker.at_hand[job_id] = submission
        late = patient and key is None and worker is not None
        repeat = self._runner.repeat(job_id, submission)
        stored = None
        try:
            if late:
                stored = await self._ledger.repeated(job_id, submission.owner, repeat)
            else:
                stored = await self._ledger.insert(job_id, submission, key, worker=worker, repeat=repeat)
        finally:
            if stored is None or stored.earlier:  # should it be there all the same, a heartbeat or a sweep finds it
                self._at_hand_no_more(job_id)
                self._watches.drop(job_id)
                slot.release()
        if stored.earlier:
            return Ticket(stored.earlier, replayed=True)
        if stored.outcome:
            self._at_hand_no_more(job_id)
            ended = Snapshot(job_id, stored.outcome.status, stored.outcome)
            self._watches.end(job_id, ended)
            return Ticket(job_id, ended=ended)
        if not late:
            self._watches.stored(job_id)
        if self._worker and worker is None:
            self._worker.queue.heard()
        if self._worker and worker is not None:
            self._worker.keep(job_id, submission if late else None)
        return Ticket(job_id)

    def _at_hand_no_more(self, job_id: str) -> None:
        if self._worker:
            self._worker.at_hand.pop(job_id, None)

    async def get(self, job_id: str, owner: bytes | None = None) -> Snapshot | None:
        """The job now, or None."""
        return await self._ledger.get(job_id, owner) if _is_id(job_id) else None

    async def wait(self, job_id: str, seconds: float, owner: bytes | None = None) -> Snapshot | None:
        """The job when it ends or after `seconds`; at once when too many wait already."""
        if not _is_id(job_id):
            return None
        patient = seconds > 0 and self._watches.waiters < self._policy.max_waiters and self._open
        if not patient:
            await self._store(job_id)
            return await self._ledger.get(job_id, owner)
        with self._watches.waiting(job_id) as watch:
            # What this process took in itself has not ended as long as it is watched.
            if watch.slot:
                if owner not in (None, watch.owner):
                    return None
            else:
                snapshot = await self._ledger.get(job_id, owner)
                if snapshot is None or snapshot.outcome:
                    return snapshot
            with anyio.move_on_after(seconds):
                await watch.ended.wait()
            if watch.problem:
                raise watch.problem
            if not watch.ended.is_set():
                await self._store(job_id)
            async with watch.lock:
                if watch.snapshot is None:
                    snapshot = await self._ledger.get(job_id, owner)
                    if snapshot is None:  # erased, or its process had to end before it could be stored
                        self._require_open()
                    watch.snapshot = snapshot if watch.ended.is_set() else None
                    return snapshot
            return watch.snapshot

    async def _store(self, job_id: str) -> None:
        """A client is about to be told of a job: then it has to be in the database."""
        if self._worker:
            await self._worker.store(job_id)

    async def delete(self, job_id: str, owner: bytes | None = None) -> bool:
        """Erases a job. One that runs goes on until its thread ends; its result is thrown away."""
        if not _is_id(job_id) or not await self._ledger.delete(job_id, owner):
            return False
        self._heard(job_id)
        return True

    async def drain(self, grace_seconds: float | None = None) -> None:
        """Stops intake and fetching and lets running jobs finish within the grace. Those that outlive it go back
        into the queue, where the others still are: another worker, or the next start, does them.
        """
        self._open = False
        grace = self._policy.grace_seconds if grace_seconds is None else grace_seconds
        if self._worker:
            self._worker.queue.stop_taking()
            await self._worker.stop(grace)
        self._watches.wake_all()

    async def load(self) -> Load:
        """Counts, for tests and gauges; jobs and results are those of all processes."""
        pending, processing, results, result_bytes = await self._ledger.load()
        return Load(
            slots=self._admission.slots,
            slot_bytes=self._admission.bytes,
            pending=pending,
            processing=processing + (self._worker.unstored if self._worker else 0),
            waiters=self._watches.waiters,
            results=results,
            result_bytes=result_bytes,
        )

    async def readings(self) -> Readings:
        """How it stands now, for gauges: the queue is that of all processes, the pool this one's."""
        try:
            self._database.require_near()
            in_queue = await self._ledger.backlog()
        except ProblemError:
            in_queue = None
        return Readings(in_queue=in_queue, pool=self._database.readings())

    def _require_open(self) -> None:
        if not self._open:
            raise retry_later("shutting_down", "the service is stopping and takes no more jobs")

    def _heard(self, job_id: str) -> None:
        """News of a job: it has ended or is erased. Of one's own work the news is old."""
        if not self._worker or self._worker.heard(job_id):
            self._watches.end(job_id)

    async def _catch_up(self) -> None:
        """The line for news stands anew: what was said before has been missed."""
        if self._worker:
            self._worker.queue.heard()
        with suppress(ProblemError):  # the next sweep asks again
            await self._ask_for_news()

    async def _ask_for_news(self) -> None:
        """A job whose news was lost would hold its slot and its waiters for ever."""
        if ids := self._watches.ids:
            for job_id in await self._ledger.ended(ids):
                self._heard(job_id)

    async def _sweep_forever(self) -> None:
        for round_number in count():
            try:
                await self._ask_for_news()
                await self._sweeper.sweep()
                if round_number % _BOUNDS_ROUNDS == 0:
                    await self._sweeper.bound()
                    if self._cache:
                        await self._cache.sweep()
            except ProblemError:
                _log.debug("no sweep: the database does not answer")
            except Exception:  # noqa: BLE001 - the next sweep may go well
                _log.exception("a sweep failed: a bug of ours")
            await anyio.sleep(self._policy.heartbeat_seconds)


def _is_id(text: str) -> bool:
    """Whether a text can be an id at all; the database would not even take others."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
