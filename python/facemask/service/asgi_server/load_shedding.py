"""Load shedding: rejects submissions by their head when the queue is full.

The framework takes half a millisecond per rejection. At five times the capacity that exceeds the time of the jobs.
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

# The application answers these itself: a key may have its job already, another origin's page needs CORS headers.
_EXEMPT_HEADERS: Final = frozenset({b"idempotency-key", b"origin"})
_LOG_SECONDS: Final = 1.0

_log = logging.getLogger("facemask.requests")
HeaderLines = list[tuple[bytes, bytes]]


class LoadShedder:
    """Called with every request's client, method, target and headers.

    Access control comes first: a caller without a valid key gets the application's 401.
    """

    def __init__(self, path: str, jobs: JobEngine, access: AccessMiddleware, metrics: Metrics | None) -> None:
        self._path = path
        self._raw_path = path.encode()
        self._jobs = jobs
        self._access = access
        self._metrics = metrics
        self._responses: dict[tuple[str, str], bytes] = {}
        self._admitted = 0
        self._rejected: Counter[str] = Counter()

    def __call__(self, client: Any, method: bytes, target: bytes, headers: HeaderLines) -> bytes | None:
        """Return the whole response to a rejected request, or None for an accepted one."""
        if method != b"POST" or target.partition(b"?")[0] != self._raw_path:
            return None
        problem = self._problem(client, headers)
        if problem is None:
            return None
        self._count(problem.code)
        key = (problem.code, problem.detail)
        if key not in self._responses:
            self._responses[key] = raw_problem_response(problem)
        return self._responses[key]

    def _reset_admitted(self) -> None:
        self._admitted = 0

    def _problem(self, client: Any, headers: HeaderLines) -> ProblemError | None:
        if any(name in _EXEMPT_HEADERS for name, _ in headers):
            return None
        caller: Hashable = self._access.direct_address(client)
        if not caller:
            scope = {"client": client, "headers": headers}
            parsed = Headers.from_scope(scope)  # type: ignore[arg-type]
            owner = self._access.key_owner(parsed)
            if owner is None and self._access.requires_keys:
                return None
            caller = owner or self._access.client_address(scope, parsed)
        try:
            self._jobs.require_capacity(caller, self._admitted)
        except ProblemError as problem:
            return problem
        # Its slot is reserved when its task runs. Until then it is ahead of requests parsed in the same loop iteration.
        if not self._admitted:
            asyncio.get_running_loop().call_soon(self._reset_admitted)
        self._admitted += 1
        return None

    def _count(self, code: str) -> None:
        """Count as `RequestTelemetry` does, but with one log line per second."""
        if self._metrics:
            self._metrics.requests.labels("POST", self._path, str(PROBLEMS[code][0])).inc()
            self._metrics.rejected.labels(code).inc()
        if not self._rejected:
            asyncio.get_running_loop().call_later(_LOG_SECONDS, self._log_rejected)
        self._rejected[code] += 1

    def _log_rejected(self) -> None:
        for code, count in self._rejected.items():
            _log.info("%d submits refused: %s", count, code, extra={"problem": code, "count": count})
        self._rejected.clear()
