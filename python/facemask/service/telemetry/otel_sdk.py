"""Span export. Together with `spans.py` the only user of the OpenTelemetry SDK; imported when traces are requested.

The SDK reads the other standard variables itself: `OTEL_EXPORTER_OTLP_*`, `OTEL_TRACES_SAMPLER`, `OTEL_BSP_*`,
`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property, partial
from importlib.metadata import entry_points

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Tracer

from facemask.service.telemetry.spans import LeanTracer

_ENTRY_POINT_GROUP = "opentelemetry_traces_exporter"


class CachedHashResource(Resource):
    """A resource that caches its hash. The SDK's encodes itself as JSON for every span, an eighth of the export."""

    @cached_property
    def _cached_hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._cached_hash

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)


def build_tracer(exporter: str, name: str, version: str) -> tuple[Tracer, Callable[[], None]]:
    """Return a tracer for the exporters with these standard names, and a function that exports the remaining spans.

    Raises `ModuleNotFoundError` when an exporter is not installed.
    """
    attributes = {"service.version": version}
    if not os.environ.get("OTEL_SERVICE_NAME") and "service.name=" not in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    ):
        attributes["service.name"] = name
    resource = Resource.create(attributes)
    provider = TracerProvider(
        resource=CachedHashResource(resource.attributes, resource.schema_url), shutdown_on_exit=False
    )
    processors: list[SpanProcessor] = []
    for entry_name in (_entry_name(part.strip()) for part in exporter.split(",")):
        found = entry_points(group=_ENTRY_POINT_GROUP, name=entry_name)
        if not found:
            raise ModuleNotFoundError(entry_name, name=entry_name)
        processors.append(BatchSpanProcessor(next(iter(found)).load()()))
    return LeanTracer(provider, processors, InstrumentationScope("facemask", version)), partial(_shut_down, processors)


def _shut_down(processors: list[SpanProcessor]) -> None:
    for processor in processors:
        processor.shutdown()


def _entry_name(name: str) -> str:
    """Return the entry point's name: `otlp` is HTTP unless the variables say gRPC, which our extra does not install."""
    if name != "otlp":
        return name
    general = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "")
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or general
    return "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"
