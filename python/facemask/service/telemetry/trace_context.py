"""W3C trace context.

Without an SDK tracer spans are empty and carry only a trace id for the log.
"""

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
_propagator = TraceContextTextMapPropagator()
_random = random.SystemRandom()


def extract_parent(headers: list[tuple[bytes, bytes]]) -> Context | None:
    """Return the client's trace from a request's W3C headers, if there is one."""
    carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers if name in _HEADERS}
    return _propagator.extract(carrier) if "traceparent" in carrier else None


def extract_carrier(carrier: Mapping[str, str]) -> Context | None:
    """Return the trace in which a job was submitted, in whichever process that was."""
    return _propagator.extract(dict(carrier)) if carrier else None


def inject_carrier(span: Span) -> dict[str, str]:
    """Return the W3C headers that lead to `span`."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, trace.set_span_in_context(span))
    return carrier


def with_trace_id(span: Span) -> Span:
    """Return the span or, where nothing is recorded, an empty one with a new trace id."""
    if span.get_span_context().is_valid:
        return span
    ids = (_random.getrandbits(128) or 1, _random.getrandbits(64) or 1)
    return NonRecordingSpan(SpanContext(*ids, is_remote=False, trace_flags=TraceFlags(TraceFlags.DEFAULT)))


def trace_id_of(span: Span) -> str:
    """Return the trace id, 32 hexadecimal digits."""
    return f"{span.get_span_context().trace_id:032x}"


def exemplar_of(span: Span) -> dict[str, str] | None:
    """Return the exemplar of a measurement, or None for a trace that is not sampled."""
    return {"trace_id": trace_id_of(span)} if span.get_span_context().trace_flags.sampled else None


def mark_error(span: Span, kind: str) -> None:
    """Mark a span as an error of the service.

    Exception messages may quote input, so none is recorded.
    """
    if span.is_recording():
        span.set_attribute("error.type", kind)
        span.set_status(Status(StatusCode.ERROR))
