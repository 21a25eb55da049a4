"""An application together with the spans and metrics that it emits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from facemask.service.app import build_telemetry, create_app
from facemask.service.core.protocol import CoreModule
from facemask.service.settings import Settings
from litestar.testing import TestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from support import leak_detector
from support.service.fake_tracer import TEST_ORIGIN
from support.service.live_server import build_settings


@dataclass
class InstrumentedApp:
    """A client of the application, and an exporter that keeps its spans in memory."""

    client: TestClient[Any]
    app: Any
    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    def spans(self) -> dict[str, ReadableSpan]:
        """Finished spans by name."""
        return {span.name: span for span in self.exporter.get_finished_spans()}

    def metrics(self, accept: str = "") -> str:
        """The page of metrics, in a format that `accept` names."""
        return self.client.get(f"{TEST_ORIGIN}/metrics", headers={"accept": accept}).text


@contextmanager
def instrumented_app(
    tracer: CoreModule, settings: Settings | None = None, *, traced: bool = True
) -> Iterator[InstrumentedApp]:
    """Run an application until the block ends, then inspect its spans and metrics for leaks."""
    settings = settings or build_settings()
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    telemetry = build_telemetry(settings)
    if traced:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        telemetry = replace(telemetry, tracer=provider.get_tracer("test"))
    app = create_app(settings, tracer, telemetry=telemetry)
    with TestClient(app, base_url=f"{TEST_ORIGIN}/api/v1/frontal/crop", raise_server_exceptions=False) as client:
        instrumented = InstrumentedApp(client, app, exporter)
        yield instrumented
        for span in exporter.get_finished_spans():
            leak_detector.inspect(span.to_json())
        if app.state.exposition:
            leak_detector.inspect(instrumented.metrics())
