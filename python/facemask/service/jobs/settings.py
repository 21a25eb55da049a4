"""The numbers that bound the jobs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPolicy:
    """How many jobs, how big, how long. Seconds and bytes.

    Attributes:
        ttl: a finished job is kept this long.
        queue_size: jobs that may wait besides those that run.
        queue_bytes: request bodies that may be in the house at once, from the first byte to the job's end.
        workers: jobs that run at once, one thread each.
        max_results: finished jobs that are kept.
        max_result_bytes: bytes of all finished jobs that are kept.
        grace_seconds: how long queued and running jobs may take to finish once the service is told to stop.
        max_waiters: requests that may wait for a job to end; further ones are answered at once.
        heartbeat_seconds: a worker of the durable engine says so often that it lives; three times not heard it is gone.
        simulated_delay: seconds a job sleeps before it is traced, unless it is a load test's.

    """

    ttl: float = 3600.0
    queue_size: int = 64
    queue_bytes: int = 256 * 2**20
    workers: int = 1
    max_results: int = 1000
    max_result_bytes: int = 256 * 2**20
    grace_seconds: float = 8.0
    max_waiters: int = 256
    heartbeat_seconds: float = 5.0
    simulated_delay: float = 0.0
