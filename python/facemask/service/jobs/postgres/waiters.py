"""Jobs that requests in this process wait for, or that this process has accepted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio

from facemask.service.errors import ProblemError
from facemask.service.jobs.admission import Slot
from facemask.service.jobs.job import Snapshot


@dataclass(slots=True, eq=False)
class WaitEntry:
    """One job.

    Attributes:
        slot, owner: of a job that this process accepted.
        is_persisted: whether the database has the job; otherwise its absence there means nothing.
        waiters: requests that wait.
        snapshot: the ended job, where it is known already.
        problem: why the job could not be stored after all.
        ended: set when the job has ended or was erased.
        lock: lets one waiter query the database for all.

    """

    slot: Slot | None = None
    owner: bytes = b""
    is_persisted: bool = True
    waiters: int = 0
    snapshot: Snapshot | None = None
    problem: ProblemError | None = None
    ended: anyio.Event = field(default_factory=anyio.Event)
    lock: anyio.Lock = field(default_factory=anyio.Lock)


class JobWaiters:
    """The entries by job id. Belongs to one event loop."""

    def __init__(self) -> None:
        self._entries: dict[str, WaitEntry] = {}
        self.waiters = 0

    def accept(self, job_id: str, slot: Slot, owner: bytes) -> None:
        """Hold a slot until the job has ended."""
        slot.detach()
        self._entries[job_id] = WaitEntry(slot, owner, is_persisted=False)

    def mark_persisted(self, job_id: str) -> None:
        """Note that the database has an accepted job."""
        if entry := self._entries.get(job_id):
            entry.is_persisted = True

    @contextmanager
    def waiting(self, job_id: str) -> Iterator[WaitEntry]:
        """Count one more waiter inside the block."""
        entry = self._entries.setdefault(job_id, WaitEntry())
        entry.waiters += 1
        self.waiters += 1
        try:
            yield entry
        finally:
            entry.waiters -= 1
            self.waiters -= 1
            if not entry.waiters and not entry.slot and self._entries.get(job_id) is entry:
                del self._entries[job_id]

    def finish(self, job_id: str, snapshot: Snapshot | None = None) -> None:
        """Release the slot of a job that has ended or was erased, and wake its waiters.

        Ignores other ids.
        """
        if entry := self._entries.pop(job_id, None):
            if entry.slot:
                entry.slot.release()
            entry.snapshot = snapshot
            entry.ended.set()

    def fail(self, job_id: str, problem: ProblemError) -> None:
        """Give the waiters of a job that cannot be stored the reason."""
        if entry := self._entries.get(job_id):
            entry.problem = problem
        self.finish(job_id)

    def discard(self, job_id: str) -> None:
        """Remove a job that could not be inserted; its slot goes back to the caller."""
        self._entries.pop(job_id, None)

    def wake_all(self) -> None:
        """Wake all waiters, whatever the state of their jobs."""
        for entry in self._entries.values():
            entry.ended.set()

    @property
    def persisted_ids(self) -> list[str]:
        """The ids whose jobs are in the database."""
        return [job_id for job_id, entry in self._entries.items() if entry.is_persisted]
