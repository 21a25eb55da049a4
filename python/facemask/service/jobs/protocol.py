"""What a job engine can do: the memory engine does it now, a durable one will do the same."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from facemask.service.jobs.admission import Slot
from facemask.service.jobs.job import Key, Snapshot, Submission, Ticket
from facemask.service.telemetry.gauges import Readings


@dataclass(frozen=True, slots=True)
class KnownKey:
    """An idempotency key that has a job: the job's id and the key with its body's digest."""

    job_id: str
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How busy the engine is. `slots` counts requests being read, jobs waiting and jobs running."""

    slots: int
    slot_bytes: int
    pending: int
    processing: int
    waiters: int
    results: int
    result_bytes: int


@runtime_checkable  # Litestar checks what it injects
class JobEngine(Protocol):
    """Takes submissions, runs them, keeps the answers. All methods belong to the event loop and return at
    once unless they say otherwise; ids are opaque text and an unknown one is never an error.
    """

    def running(self) -> AbstractAsyncContextManager[None]:
        """The engine's life: workers run inside the block; leaving it drains, then stops them."""

    async def ready(self) -> None:
        """Raises `shutting_down` (or another `ProblemError`) when no job would be taken now."""

    def require_room(self, caller: Hashable = None, ahead: int = 0) -> None:
        """Raises what `reserve` would, with so many requests ahead of it.
        Asks nobody.
        """

    async def reserve(self, caller: Hashable = None) -> Slot:
        """Holds a slot for a body that `caller` is going to send; raises as `require_room` does."""

    async def known(self, key: str, owner: bytes = b"") -> KnownKey | None:
        """The job an owner's idempotency key belongs to, if there is one. Other owners' keys are other keys."""

    async def submit(self, slot: Slot, submission: Submission, key: Key | None, *, patient: bool = False) -> Ticket:
        """Queues a job and takes over its slot, or finds the one the key belongs to (then the slot stays
        with the caller). Raises `idempotency_key_reused` when the key came with another body, and
        `shutting_down`.

        `patient` says that the client will be told nothing before the `wait` that follows has ended: until then the
        job need not be kept safe.
        """

    async def get(self, job_id: str, owner: bytes | None = None) -> Snapshot | None:
        """The job now; None when it is unknown, erased or expired, or when `owner` is given and it is not theirs."""

    async def wait(self, job_id: str, seconds: float, owner: bytes | None = None) -> Snapshot | None:
        """As `get`, but waits up to `seconds` for the job to end."""

    async def delete(self, job_id: str, owner: bytes | None = None) -> bool:
        """Erases the job with its input and result; False where `get` answers None."""

    async def drain(self, grace_seconds: float | None = None) -> None:
        """Takes no more jobs and returns when all have ended. Those that outlive the grace (the policy's
        unless given) fail with `shutting_down`.
        """

    async def load(self) -> Load:
        """How busy the engine is now."""

    async def readings(self) -> Readings:
        """How it stands, for gauges; cheaper than `load`, and without an error when the database is away."""
