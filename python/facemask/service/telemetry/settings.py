"""Settings of metrics, logs and traces."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LogFormat(StrEnum):
    """Format of log lines; `AUTO` is `CONSOLE` on a terminal and `JSON` elsewhere."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"

    @classmethod
    def names(cls) -> dict[str, LogFormat]:
        """Return the formats by the names that settings use."""
        return {log_format.value: log_format for log_format in cls}


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetrySettings:
    """Metrics, logs and traces.

    Attributes:
        prometheus_enabled: whether metrics are also served on a port of their own.
        prometheus_host, prometheus_port: its address; port 0 takes a free one.
        prometheus_on_app: whether the application serves `/metrics` itself.
        log_format: format of log lines.
        traces_exporter: standard name of the span exporter; empty for none. The SDK reads the other `OTEL_*`.

    """

    prometheus_enabled: bool = False
    prometheus_host: str = "127.0.0.1"
    prometheus_port: int = 9090
    prometheus_on_app: bool = True
    log_format: LogFormat = LogFormat.AUTO
    traces_exporter: str = ""

    @property
    def has_metrics(self) -> bool:
        """Whether anybody can read metrics; otherwise nothing is counted."""
        return self.prometheus_enabled or self.prometheus_on_app
