"""Finished jobs, bounded by count, bytes and age; the oldest goes first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic

from facemask.service.jobs.job import Job, Outcome


@dataclass(frozen=True, slots=True)
class _Entry:
    job: Job
    size: int
    expires: float


class Shelf:
    """Jobs in the order in which they ended. All have the same time to live, so this is also the order of
    expiry.
    """

    def __init__(self, ttl: float, max_results: int, max_bytes: int) -> None:
        self._ttl = ttl
        self._max_results = max_results
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def fits(self, outcome: Outcome) -> bool:
        """Whether the outcome could be kept if it were the only one."""
        return outcome.size <= self._max_bytes

    def add(self, job: Job, outcome: Outcome) -> list[Job]:
        """Keeps a finished job; returns the jobs that had to go for it."""
        self._entries[job.id] = _Entry(job, outcome.size, monotonic() + self._ttl)
        self.bytes += outcome.size
        gone = []
        while len(self._entries) > self._max_results or self.bytes > self._max_bytes:
            gone.append(self._pop_oldest())
        return gone

    def remove(self, job_id: str) -> None:
        """Forgets a job; nothing happens when it is not here."""
        if entry := self._entries.pop(job_id, None):
            self.bytes -= entry.size

    def expire(self) -> list[Job]:
        """Takes out the jobs whose time is over."""
        gone = []
        while self._entries and self._oldest().expires <= monotonic():
            gone.append(self._pop_oldest())
        return gone

    def seconds_to_next_expiry(self) -> float:
        """How long nothing can expire: until the oldest does or, when empty, a whole time to live."""
        return max(0.0, self._oldest().expires - monotonic()) if self._entries else self._ttl

    def _oldest(self) -> _Entry:
        return next(iter(self._entries.values()))

    def _pop_oldest(self) -> Job:
        _, entry = self._entries.popitem(last=False)
        self.bytes -= entry.size
        return entry.job
