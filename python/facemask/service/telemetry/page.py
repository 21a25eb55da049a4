"""The page that Prometheus asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio.to_thread

from facemask.service.telemetry.metrics import Metrics
from facemask.service.telemetry.readings import Readings


class MetricsPage:
    """All metrics as text. It is written in a thread: some thousand lines would hold up the event loop."""

    def __init__(self, metrics: Metrics, readings: Callable[[], Awaitable[Readings]]) -> None:
        self._metrics = metrics
        self._readings = readings

    async def written(self, accept: str) -> tuple[bytes, str]:
        """The page and its media type, for a request's `Accept`."""
        self._metrics.read(await self._readings())
        return await anyio.to_thread.run_sync(self._metrics.page, accept)
