"""Spans of LeanTracer are exported like those of the SDK."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from facemask.service.telemetry.spans import LeanTracer
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, Tracer
from opentelemetry.trace.span import TraceState

Maker = Callable[[TracerProvider, InMemorySpanExporter], Tracer]


class SequentialIds(IdGenerator):
    """Numbers in turn, so that two runs can be compared."""

    def __init__(self, random: bool) -> None:
        self._numbers = itertools.count(1)
        self._random = random

    def generate_span_id(self) -> int:
        return next(self._numbers)

    def generate_trace_id(self) -> int:
        return next(self._numbers) << 100

    def is_trace_id_random(self) -> bool:
        return self._random


def sdk_tracer(provider: TracerProvider, exporter: InMemorySpanExporter) -> Tracer:
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("facemask", "1.2")


def lean_tracer(provider: TracerProvider, exporter: InMemorySpanExporter) -> Tracer:
    return LeanTracer(provider, [SimpleSpanProcessor(exporter)], InstrumentationScope("facemask", "1.2"))


def remote_context(sampled: bool) -> Context:
    """A caller's trace, as W3C headers bring it."""
    flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
    state = TraceState([("vendor", "a")])
    return trace.set_span_in_context(NonRecordingSpan(SpanContext(7, 9, True, flags, state)))


def record_all_spans(tracer: Tracer, above: Context | None) -> list[tuple[bool, str]]:
    """All that the service does with spans; returns which are recorded, and what a header says of them."""
    request = tracer.start_span("POST", above, SpanKind.SERVER, {"url.scheme": "http"}, start_time=10)
    within = trace.set_span_in_context(request)
    send = tracer.start_span("send", within, SpanKind.PRODUCER, start_time=11)
    send.set_attribute("messaging.message.id", "x")
    send.end(12)
    links = [Link(send.get_span_context())]
    process = tracer.start_span("process", trace.set_span_in_context(send), SpanKind.CONSUMER, {"a": 1}, links, 13)
    tracer.start_span("decode", trace.set_span_in_context(process), start_time=14).end(15)
    process.set_attributes({"facemask.decode_ms": 1.5})
    process.set_status(Status(StatusCode.ERROR))
    process.end(16)
    process.end(99)
    request.update_name("POST /submit")
    request.set_attributes({"http.response.status_code": 500})
    request.set_status(StatusCode.ERROR)
    request.end(17)
    spans = (request, send, process)
    return [(span.is_recording(), repr(span.get_span_context())) for span in spans]


@pytest.mark.parametrize("random", [True, False])
@pytest.mark.parametrize(
    "sampler",
    [ALWAYS_ON, ALWAYS_OFF, ParentBased(ALWAYS_ON), ParentBased(ALWAYS_OFF), TraceIdRatioBased(0.0)],
    ids=lambda sampler: sampler.get_description(),
)
@pytest.mark.parametrize(
    "above", [None, remote_context(sampled=True), remote_context(sampled=False)], ids=["root", "sampled", "not"]
)
def test_they_are_those_of_the_sdk(above: Context | None, sampler: Sampler, random: bool) -> None:
    said: list[Any] = []
    makers: list[Maker] = [sdk_tracer, lean_tracer]
    for make in makers:
        exporter = InMemorySpanExporter()
        provider = TracerProvider(sampler, Resource({}), shutdown_on_exit=False, id_generator=SequentialIds(random))
        seen = record_all_spans(make(provider, exporter), above)
        said.append((seen, encode_spans(exporter.get_finished_spans())))
    assert said[0] == said[1]


def test_events_are_not_kept_and_a_block_ends_its_span() -> None:
    exporter = InMemorySpanExporter()
    tracer = lean_tracer(TracerProvider(shutdown_on_exit=False), exporter)

    def fail() -> None:
        with tracer.start_as_current_span("a") as span:
            assert trace.get_current_span() is span
            span.add_event("landmark 0.4123567")
            span.record_exception(ValueError("landmark 0.4123567"))
            raise ValueError("landmark 0.4123567")

    with pytest.raises(ValueError, match="landmark"):
        fail()
    (ended,) = exporter.get_finished_spans()
    assert ended.end_time
    assert "0.4123567" not in ended.to_json()
