"""A client that verifies the durability of jobs: it records every accepted job and checks how it ends."""

from __future__ import annotations

import base64
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from support.service.fake_tracer import API, body

_NO_KEEP_ALIVE = httpx.Limits(max_keepalive_connections=0)
_ENDED = ("completed", "failed")


def expected_svg(mark: str) -> bytes:
    """The SVG of the fake tracer for a mark."""
    return f"<svg xmlns='http://www.w3.org/2000/svg'>{mark}</svg>".encode()


@dataclass
class VerifyingClient:
    """Submits jobs and follows each to its end.

    Attributes:
        accepted: the mark of each job by the id that the service returned.
        final: the first response that showed a job as ended; it must never change.
        wrong: jobs that ended with another result than expected.
        inconsistent: jobs whose final response changed.
        refusal_seconds: how long each 503 took.
        without_retry_after: 503 responses that lack `Retry-After`.

    """

    urls: list[str]
    accepted: dict[str, str] = field(default_factory=dict)
    final: dict[str, bytes] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    inconsistent: list[str] = field(default_factory=list)
    refusal_seconds: list[float] = field(default_factory=list)
    without_retry_after: list[str] = field(default_factory=list)
    # Each request has a connection of its own. Creating a client would take longer than the request.
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=15, limits=_NO_KEEP_ALIVE))

    def submit(self, count: int, **behavior: Any) -> None:
        """Submit jobs with eight concurrent clients, each until it is accepted."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: self._submit_one(behavior), range(count)))

    def _submit_one(self, behavior: dict[str, Any]) -> None:
        mark, end = str(uuid4()), time.monotonic() + 90
        while time.monotonic() < end:
            response = self._request("POST", f"{API}/submit", json=body(mark=mark, **behavior), key=mark)
            if response is not None and response.status_code in (200, 202):
                self.accepted[response.json()["id"]] = mark
                return
            time.sleep(0.1)
        raise AssertionError("no job was accepted for 90 seconds")

    def _request(self, method: str, path: str, json: Any = None, key: str = "") -> httpx.Response | None:
        """Response of the first process that does not refuse; 503 responses are timed."""
        for url in list(self.urls):
            started = time.monotonic()
            try:
                headers = {"Idempotency-Key": key} if key else {}
                response = self.http.request(method, url + path, json=json, headers=headers)
            except httpx.TransportError:
                continue
            if response.status_code != 503:
                return response
            self.refusal_seconds.append(time.monotonic() - started)
            if "retry-after" not in response.headers:
                self.without_retry_after.append(response.text)
        return None

    def check(self, job_id: str) -> bool:
        """Poll a job and record faults. Returns whether it has ended."""
        response = self._request("GET", f"{API}/status/{job_id}")
        if response is None or response.status_code == 503:
            return False
        if response.status_code != 200 or (response.json()["status"] not in _ENDED and job_id in self.final):
            self.inconsistent.append(f"{job_id}: {response.status_code} {response.text[:200]}")
            return True
        job = response.json()
        if job["status"] not in _ENDED:
            return False
        if self.final.setdefault(job_id, response.content) != response.content:
            self.inconsistent.append(f"{job_id}: {response.text[:200]}")
        svg = base64.b64decode(job.get("svg", ""))
        if job["id"] != job_id or job["status"] != "completed" or svg != expected_svg(self.accepted[job_id]):
            self.wrong.append(f"{job_id}: {response.text[:200]}")
        return True

    def follow(self, seconds: float = 90) -> float:
        """Follow all accepted jobs to their end. Returns the seconds that it took.

        Raises `AssertionError` if jobs are lost, have a wrong result or a result that changed.
        """
        started = time.monotonic()
        left = set(self.accepted)
        while left and time.monotonic() < started + seconds:
            left = {job_id for job_id in left if not self.check(job_id)}
            time.sleep(0.05)
        took = time.monotonic() - started
        for job_id in self.accepted:
            self.check(job_id)
        assert not left, f"lost: {len(left)} of {len(self.accepted)}"
        assert not self.wrong, self.wrong
        assert not self.inconsistent, self.inconsistent
        assert not self.without_retry_after, self.without_retry_after
        return took

    def submit_in_background(self, count: int, **behavior: Any) -> threading.Thread:
        """Submit in a thread."""
        thread = threading.Thread(target=self.submit, args=(count,), kwargs=behavior)
        thread.start()
        return thread
