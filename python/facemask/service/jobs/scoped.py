"""The jobs as one caller sees them: their own and no others."""

from __future__ import annotations

from dataclasses import dataclass

from facemask.service.jobs.job import Snapshot
from facemask.service.jobs.protocol import JobEngine


@dataclass(frozen=True, slots=True)
class OwnJobs:
    """What routes may ask of a job engine. A job of somebody else is not there, as if its id had never existed. `owner`
    is None where no keys are set: then whoever knows an id sees its job.
    """

    jobs: JobEngine
    owner: bytes | None

    async def get(self, job_id: str) -> Snapshot | None:
        """The job now; None when it is unknown, erased, expired or somebody else's."""
        return await self.jobs.get(job_id, self.owner)

    async def wait(self, job_id: str, seconds: float) -> Snapshot | None:
        """As `get`, but waits up to `seconds` for the job to end."""
        return await self.jobs.wait(job_id, seconds, self.owner)

    async def delete(self, job_id: str) -> bool:
        """Erases the job with its input and result; False where `get` answers None."""
        return await self.jobs.delete(job_id, self.owner)
