"""A job as an operator sees it: its spans, its figures and one line at its end."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, time_ns
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanKind, Tracer
from structlog.contextvars import bind_contextvars, bound_contextvars

from facemask.service.telemetry.metrics import OTHER, Metrics
from facemask.service.telemetry.trace_context import (
    MESSAGING,
    QUEUE,
    carried,
    exemplar_of,
    failed,
    identified,
    received,
    trace_id_of,
)

_log = logging.getLogger("facemask.jobs")
# Codes of failed jobs that are no fault of their input.
_OURS: Final = frozenset({"internal_error", "shutting_down", "worker_lost"})


class Sending:
    """A job on its way into the queue; `carrier` leads whoever takes it out to this trace."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.carrier = carried(identified(span))
        self.repeated = False

    def sent(self, job_id: str, *, replayed: bool, repeated: bool = False) -> None:
        """The job is queued, or has its answer already when it is `repeated`; from here on the request's lines say
        which.
        """
        bind_contextvars(job_id=job_id)
        self.repeated = repeated
        if self._span.is_recording():
            self._span.set_attribute("messaging.message.id", job_id)
            if replayed:
                self._span.set_attribute("facemask.replayed", value=True)


class Seen:
    """A job that is worked on. Steps may be told from any thread."""

    def __init__(self, tracer: Tracer, metrics: Metrics | None, span: Span) -> None:
        self._tracer = tracer
        self._metrics = metrics
        self._span = span
        self._parent = trace.set_span_in_context(span)
        self.figures: dict[str, float] = {}
        self.outcome = ""
        self.code = ""
        self.cache = ""
        self._free = False

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A step that takes as long as the block."""
        began = time_ns()
        try:
            yield
        finally:
            self._spent(name, began, time_ns())

    def engine(self, began: int, timings: Mapping[str, float], *names: str) -> None:
        """Steps of one call into the engine that began at `began`, nanoseconds, by its own clock, milliseconds."""
        for name in names:
            if (milliseconds := timings.get(name)) is not None:
                ended = began + int(milliseconds * 1e6)
                self._spent(name, began, ended)
                began = ended

    def _spent(self, name: str, began: int, ended: int) -> None:
        self.figures[name] = (ended - began) / 1e6
        if self._span.is_recording():
            self._tracer.start_span(name, self._parent, start_time=began).end(ended)
        if self._metrics:
            self._metrics.stage_seconds.labels(name).observe((ended - began) / 1e9)

    def looked_up(self, result: str) -> None:
        """What the cache had."""
        self.cache = result
        if self._metrics:
            self._metrics.cache.labels(result).inc()

    def freed(self) -> None:
        """The job's worker has begun the next one; what is left takes no worker. A second call does nothing."""
        if self._metrics and not self._free:
            self._metrics.busy.dec()
        self._free = True

    def ended(self, code: str) -> None:
        """The job has ended: an empty code is success."""
        self.code = code
        self.outcome = _outcome(code)


def _outcome(code: str) -> str:
    if code == "job_not_found":
        return "erased"
    return "error" if code in _OURS else "failed" if code else "completed"


class JobTelemetry:
    """Watches jobs. Without metrics nothing is counted."""

    def __init__(self, metrics: Metrics | None = None, tracer: Tracer | None = None) -> None:
        self._metrics = metrics
        self._tracer = tracer or trace.get_tracer("facemask")

    def staffed(self, workers: int) -> None:
        """So many jobs may run at once here."""
        if self._metrics:
            self._metrics.workers.set(workers)

    def lost(self) -> None:
        """A job was given up because its workers were lost."""
        if self._metrics:
            self._metrics.jobs.labels("error").inc()

    @contextmanager
    def sending(self) -> Iterator[Sending]:
        """A job is queued inside the block. One that was answered there is never worked on: it has ended here."""
        span = self._tracer.start_span(f"send {QUEUE}", kind=SpanKind.PRODUCER, attributes=dict(MESSAGING))
        sending = Sending(span if span.is_recording() else trace.get_current_span())
        started = monotonic()
        try:
            yield sending
        finally:
            if sending.repeated:
                seen = Seen(self._tracer, self._metrics, span)
                seen.looked_up("exact")
                seen.ended("")
                self._tell(seen, span, 0.0, monotonic() - started)
            span.end()

    @contextmanager
    def processing(self, job_id: str, waited: float, carrier: Mapping[str, str]) -> Iterator[Seen]:
        """A job is worked on inside the block, after `waited` seconds in the queue. One that has not `ended` there will
        be worked on again: it is not counted.
        """
        span = self._begun(job_id, carrier)
        seen = Seen(self._tracer, self._metrics, span)
        started = monotonic()
        with bound_contextvars(job_id=job_id, trace_id=trace_id_of(span)):
            if self._metrics:
                self._metrics.busy.inc()
            try:
                yield seen
            finally:
                seen.freed()
                self._tell(seen, span, waited, monotonic() - started)
                span.end()

    def _begun(self, job_id: str, carrier: Mapping[str, str]) -> Span:
        parent = received(carrier)
        links = [Link(trace.get_current_span(parent).get_span_context())] if parent else None
        attributes = {**MESSAGING, "messaging.message.id": job_id}
        span = self._tracer.start_span(
            f"process {QUEUE}", parent, kind=SpanKind.CONSUMER, attributes=attributes, links=links
        )
        return identified(span)

    def _tell(self, seen: Seen, span: Span, waited: float, took: float) -> None:
        _describe(span, seen)
        if not seen.outcome:
            return
        if metrics := self._metrics:
            exemplar = exemplar_of(span)
            metrics.jobs.labels(seen.outcome).inc()
            metrics.queue_seconds.observe(waited, exemplar)
            metrics.job_seconds.observe(took, exemplar)
        if _log.isEnabledFor(logging.INFO):
            told: dict[str, Any] = {"outcome": seen.outcome, "code": seen.code or None, "cache": seen.cache or None}
            spent = {"queue": waited * 1e3, **seen.figures, "total": took * 1e3}
            told |= {f"{name}_ms": round(value, 1) for name, value in spent.items()}
            _log.info("job %s", seen.outcome, extra={name: value for name, value in told.items() if value is not None})


def _describe(span: Span, seen: Seen) -> None:
    if not span.is_recording():
        return
    told: dict[str, str | float] = {f"facemask.{name}_ms": value for name, value in seen.figures.items()}
    told["facemask.outcome"] = seen.outcome or OTHER
    if seen.cache:
        told["facemask.cache"] = seen.cache
    span.set_attributes(told)
    if seen.outcome == "error":
        failed(span, seen.code)
