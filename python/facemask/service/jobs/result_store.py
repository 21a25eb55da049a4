"""Finished jobs of the memory engine, bounded by count, bytes and age."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic

from facemask.service.jobs.job import MemoryJob, Outcome


@dataclass(frozen=True, slots=True)
class _StoredJob:
    job: MemoryJob
    size: int
    expires_at: float


class ResultStore:
    """Jobs in the order in which they ended.

    All have the same time to live, so this is also the order of expiry.
    """

    def __init__(self, ttl: float, max_results: int, max_bytes: int) -> None:
        self._ttl = ttl
        self._max_results = max_results
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, _StoredJob] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def fits(self, outcome: Outcome) -> bool:
        """Return whether the outcome could be stored if it were the only one."""
        return outcome.size <= self._max_bytes

    def add(self, job: MemoryJob, outcome: Outcome) -> list[MemoryJob]:
        """Store a finished job. Returns the jobs that were evicted for it."""
        self._entries[job.id] = _StoredJob(job, outcome.size, monotonic() + self._ttl)
        self.bytes += outcome.size
        evicted = []
        while len(self._entries) > self._max_results or self.bytes > self._max_bytes:
            evicted.append(self._pop_oldest())
        return evicted

    def remove(self, job_id: str) -> None:
        """Remove a job, if it is there."""
        if entry := self._entries.pop(job_id, None):
            self.bytes -= entry.size

    def expire(self) -> list[MemoryJob]:
        """Remove and return the expired jobs."""
        expired = []
        while self._entries and self._oldest().expires_at <= monotonic():
            expired.append(self._pop_oldest())
        return expired

    def seconds_to_next_expiry(self) -> float:
        """Return the seconds until the oldest job expires, or a whole time to live."""
        return max(0.0, self._oldest().expires_at - monotonic()) if self._entries else self._ttl

    def _oldest(self) -> _StoredJob:
        return next(iter(self._entries.values()))

    def _pop_oldest(self) -> MemoryJob:
        _, entry = self._entries.popitem(last=False)
        self.bytes -= entry.size
        return entry.job
