"""How a process ends: told to by SIGTERM or SIGINT, with exit code 0 and without a word, however often it is told."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_INTERRUPTED: Final = 130
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def on_signals(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    """Has `handler` called for each signal that stops a process. Only the main thread may."""
    for number in SIGNALS:
        signal.signal(number, handler)


@contextmanager
def signals_held() -> Iterator[None]:
    """What is told inside the block is heard behind it, by the handlers of then."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def exit_at_once(number: int = 0, frame: FrameType | None = None) -> None:  # noqa: ARG001 - a handler
    """Ends the process with 0, whatever still runs. What is being written to a stream may not be flushed here."""
    os._exit(0)


def interruptible() -> None:
    """Has an interrupt end the process while it starts. A KeyboardInterrupt may be lost: in a finalizer, or where a
    library catches the cancellation that asyncio makes of it.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))


def finish_process() -> None:
    """What a process does last: a further signal changes nothing any more. A thread of a job that outlived the grace
    ends with it: Python would wait for the thread, however long it takes.
    """
    if threading.current_thread() is threading.main_thread():
        on_signals(signal.SIG_IGN)
    others = [t for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
    for thread in others:
        thread.join(timeout=0.2)
    if any(thread.is_alive() for thread in others):
        sys.stdout.flush()
        sys.stderr.flush()
        exit_at_once()
