"""A map over an iterable in threads, with a bounded number of items between the input and the caller."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Final, Generic, TypeVar

_ItemT = TypeVar("_ItemT")
_ResultT = TypeVar("_ResultT")

# Items in flight for each worker: enough that a slow item does not leave the others without work.
WINDOW_PER_WORKER: Final = 4


def usable_cpus() -> int:
    """Return the number of CPUs that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def map_in_threads(
    function: Callable[[_ItemT], _ResultT], items: Iterable[_ItemT], *, workers: int, window: int, ordered: bool
) -> Iterator[_ResultT]:
    """Call a function for every item in threads, and yield what it returns.

    The caller's thread reads the items, so any iterable does. At most `window` items are read and not yet yielded. One
    worker is the caller's thread itself.

    Closing the iterator, also by an exception or by leaving a loop, cancels what has not started, and returns when the
    running calls have. An error of the iterable is raised after the results of the items before it.

    Args:
        function: called in a thread.
        items: the items.
        workers: number of threads, at least 1.
        window: at least `workers`.
        ordered: whether results are in the order of the items; else as they are ready.

    """
    if workers == 1:
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="facemask-batch")
    in_flight: _InOrder[_ResultT] | _AsReady[_ResultT] = _InOrder() if ordered else _AsReady()
    failure: Exception | None = None
    try:
        source = iter(items)
        while True:
            try:
                item = next(source)
            except StopIteration:
                break
            except Exception as error:  # noqa: BLE001 - the results of the items before it come first
                failure = error
                break
            in_flight.add(pool.submit(function, item))
            while in_flight.count >= window or in_flight.has_ready():
                yield in_flight.take()
        while in_flight.count:
            yield in_flight.take()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    if failure is not None:
        raise failure


class _InOrder(Generic[_ResultT]):
    """Calls in flight, taken in the order in which they were added."""

    def __init__(self) -> None:
        self._futures: deque[Future[_ResultT]] = deque()

    @property
    def count(self) -> int:
        return len(self._futures)

    def add(self, future: Future[_ResultT]) -> None:
        self._futures.append(future)

    def has_ready(self) -> bool:
        """Whether `take` would return at once."""
        return bool(self._futures) and self._futures[0].done()

    def take(self) -> _ResultT:
        """Wait for a call and return its result. Raises what the call raised."""
        return self._futures.popleft().result()


class _AsReady(Generic[_ResultT]):
    """Calls in flight, taken in the order in which they end."""

    def __init__(self) -> None:
        self._ready: SimpleQueue[Future[_ResultT]] = SimpleQueue()
        self.count = 0

    def add(self, future: Future[_ResultT]) -> None:
        self.count += 1
        future.add_done_callback(self._ready.put)

    def has_ready(self) -> bool:
        """Whether `take` would return at once."""
        return not self._ready.empty()

    def take(self) -> _ResultT:
        """Wait for a call and return its result. Raises what the call raised."""
        self.count -= 1
        return self._ready.get().result()
