"""Long polling: how long a request may wait, and noticing that its client has left."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import anyio
from litestar import Request

from facemask.service.jobs.job import Snapshot
from facemask.service.refusal import Refusal

T = TypeVar("T")

# Seconds that a request waits before anybody watches its client. Most jobs have ended by then, and to watch costs
# a tenth of what a request costs.
_SOON = 1.0


def patience(wait: float, longest: float) -> float:
    """Seconds to wait for `?wait=`: shortened to `longest`; not a number is refused."""
    if not math.isfinite(wait) or wait < 0:
        raise Refusal("validation_failed", "must be a number of seconds, 0 or more", "wait")
    return min(wait, longest)


async def waited(
    request: Request[Any, Any, Any], wait: Callable[[float], Awaitable[Snapshot | None]], seconds: float
) -> Snapshot | None:
    """The job, as soon as it has ended, after so many seconds, or when the client has left; `wait` waits at most as
    long as it is told.
    """
    snapshot = await wait(min(seconds, _SOON))
    if seconds <= _SOON or snapshot is None or snapshot.outcome:
        return snapshot
    return await while_connected(request, partial(wait, seconds - _SOON))


async def while_connected(request: Request[Any, Any, Any], work: Callable[[], Awaitable[T]]) -> T | None:
    """The result of `work` or its refusal, or None when the client leaves first (then nobody reads the answer).

    Litestar does not cancel a handler whose client has left, so somebody has to watch. The request's body
    must have been read: what `receive` still tells is only the end of the connection.
    """
    result: T | None = None
    refusal: Refusal | None = None
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            result = await work()
        except Refusal as error:  # the group would wrap it
            refusal = error
        group.cancel_scope.cancel()
    if refusal:
        raise refusal
    return result
