"""A client that knows each job's right answer and writes down what it was promised."""

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


def right(mark: str) -> bytes:
    return f"<svg xmlns='http://www.w3.org/2000/svg'>{mark}</svg>".encode()


@dataclass
class LedgerClient:
    """Submits jobs and follows each to its end. `promised` are ids that the service has answered with; `first` is
    what was seen when a job had ended, which must never change.
    """

    urls: list[str]
    promised: dict[str, str] = field(default_factory=dict)
    first: dict[str, bytes] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    unpolite: list[str] = field(default_factory=list)
    # A connection for each request, but one client: making one takes longer than a request.
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=15, limits=_NO_KEEP_ALIVE))

    def submit(self, count: int, **orders: Any) -> None:
        """Submits jobs as fast as eight clients can, each until it is accepted."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: self._submit_one(orders), range(count)))

    def _submit_one(self, orders: dict[str, Any]) -> None:
        mark, end = str(uuid4()), time.monotonic() + 90
        while time.monotonic() < end:
            answer = self._ask("POST", f"{API}/submit", json=body(mark=mark, **orders), key=mark)
            if answer is not None and answer.status_code in (200, 202):
                self.promised[answer.json()["id"]] = mark
                return
            time.sleep(0.1)
        raise AssertionError("no job was accepted for 90 seconds")

    def _ask(self, method: str, path: str, json: Any = None, key: str = "") -> httpx.Response | None:
        """An answer of any process that gives one; 503s are timed."""
        for url in list(self.urls):
            started = time.monotonic()
            try:
                headers = {"Idempotency-Key": key} if key else {}
                answer = self.http.request(method, url + path, json=json, headers=headers)
            except httpx.TransportError:
                continue
            if answer.status_code != 503:
                return answer
            self.refused.append(time.monotonic() - started)
            if "retry-after" not in answer.headers:
                self.unpolite.append(answer.text)
        return None

    def look(self, job_id: str) -> bool:
        """Whether the job has ended; what is wrong with it is written down."""
        answer = self._ask("GET", f"{API}/status/{job_id}")
        if answer is None or answer.status_code == 503:
            return False
        if answer.status_code != 200 or (answer.json()["status"] not in _ENDED and job_id in self.first):
            self.twice.append(f"{job_id}: {answer.status_code} {answer.text[:200]}")
            return True
        job = answer.json()
        if job["status"] not in _ENDED:
            return False
        if self.first.setdefault(job_id, answer.content) != answer.content:
            self.twice.append(f"{job_id}: {answer.text[:200]}")
        svg = base64.b64decode(job.get("svg", ""))
        if job["id"] != job_id or job["status"] != "completed" or svg != right(self.promised[job_id]):
            self.wrong.append(f"{job_id}: {answer.text[:200]}")
        return True

    def follow(self, seconds: float = 90) -> float:
        """Follows all promised jobs to their end; returns how long that took. Raises when some are lost, wrong, or
        seen with two ends.
        """
        started = time.monotonic()
        left = set(self.promised)
        while left and time.monotonic() < started + seconds:
            left = {job_id for job_id in left if not self.look(job_id)}
            time.sleep(0.05)
        took = time.monotonic() - started
        for job_id in self.promised:
            self.look(job_id)
        assert not left, f"lost: {len(left)} of {len(self.promised)}"
        assert not self.wrong, self.wrong
        assert not self.twice, self.twice
        assert not self.unpolite, self.unpolite
        return took

    def in_background(self, count: int, **orders: Any) -> threading.Thread:
        thread = threading.Thread(target=self.submit, args=(count,), kwargs=orders)
        thread.start()
        return thread
