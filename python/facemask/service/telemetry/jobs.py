"""Telemetry of a job: its spans, its metrics, and one log line at its end."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, time_ns
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanKind, Tracer

from facemask.service.telemetry.log_context import bind_log_fields, bound_log_fields
from facemask.service.telemetry.metrics import OTHER, Metrics
from facemask.service.telemetry.trace_context import (
    MESSAGING,
    QUEUE,
    exemplar_of,
    extract_carrier,
    inject_carrier,
    mark_error,
    trace_id_of,
    with_trace_id,
)

_log = logging.getLogger("facemask.jobs")
# Codes of failed jobs that are no error of their input.
_SERVICE_ERRORS: Final = frozenset({"internal_error", "shutting_down", "worker_lost"})


class EnqueueSpan:
    """The span of a submission; `carrier` leads the job's worker to this trace."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.carrier = inject_carrier(with_trace_id(span))
        self.is_repeated = False

    def mark_enqueued(self, job_id: str, *, replayed: bool, repeated: bool = False) -> None:
        """Record that the job is queued, or answered already when it is `repeated`.

        The request's further log lines contain its id.
        """
        bind_log_fields(job_id=job_id)
        self.is_repeated = repeated
        if self._span.is_recording():
            self._span.set_attribute("messaging.message.id", job_id)
            if replayed:
                self._span.set_attribute("facemask.replayed", value=True)


class JobSpan:
    """The span of a running job. Any thread may record its steps."""

    def __init__(self, tracer: Tracer, metrics: Metrics | None, span: Span) -> None:
        self._tracer = tracer
        self._metrics = metrics
        self._span = span
        self._parent = trace.set_span_in_context(span)
        self.durations_ms: dict[str, float] = {}
        self.outcome = ""
        self.code = ""
        self.cache = ""
        self._is_released = False

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Record the block as a step."""
        started = time_ns()
        try:
            yield
        finally:
            self._record_step(name, started, time_ns())

    def add_core_steps(self, started: int, timings: Mapping[str, float], *names: str) -> None:
        """Record the steps of one call of the compiled module.

        `started` is in nanoseconds, `timings` are milliseconds by the module's own clock.
        """
        for name in names:
            if (milliseconds := timings.get(name)) is not None:
                ended = started + int(milliseconds * 1e6)
                self._record_step(name, started, ended)
                started = ended

    def _record_step(self, name: str, started: int, ended: int) -> None:
        self.durations_ms[name] = (ended - started) / 1e6
        if self._span.is_recording():
            self._tracer.start_span(name, self._parent, start_time=started).end(ended)
        if self._metrics:
            self._metrics.stage_seconds.labels(name).observe((ended - started) / 1e9)

    def record_lookup(self, result: str) -> None:
        """Record the result of the cache lookup."""
        self.cache = result
        if self._metrics:
            self._metrics.cache.labels(result).inc()

    def release_worker(self) -> None:
        """Record that the worker is free for the next job; a second call does nothing."""
        if self._metrics and not self._is_released:
            self._metrics.busy.dec()
        self._is_released = True

    def finish(self, code: str) -> None:
        """Record the job's end; an empty code is success."""
        self.code = code
        self.outcome = _outcome(code)


def _outcome(code: str) -> str:
    if code == "job_not_found":
        return "erased"
    return "error" if code in _SERVICE_ERRORS else "failed" if code else "completed"


class JobTelemetry:
    """Records jobs. Without metrics nothing is counted."""

    def __init__(self, metrics: Metrics | None = None, tracer: Tracer | None = None) -> None:
        self._metrics = metrics
        self._tracer = tracer or trace.get_tracer("facemask")

    def set_workers(self, count: int) -> None:
        """Set the number of jobs that may run at once here."""
        if self._metrics:
            self._metrics.workers.set(count)

    def count_lost(self) -> None:
        """Count a job that failed because its workers were lost."""
        if self._metrics:
            self._metrics.jobs.labels("error").inc()

    @contextmanager
    def enqueue_span(self) -> Iterator[EnqueueSpan]:
        """Record the block that queues a job. A repeated request's job also ends here."""
        span = self._tracer.start_span(f"send {QUEUE}", kind=SpanKind.PRODUCER, attributes=dict(MESSAGING))
        enqueue_span = EnqueueSpan(span if span.is_recording() else trace.get_current_span())
        started = monotonic()
        try:
            yield enqueue_span
        finally:
            if enqueue_span.is_repeated:
                job_span = JobSpan(self._tracer, self._metrics, span)
                job_span.record_lookup("exact")
                job_span.finish("")
                self._report(job_span, span, 0.0, monotonic() - started)
            span.end()

    @contextmanager
    def job_span(self, job_id: str, waited: float, carrier: Mapping[str, str]) -> Iterator[JobSpan]:
        """Record the block that runs a job, after `waited` seconds in the queue.

        A job that does not `finish` in the block will run again and is not counted.
        """
        span = self._start_span(job_id, carrier)
        job_span = JobSpan(self._tracer, self._metrics, span)
        started = monotonic()
        with bound_log_fields(job_id=job_id, trace_id=trace_id_of(span)):
            if self._metrics:
                self._metrics.busy.inc()
            try:
                yield job_span
            finally:
                job_span.release_worker()
                self._report(job_span, span, waited, monotonic() - started)
                span.end()

    def _start_span(self, job_id: str, carrier: Mapping[str, str]) -> Span:
        parent = extract_carrier(carrier)
        links = [Link(trace.get_current_span(parent).get_span_context())] if parent else None
        attributes = {**MESSAGING, "messaging.message.id": job_id}
        span = self._tracer.start_span(
            f"process {QUEUE}", parent, kind=SpanKind.CONSUMER, attributes=attributes, links=links
        )
        return with_trace_id(span)

    def _report(self, job_span: JobSpan, span: Span, waited: float, duration: float) -> None:
        _set_attributes(span, job_span)
        if not job_span.outcome:
            return
        if metrics := self._metrics:
            exemplar = exemplar_of(span)
            metrics.jobs.labels(job_span.outcome).inc()
            metrics.queue_seconds.observe(waited, exemplar)
            metrics.job_seconds.observe(duration, exemplar)
        if _log.isEnabledFor(logging.INFO):
            fields: dict[str, Any] = {
                "outcome": job_span.outcome,
                "code": job_span.code or None,
                "cache": job_span.cache or None,
            }
            durations_ms = {"queue": waited * 1e3, **job_span.durations_ms, "total": duration * 1e3}
            fields |= {f"{name}_ms": round(value, 1) for name, value in durations_ms.items()}
            extra = {name: value for name, value in fields.items() if value is not None}
            _log.info("job %s", job_span.outcome, extra=extra)


def _set_attributes(span: Span, job_span: JobSpan) -> None:
    if not span.is_recording():
        return
    attributes: dict[str, str | float] = {f"facemask.{name}_ms": value for name, value in job_span.durations_ms.items()}
    attributes["facemask.outcome"] = job_span.outcome or OTHER
    if job_span.cache:
        attributes["facemask.cache"] = job_span.cache
    span.set_attributes(attributes)
    if job_span.outcome == "error":
        mark_error(span, job_span.code)
