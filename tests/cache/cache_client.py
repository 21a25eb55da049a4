"""A client that reports which of its submissions the cache answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from facemask.service.app import create_app
from facemask.service.cache.settings import CacheSettings
from facemask.service.database.settings import DatabaseSettings
from facemask.service.settings import Settings
from litestar.testing import TestClient
from submissions import Submission

API = "/api/v1/frontal/crop"


class CacheClient:
    """Submits inputs to a service with a cache and waits for their results."""

    def __init__(self, http: TestClient[Any]) -> None:
        self.http = http

    def submit(self, submission: Submission, key: str = "", **options: Any) -> dict[str, Any]:
        """Submit with options and return the finished job."""
        points = None if submission.landmarks is None else submission.landmarks.tolist()
        body = {
            "image": submission.image,
            "segmentation_map": submission.label_map,
            "landmarks": points,
            "options": options,
        }
        headers = {"content-type": "application/msgpack"} | ({"x-api-key": key} if key else {})
        response = self.http.post(f"{API}/submit?wait=30", content=msgspec.msgpack.encode(body), headers=headers)
        job: dict[str, Any] = response.json()
        assert job["status"] == "completed", job
        return job

    def cache_status(self, submission: Submission, key: str = "", **options: Any) -> str:
        """Submit and return the job's `cache` field: `miss`, `exact` or `similar`."""
        return str(self.submit(submission, key, **options)["cache"])

    def uncached(self, submission: Submission, **options: Any) -> dict[str, Any]:
        """Submit past the cache and return the result without the fields of the single job."""
        return without_job_fields(self.submit(submission, **options, cache="off"))


def without_job_fields(job: dict[str, Any]) -> dict[str, Any]:
    """A result without the fields that differ between two jobs of the same input."""
    job_fields = ("id", "cache", "cache_distance", "timings_ms")
    return {name: value for name, value in job.items() if name not in job_fields}


@contextmanager
def cache_client(database: DatabaseSettings | None, **changes: Any) -> Iterator[CacheClient]:
    """A client of a service over a database, or in memory, with changed cache settings."""
    app = create_app(Settings(database=database, cache=CacheSettings(**changes)))
    with TestClient(app) as http:
        yield CacheClient(http)
