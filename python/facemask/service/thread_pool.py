"""Blocking steps in a bounded number of threads, under deadlines that hold.

A thread cannot be stopped. Its caller can leave: a deadline around `ThreadPool.run` ends the wait in time, and the step
keeps its thread until it really ends. So steps that nobody waits for any more cannot pile up beyond the pool's size.
`anyio.to_thread.run_sync` gives one of the two only: by itself it lets a deadline pass without an error, and with
`abandon_on_cancel` it gives the limiter's token back while the thread still runs. The threads are anyio's all the same:
the one that was at work last gets the next step, and has its memory and caches warm.
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


class Holdable(Protocol):
    """What is given back by its holder, unless somebody else keeps it: a slot in the queue."""

    def keep(self) -> None: ...
    def release(self) -> None: ...


class ThreadPool:
    """At most `size` steps run at once; the others wait in the order in which they came."""

    def __init__(self, size: int) -> None:
        self._running = anyio.CapacityLimiter(size)
        # anyio counts nothing: its limiters send every caller once around the event loop.
        self._threads: Any = nullcontext()

    async def run(self, step: Callable[[], T], holds: Holdable | None = None) -> T:
        """What `step` returns or raises, called in a thread with the caller's context variables.

        Who is cancelled meanwhile leaves at once: a step that has not begun is forgotten, one that has begun goes on.
        Then what the step `holds` is kept, and released on the event loop when the thread has really ended.
        """
        run = _Run(step, self._running, holds)
        try:
            self._running.acquire_on_behalf_of_nowait(run)
        except anyio.WouldBlock:
            await self._running.acquire_on_behalf_of(run)
        try:
            result = await anyio.to_thread.run_sync(run, abandon_on_cancel=True, limiter=self._threads)
            return cast("T", result)
        except asyncio.CancelledError:
            run.abandon()
            raise
        finally:
            if not run.is_abandoned:
                self._running.release_on_behalf_of(run)


class _Run:
    """One step in its thread. Whichever is last, thread or caller, gives back what the step took."""

    def __init__(self, step: Callable[[], object], running: anyio.CapacityLimiter, holds: Holdable | None) -> None:
        self._step = step
        self._running = running
        self._holds = holds
        self._loop = asyncio.get_running_loop()
        self._lock = Lock()
        self._has_begun = self._has_ended = self._is_forgotten = False
        self.is_abandoned = False

    def __call__(self) -> object:
        """Runs in the thread."""
        with self._lock:
            self._has_begun = True
            if self._is_forgotten:
                return None
        try:
            return self._step()
        finally:
            with self._lock:
                self._has_ended = True
            if self.is_abandoned:
                with suppress(RuntimeError):  # the loop is closed, and nobody counts any more
                    self._loop.call_soon_threadsafe(self._release)

    def abandon(self) -> None:
        """The caller has left; if the thread still runs, it is the one that gives back."""
        with self._lock:
            self._is_forgotten = not self._has_begun
            self.is_abandoned = self._has_begun and not self._has_ended
        if self.is_abandoned and self._holds is not None:
            self._holds.keep()

    def _release(self) -> None:
        self._running.release_on_behalf_of(self)
        if self._holds is not None:
            self._holds.release()
