"""Load shedding: a submit that would find the queue full is refused before the framework sees it.

The framework takes half a millisecond for a refusal. At five times the capacity that is more time than the jobs have.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Hashable
from time import perf_counter
from typing import Any, Final

import msgspec
from litestar.datastructures import Headers

from facemask.service.access.headers import STRICT
from facemask.service.gate import Gate
from facemask.service.jobs.protocol import JobEngine
from facemask.service.problems import PROBLEM_JSON, problem_body
from facemask.service.refusal import Refusal
from facemask.service.telemetry.metrics import Metrics

# A client with less than this to send has sent it before it hears of the refusal, and may keep its connection.
_SMALL_BODY: Final = 64 * 1024
# The application answers these itself: a key may have its job already, a page of another origin wants its headers.
_NOT_SHED: Final = frozenset({b"idempotency-key", b"origin"})
_LOG_SECONDS: Final = 1.0

_log = logging.getLogger("facemask.requests")


class LoadShedding:
    """ASGI around the application. Access comes first: a caller without a good key gets the application's 401."""

    def __init__(self, inner: Any, path: str, jobs: JobEngine, gate: Gate, metrics: Metrics | None) -> None:
        self._inner = inner
        self._path = path
        self._jobs = jobs
        self._gate = gate
        self._metrics = metrics
        self._messages: dict[tuple[str, str, bool], tuple[dict[str, Any], dict[str, Any]]] = {}
        self._refused: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["path"] == self._path and scope["method"] == "POST":
            began = perf_counter()
            if refusal := self._refusal(scope):
                start, body = self._message(refusal, is_last=_length(scope) >= _SMALL_BODY)
                await send(start)
                await send(body)
                self._count(refusal.code, start["status"], perf_counter() - began)
                return
        await self._inner(scope, receive, send)

    def _refusal(self, scope: Any) -> Refusal | None:
        if any(name in _NOT_SHED for name, _ in scope["headers"]):
            return None
        caller: Hashable = None
        if self._gate.is_simple:
            caller = (scope["client"] or ("",))[0]
        else:
            headers = Headers.from_scope(scope)
            caller = self._gate.owner(headers)
            if caller is None and self._gate.asks_for_keys:
                return None
            caller = caller or self._gate.address(scope, headers)
        try:
            self._jobs.require_room(caller)
        except Refusal as refusal:
            return refusal
        return None

    def _message(self, refusal: Refusal, *, is_last: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        """The problem document as the application would send it; the same few over and over again."""
        key = (refusal.code, refusal.detail, is_last)
        if key not in self._messages:
            problem = problem_body(refusal)
            body = msgspec.json.encode(problem)
            sent = {"Content-Type": PROBLEM_JSON, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
            sent |= STRICT | refusal.headers | ({"Connection": "close"} if is_last else {})
            lines = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
            self._messages[key] = (
                {"type": "http.response.start", "status": problem.status, "headers": lines},
                {"type": "http.response.body", "body": body, "more_body": False},
            )
        return self._messages[key]

    def _count(self, code: str, status: int, seconds: float) -> None:
        """As `RequestTelemetry` counts requests, but with one line of the log for all of a second."""
        if self._metrics:
            self._metrics.requests.labels("POST", self._path, str(status)).inc()
            self._metrics.request_seconds.labels("POST", self._path).observe(seconds)
            self._metrics.rejected.labels(code).inc()
        if not self._refused:
            asyncio.get_running_loop().call_later(_LOG_SECONDS, self._log_refused)
        self._refused[code] += 1

    def _log_refused(self) -> None:
        for code, count in self._refused.items():
            _log.info("%d submits refused: %s", count, code, extra={"problem": code, "count": count})
        self._refused.clear()


def _length(scope: Any) -> int:
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), _SMALL_BODY)
