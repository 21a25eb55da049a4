"""Settings of the job engines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSettings:
    """Bounds on jobs, in counts, seconds and bytes.

    Attributes:
        ttl: seconds from a job's end to its expiry.
        queue_size: most jobs that wait besides those that run.
        queue_bytes: most bytes of request bodies in memory, from their first byte to the end of their jobs.
        workers: jobs that run at once, each in a thread.
        max_results: most finished jobs.
        max_result_bytes: most bytes of all finished jobs.
        grace_seconds: time that queued and running jobs have to finish once the service stops.
        max_waiters: most requests that wait for a job to end; further ones get their response at once.
        heartbeat_seconds: interval of a worker's heartbeats in Postgres; after three missed ones it is lost.
        simulated_delay: seconds a job sleeps before it is traced, unless it is a load test's.
        parser: ONNX file of the parser that labels photos without a label map.

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
    parser: Path | None = None
