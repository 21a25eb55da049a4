"""Blocking steps in a bounded number of threads, under deadlines that hold.

A thread cannot be stopped. Its caller can leave: a deadline around `ThreadPool.run` ends the wait in time, and the step
keeps its thread until it really ends. So steps that nobody waits for any more cannot pile up beyond the pool's size.
`anyio.to_thread.run_sync` gives one of the two only: by itself it lets a deadline pass without an error, and with
`abandon_on_cancel` it gives the limiter's token back while the thread still runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Protocol, TypeVar, cast
from weakref import WeakSet

T = TypeVar("T")

_pools: WeakSet[ThreadPool] = WeakSet()


class Holdable(Protocol):
    """What is given back by its holder, unless somebody else keeps it: a slot in the queue."""

    def keep(self) -> None: ...
    def release(self) -> None: ...


class ThreadPool:
    """At most `size` steps run at once; the others wait in the order in which they came."""

    def __init__(self, size: int) -> None:
        self._executor = ThreadPoolExecutor(size, thread_name_prefix="facemask-worker")
        _pools.add(self)

    async def run(self, step: Callable[[], T], holds: Holdable | None = None) -> T:
        """What `step` returns or raises, called in a thread with the caller's context variables.

        Who is cancelled meanwhile leaves at once: a step that has not begun is forgotten, one that has begun goes on.
        Then what the step `holds` is kept, and released on the event loop when the thread has really ended.
        """
        loop = asyncio.get_running_loop()
        # Emptied when the step is cancelled: an executor keeps what was cancelled until a thread is free, and a step
        # may hold the megabytes of a request.
        steps = [step]

        def call() -> T:
            return steps.pop()()

        def release(_: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop is closed, and nobody counts any more
                loop.call_soon_threadsafe(cast("Holdable", holds).release)

        future = self._executor.submit(copy_context().run, call)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if future.cancel():
                steps.clear()
            elif holds is not None:
                holds.keep()
                future.add_done_callback(release)
            raise

    def close(self) -> None:
        """Lets idle threads end and forgets what has not begun. A step that runs keeps its thread."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def close_thread_pools() -> None:
    """Closes every pool of this process, which is about to end."""
    for pool in list(_pools):
        pool.close()
