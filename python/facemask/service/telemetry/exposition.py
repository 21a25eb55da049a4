"""The Prometheus exposition of all metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import anyio

from facemask.service.errors import retry_later
from facemask.service.telemetry.gauges import GaugeValues
from facemask.service.telemetry.metrics import Metrics
from facemask.service.thread_pool import ThreadPool

# Prometheus's default scrape timeout.
_RENDER_SECONDS = 10.0
_GAUGES_SECONDS = 2.0


class MetricsExposition:
    """Renders all metrics as text in a thread, as they take some milliseconds."""

    def __init__(self, metrics: Metrics, gauges: Callable[[], Awaitable[GaugeValues]]) -> None:
        self._metrics = metrics
        self._gauges = gauges
        # One thread: the files that several processes share may be on a disk that hangs.
        self._threads = ThreadPool(1)

    def for_other_loop(self, loop: asyncio.AbstractEventLoop) -> MetricsExposition:
        """Return the same exposition for a loop other than the gauges' `loop`."""

        async def gauges() -> GaugeValues:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(own_gauges(), loop))

        async def own_gauges() -> GaugeValues:
            return await self._gauges()

        return MetricsExposition(self._metrics, gauges)

    async def render(self, accept: str) -> tuple[bytes, str]:
        """Return text and media type for a request's `Accept`. Raises `request_timeout`."""
        with anyio.move_on_after(_RENDER_SECONDS):
            # While the loop is busy, slightly old gauges are better than none.
            with anyio.move_on_after(_GAUGES_SECONDS):
                self._metrics.set_gauges(await self._gauges())
            return await self._threads.run(partial(self._metrics.render, accept))
        raise retry_later("request_timeout", f"the metrics took more than {_RENDER_SECONDS:g} seconds")
