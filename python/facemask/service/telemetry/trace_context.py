"""Spans. Without a tracer of the `opentelemetry` SDK they are empty and only carry a trace id, for the log."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, Status, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

QUEUE: Final = "facemask.jobs"
MESSAGING: Final[Mapping[str, str]] = {"messaging.system": "facemask", "messaging.destination.name": QUEUE}

_HEADERS = frozenset({b"traceparent", b"tracestate"})
_w3c = TraceContextTextMapPropagator()
_numbers = random.SystemRandom()


def parent_of(headers: list[tuple[bytes, bytes]]) -> Context | None:
    """The caller's trace from a request's W3C headers, if it has one."""
    carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers if name in _HEADERS}
    return _w3c.extract(carrier) if "traceparent" in carrier else None


def received(carrier: Mapping[str, str]) -> Context | None:
    """The trace that a job was submitted in, in whichever process that was."""
    return _w3c.extract(dict(carrier)) if carrier else None


def carried(span: Span) -> dict[str, str]:
    """The W3C headers that lead to `span`."""
    carrier: dict[str, str] = {}
    _w3c.inject(carrier, trace.set_span_in_context(span))
    return carrier


def identified(span: Span) -> Span:
    """The span or, where nobody records, one of no content with an id for the log."""
    if span.get_span_context().is_valid:
        return span
    ids = (_numbers.getrandbits(128) or 1, _numbers.getrandbits(64) or 1)
    return NonRecordingSpan(SpanContext(*ids, is_remote=False, trace_flags=TraceFlags(TraceFlags.DEFAULT)))


def trace_id_of(span: Span) -> str:
    """32 digits."""
    return f"{span.get_span_context().trace_id:032x}"


def exemplar_of(span: Span) -> dict[str, str] | None:
    """What a metric says of where it was measured: only a trace that somebody keeps is worth looking for."""
    return {"trace_id": trace_id_of(span)} if span.get_span_context().trace_flags.sampled else None


def failed(span: Span, kind: str) -> None:
    """Marks a span as an error of ours. Messages of exceptions may quote input, so none is kept."""
    if span.is_recording():
        span.set_attribute("error.type", kind)
        span.set_status(Status(StatusCode.ERROR))
