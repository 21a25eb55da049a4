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

_LAST_TRACES_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What the parts of the service report to. `close` sends what has not been sent yet and blocks meanwhile."""

    metrics: Metrics | None = None
    tracer: Tracer = field(default_factory=lambda: trace.get_tracer("facemask"))
    close: Callable[[], None] = lambda: None

    async def finish(self) -> None:
        """Sends the last traces; a collector that does not take them in time does not hold the process."""
        with anyio.move_on_after(_LAST_TRACES_SECONDS, shield=True):
            await ThreadPool(1).run(self.close)


def telemetry_of(
    policy: TelemetrySettings, name: str, version: str, reasons: Iterable[str], *, shared_queue: bool
) -> Telemetry:
    """The parts that `policy` asks for. `reasons` are the codes with which a request may be refused. Raises
    `ModuleNotFoundError` when traces are asked for and the extra `otel` is not installed.
    """
    metrics = Metrics(version, reasons, shared_queue=shared_queue) if policy.has_metrics else None
    if not policy.traces_exporter:
        return Telemetry(metrics)
    # Only here: whoever wants no traces neither needs the SDK nor pays for it.
    build_tracer = import_module("facemask.service.telemetry.otel_sdk").build_tracer
    tracer, close = build_tracer(policy.traces_exporter, name, version)
    return Telemetry(metrics, tracer, close)
