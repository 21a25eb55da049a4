"""Jobs that this process has an eye on: it took them in, or somebody here waits for their end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio

from facemask.service.errors import ProblemError
from facemask.service.jobs.admission import Slot
from facemask.service.jobs.job import Snapshot


@dataclass(slots=True, eq=False)
class Watch:
    """One job. `problem` is why it was not taken after all, `snapshot` how it ended, where that is known already;
    `lock` lets one waiter ask for all; while it is not `stored` the database knows nothing of it, which is no news.
    `owner` is known of what was taken in here.
    """

    slot: Slot | None = None
    owner: bytes = b""
    stored: bool = True
    waiters: int = 0
    snapshot: Snapshot | None = None
    problem: ProblemError | None = None
    ended: anyio.Event = field(default_factory=anyio.Event)
    lock: anyio.Lock = field(default_factory=anyio.Lock)


class Watches:
    """The watches by job id. Belongs to one event loop."""

    def __init__(self) -> None:
        self._watches: dict[str, Watch] = {}
        self.waiters = 0

    def take_in(self, job_id: str, slot: Slot, owner: bytes) -> None:
        """Holds a slot until the job has ended."""
        slot.detach()
        self._watches[job_id] = Watch(slot, owner, stored=False)

    def stored(self, job_id: str) -> None:
        """A job that was taken in is in the database."""
        if watch := self._watches.get(job_id):
            watch.stored = True

    @contextmanager
    def waiting(self, job_id: str) -> Iterator[Watch]:
        """One waiter more."""
        watch = self._watches.setdefault(job_id, Watch())
        watch.waiters += 1
        self.waiters += 1
        try:
            yield watch
        finally:
            watch.waiters -= 1
            self.waiters -= 1
            if not watch.waiters and not watch.slot and self._watches.get(job_id) is watch:
                del self._watches[job_id]

    def end(self, job_id: str, snapshot: Snapshot | None = None) -> None:
        """A job has ended or is gone: frees its slot and wakes who waits. Unwatched ids pass by."""
        if watch := self._watches.pop(job_id, None):
            if watch.slot:
                watch.slot.release()
            watch.snapshot = snapshot
            watch.ended.set()

    def refuse(self, job_id: str, problem: ProblemError) -> None:
        """A job that nobody was told of cannot be kept: who waits for it is told why."""
        if watch := self._watches.get(job_id):
            watch.problem = problem
        self.end(job_id)

    def drop(self, job_id: str) -> None:
        """A job that was taken in was not stored after all; its slot goes back to the caller."""
        self._watches.pop(job_id, None)

    def wake_all(self) -> None:
        """Wakes everybody who waits, whatever has become of the jobs."""
        for watch in self._watches.values():
            watch.ended.set()

    @property
    def ids(self) -> list[str]:
        """What is watched and in the database."""
        return [job_id for job_id, watch in self._watches.items() if watch.stored]
