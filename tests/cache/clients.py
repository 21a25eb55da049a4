"""A client of a service with a cache, and what it says of where answers came from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from facemask.service.app import create_app
from facemask.service.cache.settings import CacheSettings
from facemask.service.database.settings import DatabaseSettings
from facemask.service.settings import Settings
from faces import Face
from litestar.testing import TestClient

API = "/api/v1/frontal/crop"


class Client:
    """Submits faces and says where the answer came from."""

    def __init__(self, http: TestClient[Any]) -> None:
        self.http = http

    def send(self, face: Face, key: str = "", **options: Any) -> dict[str, Any]:
        points = None if face.landmarks is None else face.landmarks.tolist()
        body = {"image": face.image, "segmentation_map": face.label_map, "landmarks": points, "options": options}
        headers = {"content-type": "application/msgpack"} | ({"x-api-key": key} if key else {})
        answer = self.http.post(f"{API}/submit?wait=30", content=msgspec.msgpack.encode(body), headers=headers)
        job: dict[str, Any] = answer.json()
        assert job["status"] == "completed", job
        return job

    def cache(self, face: Face, key: str = "", **options: Any) -> str:
        return str(self.send(face, key, **options)["cache"])

    def made(self, face: Face, **options: Any) -> dict[str, Any]:
        """What is answered without a cache, but for what belongs to one job."""
        return shared(self.send(face, **options, cache="off"))


def shared(job: dict[str, Any]) -> dict[str, Any]:
    """What of an answer does not belong to one job."""
    own = ("id", "cache", "cache_distance", "timings_ms")
    return {name: value for name, value in job.items() if name not in own}


@contextmanager
def client(database: DatabaseSettings | None, **changes: Any) -> Iterator[Client]:
    app = create_app(Settings(database=database, cache=CacheSettings(**changes)))
    with TestClient(app) as http:
        yield Client(http)
