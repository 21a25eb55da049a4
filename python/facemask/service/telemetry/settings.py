"""What is told to whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LogFormat(StrEnum):
    """How log lines look; `AUTO` is for people on a terminal and JSON elsewhere."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"

    @classmethod
    def names(cls) -> dict[str, LogFormat]:
        """The formats by the names that settings use."""
        return {form.value: form for form in cls}


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryPolicy:
    """Metrics, logs and traces.

    Attributes:
        prometheus_enabled: whether metrics are also served on a port of their own.
        prometheus_host, prometheus_port: where; port 0 takes a free one.
        prometheus_on_app: whether the application answers `/metrics` itself.
        log_format: how log lines look.
        traces_exporter: where traces go, by a standard name; empty for nowhere. The SDK reads the other `OTEL_*`.

    """

    prometheus_enabled: bool = False
    prometheus_host: str = "127.0.0.1"
    prometheus_port: int = 9090
    prometheus_on_app: bool = True
    log_format: LogFormat = LogFormat.AUTO
    traces_exporter: str = ""

    @property
    def counts(self) -> bool:
        """Whether anybody can read metrics at all; where nobody can, nothing is counted."""
        return self.prometheus_enabled or self.prometheus_on_app
