"""Blocking calls in a bounded number of threads, under deadlines that hold.

A thread cannot be stopped, but its caller can leave: a deadline around `ThreadPool.run` ends the wait in time, and the
call occupies its thread until it really ends. Abandoned calls therefore cannot exceed the pool's size.

`anyio.to_thread.run_sync` offers only one of the two. By default it ignores the deadline; with `abandon_on_cancel` it
returns the limiter's token while the thread still runs. The threads are anyio's nevertheless: the most recently used
one takes the next call, so its memory and caches are warm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext, suppress
from threading import Lock
from typing import Any, Protocol, TypeVar, cast

import anyio
import anyio.to_thread

T = TypeVar("T")


class Reservation(Protocol):
    """A reserved resource, such as a queue slot.

    Its holder releases it unless ownership was detached.
    """

    def detach(self) -> None: ...
    def release(self) -> None: ...


class ThreadPool:
    """Runs at most `size` calls at once; further ones wait in order of arrival."""

    def __init__(self, size: int) -> None:
        self._limiter = anyio.CapacityLimiter(size)
        # anyio counts nothing: its limiters cost every caller one more turn of the event loop.
        self._uncounted: Any = nullcontext()

    async def run(self, function: Callable[[], T], reservation: Reservation | None = None) -> T:
        """Call `function` in a thread, with the caller's context variables.

        A cancelled caller leaves at once. A call that has not started is dropped; one that has started goes on, and its
        `reservation` is detached and then released on the event loop when the thread has ended.
        """
        call = _ThreadCall(function, self._limiter, reservation)
        try:
            self._limiter.acquire_on_behalf_of_nowait(call)
        except anyio.WouldBlock:
            await self._limiter.acquire_on_behalf_of(call)
        try:
            result = await anyio.to_thread.run_sync(call, abandon_on_cancel=True, limiter=self._uncounted)
            return cast("T", result)
        except asyncio.CancelledError:
            call.abandon()
            raise
        finally:
            if not call.is_abandoned:
                self._limiter.release_on_behalf_of(call)


class _ThreadCall:
    """One call in its thread.

    Thread or caller, whichever is last, releases the resources.
    """

    def __init__(
        self, function: Callable[[], object], limiter: anyio.CapacityLimiter, reservation: Reservation | None
    ) -> None:
        self._function = function
        self._limiter = limiter
        self._reservation = reservation
        self._loop = asyncio.get_running_loop()
        self._lock = Lock()
        self._has_started = self._has_ended = self._is_dropped = False
        self.is_abandoned = False

    def __call__(self) -> object:
        """Run in the thread."""
        with self._lock:
            self._has_started = True
            if self._is_dropped:
                return None
        try:
            return self._function()
        finally:
            with self._lock:
                self._has_ended = True
            if self.is_abandoned:
                with suppress(RuntimeError):  # the loop is closed, and nothing counts any more
                    self._loop.call_soon_threadsafe(self._release)

    def abandon(self) -> None:
        """Note that the caller has left.

        If the thread still runs, the thread releases the resources.
        """
        with self._lock:
            self._is_dropped = not self._has_started
            self.is_abandoned = self._has_started and not self._has_ended
        if self.is_abandoned and self._reservation is not None:
            self._reservation.detach()

    def _release(self) -> None:
        self._limiter.release_on_behalf_of(self)
        if self._reservation is not None:
            self._reservation.release()
