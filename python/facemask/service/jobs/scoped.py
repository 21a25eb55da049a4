"""A job engine restricted to one owner."""

from __future__ import annotations

from dataclasses import dataclass

from facemask.service.jobs.job import Snapshot
from facemask.service.jobs.protocol import JobEngine


@dataclass(frozen=True, slots=True)
class ScopedJobs:
    """The jobs of one owner; the ids of others are unknown.

    `owner` is None where no keys are set: then a client that knows an id may access its job.
    """

    jobs: JobEngine
    owner: bytes | None

    async def get(self, job_id: str) -> Snapshot | None:
        """Return the job now; None when it is unknown, erased, expired or another owner's."""
        return await self.jobs.get(job_id, self.owner)

    async def wait(self, job_id: str, seconds: float) -> Snapshot | None:
        """As `get`, but wait up to `seconds` for the job to end."""
        return await self.jobs.wait(job_id, seconds, self.owner)

    async def delete(self, job_id: str) -> bool:
        """Erase the job with its input and result. Returns False where `get` returns None."""
        return await self.jobs.delete(job_id, self.owner)
