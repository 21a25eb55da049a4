"""A request as an operator sees it: its span, its figures and one line at its end.

This stands before everything else of the application, so that it also sees what no route answers. Litestar's own
Prometheus middleware does not, and gives every raw path a series.
"""

from __future__ import annotations

import logging
from time import perf_counter
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Tracer
from structlog.contextvars import bind_contextvars

from facemask.service.ids import canonical_id
from facemask.service.telemetry.metrics import METHODS, OTHER, UNMATCHED, Metrics
from facemask.service.telemetry.trace_context import exemplar_of, failed, identified, parent_of, trace_id_of

# The key in a request's state under which a problem leaves its code.
PROBLEM_STATE_KEY: Final = "facemask_problem"
# What machines ask all the time: no spans, and lines only for those who want to see everything.
_QUIET = ("/health/", "/metrics")

_log = logging.getLogger("facemask.requests")


class RequestTelemetry:
    """Watches the requests of an ASGI application."""

    def __init__(self, inner: ASGIApp, metrics: Metrics | None, tracer: Tracer) -> None:
        self._inner = inner
        self._metrics = metrics
        self._tracer = tracer
        self.routes: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != ScopeType.HTTP:
            await self._inner(scope, receive, send)
            return
        started, status = perf_counter(), 0
        span = self._begun(scope)
        recording = span.is_recording()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if recording:
                    message["headers"] = [*message["headers"], (b"traceresponse", _traceresponse(span))]
            await send(message)

        bind_contextvars(trace_id=trace_id_of(span))
        token = contexts.attach(trace.set_span_in_context(span))
        try:
            await self._inner(scope, receive, sending)
        finally:
            contexts.detach(token)
            self._ended(scope, span, status, perf_counter() - started)

    def _begun(self, scope: Any) -> Span:
        if scope["path"].startswith(_QUIET):
            return identified(trace.INVALID_SPAN)
        method = scope["method"] if scope["method"] in METHODS else "HTTP"
        told = {
            "http.request.method": method if method != "HTTP" else "_OTHER",
            "url.scheme": scope["scheme"],
        }
        return identified(self._tracer.start_span(method, parent_of(scope["headers"]), SpanKind.SERVER, told))

    def _ended(self, scope: Any, span: Span, status: int, took: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        template = scope.get("path_template", "")
        route = template if template in self.routes else UNMATCHED
        problem = scope.get("state", {}).get(PROBLEM_STATE_KEY, "")
        _describe(span, method, route, status, problem)
        span.end()
        if metrics := self._metrics:
            metrics.requests.labels(method, route, str(status) if status else "aborted").inc()
            metrics.request_seconds.labels(method, route).observe(took, exemplar_of(span))
            if problem:
                metrics.rejected.labels(problem).inc()
        level = logging.DEBUG if scope["path"].startswith(_QUIET) else logging.INFO
        if _log.isEnabledFor(level):
            told = {"method": method, "route": route, "status": status, "ms": round(took * 1e3, 1)}
            told |= {"problem": problem} if problem else {}
            told |= _job_of(scope.get("path_params", {}))
            _log.log(level, "%s %s %s", method, route, status or "aborted", extra=told)


def _describe(span: Span, method: str, route: str, status: int, problem: str) -> None:
    """A mistake of the client is no error of ours."""
    if not span.is_recording():
        return
    known = route != UNMATCHED
    span.update_name(f"{method} {route}" if known else method)
    told: dict[str, str | int] = {"http.route": route} if known else {}
    told |= {"http.response.status_code": status} if status else {}
    told |= {"facemask.problem": problem} if problem else {}
    span.set_attributes(told)
    if status >= 500:
        failed(span, problem or str(status))


def _job_of(parameters: dict[str, Any]) -> dict[str, str]:
    """The job a request asks about, where what it sent can be an id."""
    text = str(parameters.get("job_id") or parameters.get("file_name") or "").removesuffix(".svg")
    job_id = canonical_id(text)
    return {"job_id": job_id} if job_id else {}


def _traceresponse(span: Span) -> bytes:
    """W3C Trace Context, level 2: how the caller finds this request in our traces."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}".encode()
