"""Traces for a collector. With `spans.py` all that knows the `opentelemetry` SDK; loaded when traces are asked for.

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

_GROUP = "opentelemetry_traces_exporter"


class _Hashed(Resource):
    """A resource that knows its hash. The SDK's own writes itself as JSON for every span that is sent, an eighth of
    what sending costs.
    """

    @cached_property
    def _known_hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._known_hash

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)


def tracing(exporter: str, name: str, version: str) -> tuple[Tracer, Callable[[], None]]:
    """A tracer whose spans go to `exporter`, by its standard name, and what sends the last of them. Raises
    `ModuleNotFoundError` when the exporter is not installed.
    """
    named = {"service.version": version}
    if not os.environ.get("OTEL_SERVICE_NAME") and "service.name=" not in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    ):
        named["service.name"] = name
    found = Resource.create(named)
    made = TracerProvider(resource=_Hashed(found.attributes, found.schema_url), shutdown_on_exit=False)
    sinks: list[SpanProcessor] = []
    for full_name in (_full_name(part.strip()) for part in exporter.split(",")):
        exporters = entry_points(group=_GROUP, name=full_name)
        if not exporters:
            raise ModuleNotFoundError(full_name, name=full_name)
        sinks.append(BatchSpanProcessor(next(iter(exporters)).load()()))
    return LeanTracer(made, sinks, InstrumentationScope("facemask", version)), partial(_shut, sinks)


def _shut(sinks: list[SpanProcessor]) -> None:
    for sink in sinks:
        sink.shutdown()


def _full_name(name: str) -> str:
    """`otlp` goes over HTTP unless the variables say gRPC, whose packages are not in our extra."""
    if name != "otlp":
        return name
    general = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "")
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or general
    return "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"
