"""Traces by the OpenTelemetry SDK; imported only when settings ask for them.

The SDK reads the other standard variables itself: `OTEL_EXPORTER_OTLP_*`, `OTEL_TRACES_SAMPLER`, `OTEL_BSP_*`,
`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SPAN_*_LIMIT`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import entry_points

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer

_EXPORTERS = "opentelemetry_traces_exporter"


def build_tracer(exporter: str, name: str, version: str) -> tuple[Tracer, Callable[[], None]]:
    """Return a tracer for `exporter`, and the function that sends the last spans.

    Args:
        exporter: standard names of exporters, such as `otlp` or `console`, with commas between them.
        name: the service's name, where no standard variable sets one.
        version: the service's version.

    Raises:
        ModuleNotFoundError: an exporter is not installed.
    """
    attributes = {"service.version": version}
    if not os.environ.get("OTEL_SERVICE_NAME") and "service.name=" not in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    ):
        attributes["service.name"] = name
    # The service shuts the provider down within its own deadline.
    provider = TracerProvider(resource=Resource.create(attributes), shutdown_on_exit=False)
    for full_name in (_entry_point(part.strip()) for part in exporter.split(",")):
        exporters = entry_points(group=_EXPORTERS, name=full_name)
        if not exporters:
            raise ModuleNotFoundError(full_name, name=full_name)
        provider.add_span_processor(BatchSpanProcessor(next(iter(exporters)).load()()))
    return provider.get_tracer("facemask", version), provider.shutdown


def _entry_point(name: str) -> str:
    """Return the entry point's name; `otlp` is HTTP unless variables choose gRPC.

    The extra `otel` has no packages for gRPC.
    """
    if name != "otlp":
        return name
    general = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "")
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or general
    return "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"
