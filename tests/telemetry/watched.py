"""An application with everything that watches it in reach."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import overheard
from facemask.service.app import build_telemetry, create_app
from facemask.service.core.protocol import CoreModule
from facemask.service.settings import Settings
from litestar.testing import TestClient
from live_server import build_settings
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

BASE = "http://testserver.local"


@dataclass
class Watched:
    client: TestClient[Any]
    app: Any
    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    def spans(self) -> dict[str, ReadableSpan]:
        """Finished spans by name."""
        return {span.name: span for span in self.exporter.get_finished_spans()}

    def metrics(self, accept: str = "") -> str:
        return self.client.get(f"{BASE}/metrics", headers={"accept": accept}).text


@contextmanager
def watched(engine: CoreModule, settings: Settings | None = None, *, traced: bool = True) -> Iterator[Watched]:
    settings = settings or build_settings()
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    telemetry = build_telemetry(settings)
    if traced:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        telemetry = replace(telemetry, tracer=provider.get_tracer("test"))
    app = create_app(settings, engine, telemetry=telemetry)
    with TestClient(app, base_url=f"{BASE}/api/v1/frontal/crop", raise_server_exceptions=False) as client:
        seen = Watched(client, app, exporter)
        yield seen
        for span in exporter.get_finished_spans():
            overheard.told(span.to_json())
        if app.state.metrics_page:
            overheard.told(seen.metrics())
