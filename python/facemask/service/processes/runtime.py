"""Process runtime: stop signals, exit, memory allocator, garbage collector.

SIGTERM and SIGINT end a process with exit code 0 and without output, however often they arrive.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_EXIT_INTERRUPTED: Final = 130
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h
_MMAP_BYTES = 4 * 2**20
_TRIM_BYTES = 16 * 2**20
_PROCESSORS_PER_ARENA = 4


def set_stop_handlers(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    """Set the handler of the stop signals. Only the main thread may call this."""
    for number in STOP_SIGNALS:
        signal.signal(number, handler)


@contextmanager
def stop_signals_blocked() -> Iterator[None]:
    """Block the stop signals inside the block.

    Pending ones are handled behind it, by the handlers set then.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def exit_at_once(number: int = 0, frame: FrameType | None = None) -> None:  # noqa: ARG001 - a signal handler
    """End the process with 0, whatever still runs. Streams are not flushed."""
    os._exit(0)


def exit_on_interrupt() -> None:
    """Let an interrupt end the process while it starts.

    A KeyboardInterrupt may be lost: in a finalizer, or where a library catches the cancellation that asyncio makes of
    it.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, lambda *_: os._exit(_EXIT_INTERRUPTED))


def exit_despite_stuck_threads() -> None:
    """End the process, even if a job's thread has outlived the grace.

    Further signals are ignored. Python would wait for that thread, however long it takes.
    """
    if threading.current_thread() is threading.main_thread():
        set_stop_handlers(signal.SIG_IGN)
    others = [t for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
    for thread in others:
        thread.join(timeout=0.2)
    if any(thread.is_alive() for thread in others):
        sys.stdout.flush()
        sys.stderr.flush()
        exit_at_once()


def tune_malloc() -> None:
    """Tune glibc's allocator for bodies of megabytes.

    By default glibc raises the size from which blocks are mapped, and so returned to the system, up to 32 MB as soon as
    such blocks were freed: it would retain the memory of photos that are gone. With that size fixed it returns
    everything else when 128 kB are free at the end of the heap. The pages of every body and label map would then be
    requested and zeroed again, a fifth of a job's time, so some megabytes may stay. glibc also gives each thread an
    arena, up to eight per processor, and each would retain these megabytes; here four processors share one. On two
    processors no thread was seen to wait for it. Environment variables such as `MALLOC_TRIM_THRESHOLD_` take
    precedence.
    """
    if sys.platform != "linux":
        return
    parameters = {
        "MALLOC_MMAP_THRESHOLD_": (_M_MMAP_THRESHOLD, _MMAP_BYTES),
        "MALLOC_TRIM_THRESHOLD_": (_M_TRIM_THRESHOLD, _TRIM_BYTES),
        "MALLOC_ARENA_MAX": (_M_ARENA_MAX, max(1, len(os.sched_getaffinity(0)) // _PROCESSORS_PER_ARENA)),
    }
    with suppress(AttributeError, OSError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        for name, (parameter, value) in parameters.items():
            if name not in os.environ:
                mallopt(parameter, value)


def freeze_gc() -> None:
    """Exclude the objects of the start from garbage collection, and enable the collector, which was off meanwhile.

    They live until the end, and each full collection over them blocks the event loop for some fifty milliseconds. They
    are not collected first: that takes a tenth of the start, for less than half a megabyte.
    """
    gc.freeze()
    gc.enable()
