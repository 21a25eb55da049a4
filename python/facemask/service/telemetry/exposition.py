"""The page that Prometheus asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import anyio

from facemask.service.errors import retry_later
from facemask.service.telemetry.gauges import Readings
from facemask.service.telemetry.metrics import Metrics
from facemask.service.thread_pool import ThreadPool

# Prometheus gives a page up after ten seconds, unless it is told otherwise.
_PAGE_SECONDS = 10.0
_READINGS_SECONDS = 2.0


class MetricsPage:
    """All metrics as text. It is written in a thread: some thousand lines would hold up the event loop."""

    def __init__(self, metrics: Metrics, readings: Callable[[], Awaitable[Readings]]) -> None:
        self._metrics = metrics
        self._readings = readings
        # One page at a time: the files that several processes share may lie on a disk that does not answer.
        self._threads = ThreadPool(1)

    def read_on(self, loop: asyncio.AbstractEventLoop) -> MetricsPage:
        """The same page for another event loop than `loop`, to which the readings belong."""

        async def readings() -> Readings:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(awaited(), loop))

        async def awaited() -> Readings:
            return await self._readings()

        return MetricsPage(self._metrics, readings)

    async def written(self, accept: str) -> tuple[bytes, str]:
        """The page and its media type, for a request's `Accept`. Raises `request_timeout`."""
        with anyio.move_on_after(_PAGE_SECONDS):
            # Figures that are a moment old are better than none when the loop is busy.
            with anyio.move_on_after(_READINGS_SECONDS):
                self._metrics.read(await self._readings())
            return await self._threads.run(partial(self._metrics.page, accept))
        raise retry_later("request_timeout", f"the metrics took more than {_PAGE_SECONDS:g} seconds")
