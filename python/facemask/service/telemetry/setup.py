"""Metrics and tracer, built from the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module

import anyio
from opentelemetry import trace
from opentelemetry.trace import Tracer

from facemask.service.telemetry.metrics import Metrics
from facemask.service.telemetry.settings import TelemetrySettings
from facemask.service.thread_pool import ThreadPool

_FLUSH_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Metrics and tracer of an application.

    `close` exports the remaining spans and blocks meanwhile.
    """

    metrics: Metrics | None = None
    tracer: Tracer = field(default_factory=lambda: trace.get_tracer("facemask"))
    close: Callable[[], None] = lambda: None

    async def shut_down(self) -> None:
        """Export the remaining spans; a slow collector does not delay the process's end."""
        with anyio.move_on_after(_FLUSH_SECONDS, shield=True):
            await ThreadPool(1).run(self.close)


def set_up_telemetry(
    settings: TelemetrySettings, name: str, version: str, reasons: Iterable[str], *, shared_queue: bool
) -> Telemetry:
    """Return what the settings ask for.

    `reasons` are the problem codes of rejected requests.

    Raises `ModuleNotFoundError` when the exporter of the requested traces is not installed.
    """
    metrics = Metrics(version, reasons, shared_queue=shared_queue) if settings.has_metrics else None
    if not settings.traces_exporter:
        return Telemetry(metrics)
    # Imported only here: without traces the SDK costs no start time and no memory.
    build_tracer = import_module("facemask.service.telemetry.otel_sdk").build_tracer
    tracer, close = build_tracer(settings.traces_exporter, name, version)
    return Telemetry(metrics, tracer, close)
