"""Long polling: how long a request may wait, and noticing that its client has left."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio
from litestar import Request

from facemask.service.errors import ProblemError

T = TypeVar("T")

# Seconds that a request waits before anybody watches its client. Most jobs have ended by then, and to watch took
# 7 % of the interpreter's time for a job.
_SOON = 1.0


def patience(wait: float, longest: float) -> float:
    """Seconds to wait for `?wait=`: shortened to `longest`; not a number is refused."""
    if not math.isfinite(wait) or wait < 0:
        raise ProblemError("validation_failed", "must be a number of seconds, 0 or more", "wait")
    return min(wait, longest)


async def while_connected(request: Request[Any, Any, Any], work: Callable[[], Awaitable[T]]) -> T | None:
    """The result of `work`, or None when the client leaves first (then nobody reads the answer).

    Litestar does not cancel a handler whose client has left, so somebody has to watch, though not from the first moment
    on. The request's body must have been read: what `receive` still tells is only the end of the connection.
    """
    loop = asyncio.get_running_loop()
    watching: list[asyncio.Task[None]] = []
    with anyio.CancelScope() as scope:

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            scope.cancel()

        begin = loop.call_later(_SOON, lambda: watching.append(loop.create_task(watch())))
        try:
            return await work()
        finally:
            begin.cancel()
            for task in watching:
                task.cancel()
    return None
