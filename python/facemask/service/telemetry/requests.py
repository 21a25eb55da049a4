"""Telemetry of a request: its span, its metrics, and one log line at its end.

It wraps the whole application, so that it also includes requests without a route. Litestar's own Prometheus middleware
does not, and creates a series for every raw path.
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

from facemask.service.ids import canonical_id
from facemask.service.telemetry.log_context import bind_log_fields
from facemask.service.telemetry.metrics import METHODS, OTHER, UNMATCHED, Metrics
from facemask.service.telemetry.trace_context import (
    exemplar_of,
    extract_parent,
    mark_error,
    trace_id_of,
    with_trace_id,
)

# Key of the request's state under which a problem leaves its code.
PROBLEM_STATE_KEY: Final = "facemask_problem"
# Polled paths: no spans, and log lines at debug level.
_POLLED = ("/health/", "/metrics")

_log = logging.getLogger("facemask.requests")


class RequestTelemetry:
    """Records the requests of an ASGI application."""

    def __init__(self, app: ASGIApp, metrics: Metrics | None, tracer: Tracer) -> None:
        self._app = app
        self._metrics = metrics
        self._tracer = tracer
        self.routes: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started, status = perf_counter(), 0
        span = self._start_span(scope)
        is_recording = span.is_recording()

        async def send_traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if is_recording:
                    message["headers"] = [*message["headers"], (b"traceresponse", _traceresponse(span))]
            await send(message)

        bind_log_fields(trace_id=trace_id_of(span))
        token = contexts.attach(trace.set_span_in_context(span))
        try:
            await self._app(scope, receive, send_traced)
        finally:
            contexts.detach(token)
            self._finish(scope, span, status, perf_counter() - started)

    def _start_span(self, scope: Any) -> Span:
        if scope["path"].startswith(_POLLED):
            return with_trace_id(trace.INVALID_SPAN)
        method = scope["method"] if scope["method"] in METHODS else "HTTP"
        attributes = {
            "http.request.method": method if method != "HTTP" else "_OTHER",
            "url.scheme": scope["scheme"],
        }
        parent = extract_parent(scope["headers"])
        return with_trace_id(self._tracer.start_span(method, parent, SpanKind.SERVER, attributes))

    def _finish(self, scope: Any, span: Span, status: int, duration: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        template = scope.get("path_template", "")
        route = template if template in self.routes else UNMATCHED
        problem = scope.get("state", {}).get(PROBLEM_STATE_KEY, "")
        _set_attributes(span, method, route, status, problem)
        span.end()
        if metrics := self._metrics:
            metrics.requests.labels(method, route, str(status) if status else "aborted").inc()
            metrics.request_seconds.labels(method, route).observe(duration, exemplar_of(span))
            if problem:
                metrics.rejected.labels(problem).inc()
        level = logging.DEBUG if scope["path"].startswith(_POLLED) else logging.INFO
        if _log.isEnabledFor(level):
            fields = {"method": method, "route": route, "status": status, "ms": round(duration * 1e3, 1)}
            fields |= {"problem": problem} if problem else {}
            fields |= _job_of(scope.get("path_params", {}))
            _log.log(level, "%s %s %s", method, route, status or "aborted", extra=fields)


def _set_attributes(span: Span, method: str, route: str, status: int, problem: str) -> None:
    """Set name and attributes. A client's mistake is no error of the service."""
    if not span.is_recording():
        return
    has_route = route != UNMATCHED
    span.update_name(f"{method} {route}" if has_route else method)
    attributes: dict[str, str | int] = {"http.route": route} if has_route else {}
    attributes |= {"http.response.status_code": status} if status else {}
    attributes |= {"facemask.problem": problem} if problem else {}
    span.set_attributes(attributes)
    if status >= 500:
        mark_error(span, problem or str(status))


def _job_of(parameters: dict[str, Any]) -> dict[str, str]:
    """Return the job id in the path, where it can be one."""
    text = str(parameters.get("job_id") or parameters.get("file_name") or "").removesuffix(".svg")
    job_id = canonical_id(text)
    return {"job_id": job_id} if job_id else {}


def _traceresponse(span: Span) -> bytes:
    """Return the `traceresponse` header of W3C Trace Context level 2.

    Clients find the request in our traces by it.
    """
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}".encode()
