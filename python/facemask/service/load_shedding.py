"""Load shedding: a submit that would find the queue full is refused before the framework sees it.

The framework takes half a millisecond for a refusal. At five times the capacity that is more time than the jobs have.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar.datastructures import Headers
from litestar.types import ASGIApp, Receive, Send

from facemask.service.access.headers import STRICT
from facemask.service.gate import Gate
from facemask.service.jobs.protocol import JobEngine
from facemask.service.problems import PROBLEM_JSON, problem_body
from facemask.service.refusal import Refusal
from facemask.service.telemetry.requests import PROBLEM

# A client that has sent less than this of its body sends the rest sooner than it connects anew.
_SMALL_BODY: Final = 64 * 1024


class LoadShedding:
    """ASGI around the application, which still answers what needs more than a look at the queue: a caller without a
    good key (401), an Idempotency-Key that may have its job already, a page of another origin (CORS).
    """

    def __init__(self, inner: ASGIApp, path: str, jobs: JobEngine, gate: Gate) -> None:
        self._inner = inner
        self._path = path
        self._jobs = jobs
        self._gate = gate

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["path"] == self._path and scope["method"] == "POST":
            headers = Headers.from_scope(scope)
            if refusal := self._refusal(scope, headers):
                await _answer(scope, headers, refusal, send)
                return
        await self._inner(scope, receive, send)

    def _refusal(self, scope: Any, headers: Headers) -> Refusal | None:
        owner = self._gate.owner(headers)
        if owner is None and self._gate.asks_for_keys:
            return None
        if "origin" in headers or "idempotency-key" in headers:
            return None
        try:
            self._jobs.require_room(owner or self._gate.address(scope, headers))
        except Refusal as refusal:
            return refusal
        return None


async def _answer(scope: Any, headers: Headers, refusal: Refusal, send: Send) -> None:
    """A problem document as the application would send it."""
    problem = problem_body(refusal)
    scope["path_template"] = scope["path"]
    scope["state"][PROBLEM] = problem.code
    body = msgspec.json.encode(problem)
    sent = {**STRICT, **refusal.headers, "Content-Type": PROBLEM_JSON, "Content-Length": str(len(body))}
    sent["Cache-Control"] = "no-store"
    if int(headers.get("content-length", _SMALL_BODY)) >= _SMALL_BODY:
        sent["Connection"] = "close"
    lines = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": lines})
    await send({"type": "http.response.body", "body": body, "more_body": False})
