"""Spans that cost half of the SDK's: it locks, copies, checks and bounds what comes from anywhere, ours have a
handful of short attributes from fixed lists and belong to one thread at a time. Sampler, ids, resource, batching and
exporters are the SDK's. `OTEL_SPAN_*_LIMIT` has nothing to bound here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import time_ns
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
)

_UNSET = Status(StatusCode.UNSET)


class LeanSpan(trace.Span):
    """A span that is recorded; the `sinks` take it when it has ended. Events are not kept: a message may quote what was
    sent. Only in the end it becomes one of the SDK's, by the constructor of that: nothing else of it is touched.
    """

    def __init__(
        self, sinks: Sequence[SpanProcessor], context: SpanContext, name: str, attributes: Any, **told: Any
    ) -> None:
        self._sinks = sinks
        self._context = context
        self._name = name
        self._attributes = attributes
        self._status = _UNSET
        self._told = told
        self._ended = False

    def get_span_context(self) -> SpanContext:
        """Part of `Span`, as what follows."""
        return self._context

    def is_recording(self) -> bool:
        return not self._ended

    def set_attribute(self, key: str, value: Any) -> None:
        self.set_attributes({key: value})

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        self._attributes = {**(self._attributes or {}), **attributes}

    def update_name(self, name: str) -> None:
        self._name = name

    def set_status(self, status: Any, description: str | None = None) -> None:
        self._status = status if isinstance(status, Status) else Status(status, description)

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        pass

    def record_exception(
        self, exception: BaseException, attributes: Any = None, timestamp: int | None = None, escaped: bool = False
    ) -> None:
        pass

    def end(self, end_time: int | None = None) -> None:
        """The span is handed on; a second call does nothing."""
        if self._ended:
            return
        self._ended = True
        ended = ReadableSpan(
            self._name,
            self._context,
            attributes=self._attributes,
            status=self._status,
            end_time=time_ns() if end_time is None else end_time,
            **self._told,
        )
        for sink in self._sinks:
            sink.on_end(ended)


class LeanTracer(Tracer):
    """Begins spans as the SDK would: a parent's trace goes on, the sampler is asked, and who is not sampled costs
    nothing more.
    """

    def __init__(self, provider: TracerProvider, sinks: Sequence[SpanProcessor], scope: InstrumentationScope) -> None:
        self._sampler = provider.sampler
        self._ids = provider.id_generator
        self._resource = provider.resource
        self._sinks = sinks
        self._scope = scope
        self._random = TraceFlags.RANDOM_TRACE_ID if provider.id_generator.is_trace_id_random() else 0

    def start_span(  # noqa: PLR0913, PLR0917 - the library's own
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Any = None,
        links: Sequence[Link] | None = (),
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: ARG002 - there are no events
        set_status_on_exception: bool = True,  # noqa: ARG002
    ) -> trace.Span:
        """Part of `Tracer`."""
        parent = trace.get_current_span(context).get_span_context()
        trace_id = parent.trace_id if parent.is_valid else self._ids.generate_trace_id()
        decided = self._sampler.should_sample(context, trace_id, name, kind, attributes, links)
        flags = parent.trace_flags & TraceFlags.RANDOM_TRACE_ID if parent.is_valid else self._random
        flags |= TraceFlags.SAMPLED if decided.decision is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT
        span_id = self._ids.generate_span_id()
        own = SpanContext(
            trace_id, span_id, is_remote=False, trace_flags=TraceFlags(flags), trace_state=decided.trace_state
        )
        if decided.decision is Decision.DROP:
            return NonRecordingSpan(own)
        return LeanSpan(
            self._sinks,
            own,
            name,
            decided.attributes,
            parent=parent if parent.is_valid else None,
            resource=self._resource,
            links=links or (),
            kind=kind,
            start_time=time_ns() if start_time is None else start_time,
            instrumentation_scope=self._scope,
        )

    @contextmanager
    def start_as_current_span(self, name: str, *arguments: Any, **named: Any) -> Iterator[trace.Span]:  # type: ignore[override]
        """Part of `Tracer`; a span that ends with the block. What an exception says is not kept."""
        begun = self.start_span(name, *arguments, **named)
        with trace.use_span(begun, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            yield begun
