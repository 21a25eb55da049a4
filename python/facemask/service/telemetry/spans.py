"""Spans at half the cost of the SDK's.

The SDK locks, copies, validates and bounds arbitrary attributes. Ours have a few short ones from fixed lists and
belong to one thread at a time. Sampler, ids, resource, batching and exporters are the SDK's; `OTEL_SPAN_*_LIMIT` has
no effect.
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
    """A recorded span, passed to the `processors` when it ends.

    Events are dropped: a message may quote input. Only at its end it becomes a span of the SDK, by that class's
    constructor.
    """

    def __init__(
        self, processors: Sequence[SpanProcessor], context: SpanContext, name: str, attributes: Any, **fields: Any
    ) -> None:
        self._processors = processors
        self._context = context
        self._name = name
        self._attributes = attributes
        self._status = _UNSET
        self._fields = fields
        self._has_ended = False

    def get_span_context(self) -> SpanContext:
        """Part of `Span`, as what follows."""
        return self._context

    def is_recording(self) -> bool:
        return not self._has_ended

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
        """Pass the span to the processors; a second call does nothing."""
        if self._has_ended:
            return
        self._has_ended = True
        ended = ReadableSpan(
            self._name,
            self._context,
            attributes=self._attributes,
            status=self._status,
            end_time=time_ns() if end_time is None else end_time,
            **self._fields,
        )
        for processor in self._processors:
            processor.on_end(ended)


class LeanTracer(Tracer):
    """Starts spans as the SDK does: in the parent's trace, and recorded when the sampler says so."""

    def __init__(
        self, provider: TracerProvider, processors: Sequence[SpanProcessor], scope: InstrumentationScope
    ) -> None:
        self._sampler = provider.sampler
        self._ids = provider.id_generator
        self._resource = provider.resource
        self._processors = processors
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
        sampling = self._sampler.should_sample(context, trace_id, name, kind, attributes, links)
        flags = parent.trace_flags & TraceFlags.RANDOM_TRACE_ID if parent.is_valid else self._random
        flags |= TraceFlags.SAMPLED if sampling.decision is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT
        span_id = self._ids.generate_span_id()
        span_context = SpanContext(
            trace_id, span_id, is_remote=False, trace_flags=TraceFlags(flags), trace_state=sampling.trace_state
        )
        if sampling.decision is Decision.DROP:
            return NonRecordingSpan(span_context)
        return LeanSpan(
            self._processors,
            span_context,
            name,
            sampling.attributes,
            parent=parent if parent.is_valid else None,
            resource=self._resource,
            links=links or (),
            kind=kind,
            start_time=time_ns() if start_time is None else start_time,
            instrumentation_scope=self._scope,
        )

    @contextmanager
    def start_as_current_span(self, name: str, *arguments: Any, **named: Any) -> Iterator[trace.Span]:  # type: ignore[override]
        """Part of `Tracer`; a span that ends with the block. Exceptions are not recorded."""
        span = self.start_span(name, *arguments, **named)
        with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            yield span
