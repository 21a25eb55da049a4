"""Load shedding: a submit that would find the queue full is refused by its head, before any framework sees it.

The framework takes half a millisecond for a problem. At five times the capacity that is more time than the jobs have.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Hashable
from typing import Any, Final

from litestar.datastructures import Headers

from facemask.service.errors import ProblemError
from facemask.service.http.middleware import AccessMiddleware
from facemask.service.http.problems import PROBLEMS, raw_problem_response
from facemask.service.jobs.protocol import JobEngine
from facemask.service.telemetry.metrics import Metrics

# The application answers these itself: a key may have its job already, a page of another origin wants its headers.
_NOT_SHED: Final = frozenset({b"idempotency-key", b"origin"})
_LOG_SECONDS: Final = 1.0

_log = logging.getLogger("facemask.requests")
Lines = list[tuple[bytes, bytes]]


class LoadShedding:
    """Called with every request's client, method, target and headers. Access comes first: a caller without a good key
    gets the application's 401.
    """

    def __init__(self, path: str, jobs: JobEngine, access: AccessMiddleware, metrics: Metrics | None) -> None:
        self._path = path
        self._raw_path = path.encode()
        self._jobs = jobs
        self._access = access
        self._metrics = metrics
        self._answers: dict[tuple[str, str], bytes] = {}
        self._passed = 0
        self._refused: Counter[str] = Counter()

    def __call__(self, client: Any, method: bytes, target: bytes, headers: Lines) -> bytes | None:
        """The whole answer to a request that is refused; None for one that the application shall answer."""
        if method != b"POST" or target.partition(b"?")[0] != self._raw_path:
            return None
        problem = self._problem(client, headers)
        if problem is None:
            return None
        self._count(problem.code)
        key = (problem.code, problem.detail)
        if key not in self._answers:
            self._answers[key] = raw_problem_response(problem)
        return self._answers[key]

    def _end_turn(self) -> None:
        self._passed = 0

    def _problem(self, client: Any, headers: Lines) -> ProblemError | None:
        if any(name in _NOT_SHED for name, _ in headers):
            return None
        caller: Hashable = self._access.direct_address(client)
        if not caller:
            scope = {"client": client, "headers": headers}
            seen = Headers.from_scope(scope)  # type: ignore[arg-type]
            owner = self._access.key_owner(seen)
            if owner is None and self._access.requires_keys:
                return None
            caller = owner or self._access.client_address(scope, seen)
        try:
            self._jobs.require_room(caller, self._passed)
        except ProblemError as problem:
            return problem
        # Its slot is reserved when its task runs: until then it is ahead of those that are parsed in this turn.
        if not self._passed:
            asyncio.get_running_loop().call_soon(self._end_turn)
        self._passed += 1
        return None

    def _count(self, code: str) -> None:
        """As `RequestTelemetry` counts requests, but with one line of the log for all of a second."""
        if self._metrics:
            self._metrics.requests.labels("POST", self._path, str(PROBLEMS[code][0])).inc()
            self._metrics.rejected.labels(code).inc()
        if not self._refused:
            asyncio.get_running_loop().call_later(_LOG_SECONDS, self._log_refused)
        self._refused[code] += 1

    def _log_refused(self) -> None:
        for code, count in self._refused.items():
            _log.info("%d submits refused: %s", count, code, extra={"problem": code, "count": count})
        self._refused.clear()
