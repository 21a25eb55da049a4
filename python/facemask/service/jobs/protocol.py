"""The interface of a job engine, implemented in memory and in Postgres."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from facemask.service.jobs.admission import Slot
from facemask.service.jobs.job import IdempotencyKey, Snapshot, Submission, SubmissionReceipt
from facemask.service.telemetry.gauges import GaugeValues


@dataclass(frozen=True, slots=True)
class KeyedJob:
    """The job that an Idempotency-Key created, and the key with its body's digest."""

    job_id: str
    key: IdempotencyKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Counts of an engine.

    `slots` includes requests whose body is read, waiting jobs and running jobs.
    """

    slots: int
    slot_bytes: int
    pending: int
    processing: int
    waiters: int
    results: int
    result_bytes: int


@runtime_checkable  # Litestar checks what it injects
class JobEngine(Protocol):
    """Accepts submissions, runs them and stores their outcomes.

    All methods belong to the event loop and return at once unless stated otherwise. Ids are opaque text, and an
    unknown id is never an error.
    """

    def running(self) -> AbstractAsyncContextManager[None]:
        """Run the workers inside the block; leaving it drains and then stops them."""

    async def ready(self) -> None:
        """Raise `shutting_down`, or another problem, when no job would be accepted now."""

    def require_capacity(self, caller: Hashable = None, ahead: int = 0) -> None:
        """Raise the problem that `reserve` would raise behind `ahead` other requests.

        No I/O.
        """

    async def reserve(self, caller: Hashable = None) -> Slot:
        """Hold a slot for a body that `caller` is going to send.

        Raises `queue_full`, `shutting_down` and others.
        """

    async def find_key(self, key: str, owner: bytes = b"") -> KeyedJob | None:
        """Return the job of an owner's Idempotency-Key, if there is one.

        Keys of other owners are other keys.
        """

    async def submit(
        self, slot: Slot, submission: Submission, key: IdempotencyKey | None, *, defer_persist: bool = False
    ) -> SubmissionReceipt:
        """Queue a job and take over its slot, or find the job of the key.

        In the latter case the slot stays with the caller. Raises `idempotency_key_reused` when the key came with
        another body, and `shutting_down`.

        `defer_persist`: the client gets no response before the `wait` that follows returns. Until then the job may
        exist in this process only.
        """

    async def get(self, job_id: str, owner: bytes | None = None) -> Snapshot | None:
        """Return the job now, or None.

        None is for unknown, erased and expired jobs, and for those of another than the given owner.
        """

    async def wait(self, job_id: str, seconds: float, owner: bytes | None = None) -> Snapshot | None:
        """As `get`, but wait up to `seconds` for the job to end."""

    async def delete(self, job_id: str, owner: bytes | None = None) -> bool:
        """Erase the job with its input and result. Returns False where `get` returns None."""

    async def drain(self, grace_seconds: float | None = None) -> None:
        """Stop accepting jobs and return when all have ended.

        Jobs that outlive the grace, by default the settings', fail with `shutting_down` or go back into the queue.
        """

    async def load(self) -> Load:
        """Return the counts now."""

    async def gauges(self) -> GaugeValues:
        """Return the gauge values.

        It is cheaper than `load`, and no error when the database is unavailable.
        """
